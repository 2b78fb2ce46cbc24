import { loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'
import type * as database from '@storewright/database'
import type { ColumnType, Generated } from 'kysely'

type Instant = ColumnType<Date, Date, Date>
type MaybeInstant = ColumnType<Date | null, Date | null | undefined, Date | null>

export type MessageState = 'queued' | 'sending' | 'sent' | 'failed' | 'expired'

export interface MessagesTable {
  id: string
  cause_id: string
  kind: string
  user_id: string
  recipient: string
  /** JSON: what the template needs, without the secret. */
  data: ColumnType<unknown, string, string>
  /** The token of the link, only until the message was sent or is no longer to be sent. */
  secret: ColumnType<string | null, string | null | undefined, string | null>
  state: MessageState
  attempts: Generated<number>
  due_at: MaybeInstant
  lease: ColumnType<string | null, string | null | undefined, string | null>
  expires_at: MaybeInstant
  error: ColumnType<string | null, string | null | undefined, string | null>
  correlation_id: string
  created_at: Instant
  sent_at: MaybeInstant
}

export interface RecipientsTable {
  user_id: string
  erased_at: MaybeInstant
}

export interface CapturedMailsTable {
  seq: Generated<number>
  message_id: string
  subject: string
  text: string
  html: string
  captured_at: Instant
}

export interface Database {
  messages: MessagesTable
  recipients: RecipientsTable
  captured_mails: CapturedMailsTable
}

export type Db = database.Db<Database>
export type Trx = database.Trx<Database>

export const allMigrations = async () => ({
  ...messagingMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
