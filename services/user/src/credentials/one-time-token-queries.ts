import { sql } from 'kysely'
import { deleteBatch, type Db, type Trx } from '../database.ts'

export type Purpose = 'email' | 'password'

export const replaceToken = async (
  trx: Trx,
  token: { userId: string; purpose: Purpose; tokenHash: string; email: string; expiresAt: Date },
  now: Date,
) => {
  const { userId, purpose, tokenHash, email, expiresAt } = token
  const values = { token_hash: tokenHash, email, created_at: now, expires_at: expiresAt }
  await trx
    .insertInto('one_time_tokens')
    .values({ user_id: userId, purpose, ...values })
    .onDuplicateKeyUpdate(values)
    .execute()
}

export const findToken = (db: Db, purpose: Purpose, tokenHash: string) =>
  db
    .selectFrom('one_time_tokens')
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .select(['user_id as userId', 'email', 'expires_at as expiresAt'])
    .executeTakeFirst()

/** True where this call deleted the token: for one of two who use it at once. */
export const deleteToken = async (trx: Trx, tokenHash: string) => {
  const token = trx.deleteFrom('one_time_tokens').where('token_hash', '=', tokenHash)
  return (await token.executeTakeFirst()).numDeletedRows > 0n
}

export const deleteTokens = async (trx: Trx, userId: string, ...purposes: Purpose[]) => {
  const ofAccount = trx.deleteFrom('one_time_tokens').where('user_id', '=', userId)
  await ofAccount.where('purpose', 'in', purposes).execute()
}

interface MailCount {
  since: Date
  mails: number
}

export const findMailCount = (trx: Trx, userId: string, purpose: Purpose): Promise<MailCount | undefined> => {
  const ofAccount = trx.selectFrom('mail_counts').where('user_id', '=', userId)
  return ofAccount.where('purpose', '=', purpose).select(['since', 'mails']).executeTakeFirst()
}

export const recordMailCount = async (trx: Trx, userId: string, purpose: Purpose, count: MailCount) => {
  await trx
    .insertInto('mail_counts')
    .values({ user_id: userId, purpose, ...count })
    .onDuplicateKeyUpdate(count)
    .execute()
}

/** Counts a mail to a mailbox, starting over where the count is older than `since`; returns it, locked. */
export const addToMailbox = async (trx: Trx, emailHash: string, now: Date, since: Date) => {
  await trx
    .insertInto('mailbox_counts')
    .values({ email_hash: emailHash, since: now, mails: 1 })
    .onDuplicateKeyUpdate({
      mails: sql`if(since <= ${since}, 1, mails + 1)`,
      since: sql`if(since <= ${since}, ${now}, since)`,
    })
    .execute()
  return trx
    .selectFrom('mailbox_counts')
    .select(['since', 'mails'])
    .where('email_hash', '=', emailHash)
    .executeTakeFirstOrThrow()
}

export const deleteStaleTokens = (db: Db, before: { expiry: Date; mails: Date }): Promise<boolean> =>
  deleteBatch(
    db.deleteFrom('one_time_tokens').where('expires_at', '<', before.expiry),
    db.deleteFrom('mail_counts').where('since', '<', before.mails),
    db.deleteFrom('mailbox_counts').where('since', '<', before.mails),
  )
