import { sql } from 'kysely'
import { parseJson } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import type { Mail } from '../mails/mail.ts'

/** From now on nothing is stored for this person; the row's lock excludes a transaction that is about to. */
export const markErased = (trx: Trx, userId: string, now: Date) =>
  trx
    .insertInto('recipients')
    .values({ user_id: userId, erased_at: now })
    .onDuplicateKeyUpdate({ erased_at: sql`coalesce(erased_at, values(erased_at))` })
    .execute()

/** Deletes what was sent, or was to be sent, to this person, with the captured copies; returns how many. */
export const deleteMessages = async (trx: Trx, userId: string) => {
  const result = await trx.deleteFrom('messages').where('user_id', '=', userId).executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** A person's messages, oldest first, from the one after `after`. */
export const listMessages = async (
  db: Db,
  userId: string,
  { after, limit }: { after: string; limit: number },
) => {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'recipient', 'data', 'state', 'created_at as createdAt', 'sent_at as sentAt'])
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(({ data, ...row }) => ({ ...row, mail: (parseJson(data) as { mail: Mail }).mail }))
}
