import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

export type Purpose = 'email' | 'password'

/** Replaces the account's token for this purpose. */
export const replaceToken = async (
  trx: Trx,
  token: { userId: string; purpose: Purpose; tokenHash: string; email: string; expiresAt: Date },
  now: Date,
) => {
  const values = {
    token_hash: token.tokenHash,
    email: token.email,
    created_at: now,
    expires_at: token.expiresAt,
  }
  await trx
    .insertInto('one_time_tokens')
    .values({ user_id: token.userId, purpose: token.purpose, ...values })
    .onDuplicateKeyUpdate(values)
    .execute()
}

export const findToken = (db: Db, purpose: Purpose, tokenHash: string) =>
  db
    .selectFrom('one_time_tokens')
    .select(['user_id as userId', 'email', 'expires_at as expiresAt'])
    .where('token_hash', '=', tokenHash)
    .where('purpose', '=', purpose)
    .executeTakeFirst()

/** True where this call deleted the token: for one of two who use it at once. */
export const deleteToken = async (trx: Trx, tokenHash: string) => {
  const { numDeletedRows } = await trx
    .deleteFrom('one_time_tokens')
    .where('token_hash', '=', tokenHash)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export const deleteTokens = async (trx: Trx, userId: string, ...purposes: Purpose[]) => {
  await trx
    .deleteFrom('one_time_tokens')
    .where('user_id', '=', userId)
    .where('purpose', 'in', purposes)
    .execute()
}

export const findMailCount = (trx: Trx, userId: string, purpose: Purpose) =>
  trx
    .selectFrom('mail_counts')
    .select(['since', 'mails'])
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .executeTakeFirst()

export const recordMailCount = async (
  trx: Trx,
  userId: string,
  purpose: Purpose,
  count: { since: Date; mails: number },
) => {
  await trx
    .insertInto('mail_counts')
    .values({ user_id: userId, purpose, ...count })
    .onDuplicateKeyUpdate(count)
    .execute()
}

/** Counts a mail to a mailbox, starting over where the count is older than `since`; returns it, locked. */
export const addToMailbox = async (
  trx: Trx,
  emailHash: string,
  { now, since }: { now: Date; since: Date },
) => {
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

const BATCH = 500

/** Deletes a batch of expired tokens and old counts; false once nothing is left. */
export const deleteStaleTokens = async (db: Db, before: { expiry: Date; mails: Date }): Promise<boolean> => {
  const deletions = [
    db.deleteFrom('one_time_tokens').where('expires_at', '<', before.expiry),
    db.deleteFrom('mail_counts').where('since', '<', before.mails),
    db.deleteFrom('mailbox_counts').where('since', '<', before.mails),
  ]
  let more = false
  for (const deletion of deletions) {
    const { numDeletedRows } = await deletion.limit(BATCH).executeTakeFirst()
    more ||= numDeletedRows >= BigInt(BATCH)
  }
  return more
}
