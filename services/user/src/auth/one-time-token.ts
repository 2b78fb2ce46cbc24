import type { Db, Trx } from '../database.ts'
import { lockCredentials } from './queries.ts'
import { fingerprint, newSecret } from './secret.ts'
import {
  addToMailbox,
  deleteToken,
  findMailCount,
  findToken,
  recordMailCount,
  replaceToken,
  type Purpose,
} from './token-queries.ts'
import { Problem } from '../problems.ts'

const LIFE_SECONDS = { email: 24 * 60 * 60, password: 30 * 60 } as const satisfies Record<Purpose, number>

/** A secret for the mailbox of somebody's account; the one before it is dead. Only its hash is kept. */
export const issueToken = async (
  trx: Trx,
  { userId, purpose, email }: { userId: string; purpose: Purpose; email: string },
  now: Date,
): Promise<{ token: string; expiresAt: Date }> => {
  const token = newSecret()
  const expiresAt = new Date(now.getTime() + LIFE_SECONDS[purpose] * 1_000)
  await replaceToken(trx, { userId, purpose, tokenHash: fingerprint(token), email, expiresAt }, now)
  return { token, expiresAt }
}

/** One answer for all that can be wrong with a token: nobody learns that it ever was one. */
export const refuseToken = () => new Problem('invalid-one-time-token', 'Ask for a new one and use that.')

/** The token's account and mailbox while it is good; takes nothing. */
export const peekToken = async (db: Db, purpose: Purpose, token: string, now: Date) => {
  const found = await findToken(db, purpose, fingerprint(token))
  return found && found.expiresAt > now ? found : undefined
}

/** Uses a token up, once, and locks its account. */
export const redeemToken = async (trx: Trx, purpose: Purpose, token: string, now: Date) => {
  const found = await peekToken(trx, purpose, token, now)
  if (!found) throw refuseToken()
  const account = await lockCredentials(trx, found.userId)
  if (!account || !(await deleteToken(trx, fingerprint(token)))) throw refuseToken()
  return { userId: found.userId, email: found.email, account }
}

/**
 * Anybody may ask for resets, and each mail's token replaces the one before. So their count starts over no later than
 * the last token dies: there is always one that works, or another mail to be had, whatever strangers ask for.
 */
const MAILS = {
  email: { most: 5, windowSeconds: 60 * 60 },
  password: { most: 3, windowSeconds: LIFE_SECONDS.password },
} as const satisfies Record<Purpose, object>

/**
 * Counts a mail that somebody asks for; 0, or the seconds until the next is due: nobody's mailbox is to be flooded
 * through us. The caller holds the account's row.
 */
export const countMail = async (trx: Trx, userId: string, purpose: Purpose, now: Date): Promise<number> => {
  const before = await findMailCount(trx, userId, purpose)
  const age = before ? (now.getTime() - before.since.getTime()) / 1_000 : Infinity
  const { most, windowSeconds } = MAILS[purpose]
  const current = before && age < windowSeconds ? before : { since: now, mails: 0 }
  if (current.mails >= most) return Math.ceil(windowSeconds - age)
  await recordMailCount(trx, userId, purpose, { since: current.since, mails: current.mails + 1 })
  return 0
}

/**
 * The same for a mailbox that nobody has proved, from whichever accounts: whoever makes many of them must not have each
 * send a few. To be rolled back with the mail that it refuses.
 */
export const countMailTo = async (trx: Trx, email: string, now: Date): Promise<number> => {
  const { most, windowSeconds } = MAILS.email
  const since = new Date(now.getTime() - windowSeconds * 1_000)
  const count = await addToMailbox(trx, fingerprint(email), { now, since })
  return count.mails <= most ? 0 : Math.ceil((count.since.getTime() - since.getTime()) / 1_000)
}

/** How long a count of mails matters. */
export const FORGET_MAILS_AFTER_SECONDS = MAILS.email.windowSeconds
