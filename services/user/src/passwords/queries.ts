import type { Origin } from '../audit-log/activity.ts'
import type { Db, Trx } from '../database.ts'

/** One statement, the same for every address. */
export const insertResetRequest = async (
  db: Db,
  { email, emailHash, origin }: { email: string; emailHash: string; origin: Origin },
  now: Date,
) => {
  await db
    .insertInto('reset_requests')
    .values({ email_hash: emailHash, email, asked_at: now, ...origin })
    .onDuplicateKeyUpdate({ asked_at: now, ...origin })
    .execute()
}

/** Takes the oldest request away; those that another replica has in hand are skipped. */
export const takeResetRequest = async (trx: Trx) => {
  const request = await trx
    .selectFrom('reset_requests')
    .select(['email_hash as emailHash', 'email', 'address', 'device'])
    .orderBy('asked_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (request) await deleteResetRequest(trx, request.emailHash)
  return request
}

export const deleteResetRequest = async (db: Db | Trx, emailHash: string) => {
  await db.deleteFrom('reset_requests').where('email_hash', '=', emailHash).execute()
}
