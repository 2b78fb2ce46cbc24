import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'
import type { ColumnType, Generated, Kysely, Transaction } from 'kysely'

export interface Database {
  users: {
    id: string
    /** Normalised; `<id>@erased.invalid` once the person was erased. */
    email: string
    name: string | null
    /** bcrypt; empty once the person was erased, which no password matches. */
    password_hash: string
    created_at: Date
    status: Generated<'active' | 'disabled' | 'erased'>
    email_verified_at: Generated<Date | null>
    /** The address that the account will have once its mailbox was proved. */
    pending_email: Generated<string | null>
    /** One more with each change; the ETag. */
    version: Generated<number>
    /** Whether its orders cost no tax. */
    tax_exempt: ColumnType<number, boolean | undefined, boolean>
    /** When what the account may do was changed last. */
    roles_changed_at: Generated<Date | null>
  }
  user_roles: { user_id: string; role: string }
  sessions: {
    id: string
    user_id: string
    created_at: Date
    last_used_at: Date
    expires_at: Date
    revoked_at: Date | null
    /** Where it was last used from. */
    address: string | null
    device: string | null
  }
  refresh_tokens: {
    token_hash: string
    session_id: string
    created_at: Date
    spent_at: Date | null
    /** With the spent token itself it gives the next one again. */
    successor_salt: string | null
  }
  one_time_tokens: {
    user_id: string
    purpose: 'email' | 'password'
    token_hash: string
    /** The mailbox it went to. */
    email: string
    created_at: Date
    expires_at: Date
  }
  known_networks: { user_id: string; network_hash: string; seen_at: Date }
  reset_requests: {
    email_hash: string
    email: string
    asked_at: Date
    address: string | null
    device: string | null
  }
  mail_counts: { user_id: string; purpose: 'email' | 'password'; since: Date; mails: number }
  mailbox_counts: { email_hash: string; since: Date; mails: number }
  login_failures: {
    /** Of the account, of the network, or of both. */
    scope_hash: string
    /** Null where the scope is a network. */
    account_hash: string | null
    failures: number
    last_failed_at: Date
    locked_until: Date | null
  }
  activity: {
    id: string
    user_id: string
    type: string
    at: Date
    by_user_id: string | null
    address: string | null
    device: string | null
    /** JSON text; arrives parsed from MySQL and as text from MariaDB. */
    details: string | null
  }
  addresses: {
    id: string
    user_id: string
    label: string | null
    name: string
    company: string | null
    line1: string
    line2: string | null
    city: string
    region: string | null
    /** In the form of its country; empty where that has none. */
    postal_code: string
    /** ISO 3166-1 alpha-2. */
    country: string
    phone: string | null
    /** The owner's id where this is the default, else null. */
    default_shipping_of: string | null
    default_billing_of: string | null
    version: Generated<number>
    created_at: Date
    updated_at: Date
  }
  preferences: {
    user_id: string
    locale: string | null
    currency: string | null
    marketing_consent: ColumnType<number, boolean, boolean>
    marketing_consent_at: Date | null
    tracking_consent: ColumnType<number, boolean, boolean>
    tracking_consent_at: Date | null
    /** JSON text; arrives parsed from MySQL and as text from MariaDB. */
    notification_channels: ColumnType<unknown, string, string>
    custom: ColumnType<unknown, string, string>
    version: number
    updated_at: Date
  }
  consents: {
    id: string
    user_id: string
    purpose: 'marketing' | 'tracking'
    given: ColumnType<number, boolean, boolean>
    at: Date
  }
  erasures: {
    id: string
    user_id: string
    requested_by: 'owner' | 'staff'
    requested_at: Date
    completed_at: Date | null
  }
  erasure_receipts: {
    erasure_id: string
    service: string
    records: number | null
    erased_at: Date | null
  }
  api_keys: {
    id: string
    name: string
    secret_hash: string
    /** JSON text; arrives parsed from MySQL and as text from MariaDB. */
    permissions: ColumnType<unknown, string, string>
    created_by: string
    created_at: Date
    expires_at: Date
    /** Kept to the minute. */
    last_used_at: Date | null
    revoked_at: Date | null
  }
  signing_keys: {
    kid: string
    alg: string
    /** JSON text; arrives parsed from MySQL and as text from MariaDB. */
    public_jwk: string
    private_jwk: string | null
    created_at: Date
    /** Published before, signs from here. */
    active_from: Date
    /** Published until here; null for keys in use. */
    expires_at: Date | null
  }
}

export type Db = Kysely<Database>
export type Trx = Transaction<Database>

/** A page of an account's rows in the order of their ids, after the one given. */
export interface RowsOf {
  userId: string
  after: string
  limit: number
}

interface Deletion {
  limit(rows: number): { executeTakeFirst(): Promise<{ numDeletedRows: bigint }> }
}

const BATCH = 500

/** Deletes up to 500 rows by each of these statements, so that none locks a table for long; false once nothing is left. */
export const deleteBatch = async (...deletions: Deletion[]): Promise<boolean> => {
  let more = false
  for (const deletion of deletions) {
    const { numDeletedRows } = await deletion.limit(BATCH).executeTakeFirst()
    more ||= numDeletedRows >= BigInt(BATCH)
  }
  return more
}

export const allMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations', import.meta.url))),
})
