import { lockAccount } from '../accounts/accounts.ts'
import type { Db, Trx } from '../database.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import {
  addToMailbox,
  deleteStaleTokens,
  deleteToken,
  findMailCount,
  findToken,
  type Purpose,
  recordMailCount,
  replaceToken,
} from './one-time-token-queries.ts'
import { Problem } from '../problems.ts'

export { deleteTokens } from './one-time-token-queries.ts'

const LIFE_SECONDS = { email: 24 * 60 * 60, password: 30 * 60 } as const satisfies Record<Purpose, number>

/** Issues a secret for an account's mailbox, of which only the hash is stored; the one before stops working. */
export const issueToken = async (
  trx: Trx,
  { userId, purpose, email }: { userId: string; purpose: Purpose; email: string },
  now: Date,
): Promise<{ token: string; expiresAt: Date }> => {
  const token = newSecret()
  const expiresAt = new Date(now.getTime() + LIFE_SECONDS[purpose] * 1_000)
  await replaceToken(trx, { userId, purpose, tokenHash: hashSecret(token), email, expiresAt }, now)
  return { token, expiresAt }
}

/** One answer for everything that can be wrong with a token, so that it does not reveal what was. */
export const invalidToken = () => new Problem('invalid-one-time-token', 'Ask for a new one and use that.')

/** The token's account and mailbox while it is valid; does not use it up. */
export const findValidToken = async (db: Db, purpose: Purpose, token: string, now: Date) => {
  const found = await findToken(db, purpose, hashSecret(token))
  return found && found.expiresAt > now ? found : undefined
}

/** Uses a token up, once, and locks its account. */
export const redeemToken = async (trx: Trx, purpose: Purpose, token: string, now: Date) => {
  const found = await findValidToken(trx, purpose, token, now)
  if (!found) throw invalidToken()
  const account = await lockAccount(trx, found.userId)
  if (!account || !(await deleteToken(trx, hashSecret(token)))) throw invalidToken()
  return { userId: found.userId, email: found.email, account }
}

// Anybody may request resets, and each token replaces the one before. The count starts over no later than the last
// token expires: there is always one that works, or another mail to be had, whatever strangers request.
const MAILS = {
  email: { max: 5, windowSeconds: 60 * 60 },
  password: { max: 3, windowSeconds: LIFE_SECONDS.password },
} as const satisfies Record<Purpose, object>

/** Counts a requested mail; returns 0, or the seconds until the next is allowed. The caller locks the account. */
export const countMail = async (trx: Trx, userId: string, purpose: Purpose, now: Date): Promise<number> => {
  const before = await findMailCount(trx, userId, purpose)
  const age = before ? (now.getTime() - before.since.getTime()) / 1_000 : Infinity
  const { max, windowSeconds } = MAILS[purpose]
  const current = before && age < windowSeconds ? before : { since: now, mails: 0 }
  if (current.mails >= max) return Math.ceil(windowSeconds - age)
  await recordMailCount(trx, userId, purpose, { since: current.since, mails: current.mails + 1 })
  return 0
}

/** The same for an unverified mailbox, over all accounts. To be rolled back with the mail that it refuses. */
export const countMailTo = async (trx: Trx, email: string, now: Date): Promise<number> => {
  const { max, windowSeconds } = MAILS.email
  const since = new Date(now.getTime() - windowSeconds * 1_000)
  const count = await addToMailbox(trx, hashSecret(email), now, since)
  return count.mails <= max ? 0 : Math.ceil((count.since.getTime() - since.getTime()) / 1_000)
}

const KEEP_TOKENS_FOR_SECONDS = 24 * 60 * 60

/** Removes expired tokens, and counts of mails that no longer matter. */
export const deleteOldTokens = async (db: Db, now: Date) => {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
  const before = { expiry: ago(KEEP_TOKENS_FOR_SECONDS), mails: ago(MAILS.email.windowSeconds) }
  while (await deleteStaleTokens(db, before));
}
