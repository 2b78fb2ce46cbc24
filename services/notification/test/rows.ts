import { newId } from '@storewright/database'
import type { Db } from '../src/database.ts'

export const listMessages = (db: Db, userId: string) =>
  db.selectFrom('messages').selectAll().where('user_id', '=', userId).orderBy('id').execute()

/** How many mails the mailbox holds: of these people, or of all. */
export const countCaptured = async (db: Db, userIds?: readonly string[]) => {
  const rows = await db
    .selectFrom('captured_mails')
    .innerJoin('messages', 'messages.id', 'captured_mails.message_id')
    .select('messages.user_id')
    .$if(userIds !== undefined, (query) => query.where('messages.user_id', 'in', userIds ?? []))
    .execute()
  return rows.length
}

/** Puts so many mails of strangers into the mailbox. */
export const fillMailbox = async (db: Db, count: number) => {
  const now = new Date()
  const ids = Array.from({ length: count }, newId)
  await db
    .insertInto('messages')
    .values(
      ids.map((id) => ({
        id,
        cause_id: id,
        kind: 'password-changed',
        user_id: id,
        recipient: `${id}@example.com`,
        data: '{}',
        state: 'sent' as const,
        correlation_id: id,
        created_at: now,
      })),
    )
    .execute()
  await db
    .insertInto('captured_mails')
    .values(ids.map((id) => ({ message_id: id, subject: 's', text: 't', html: 'h', captured_at: now })))
    .execute()
}
