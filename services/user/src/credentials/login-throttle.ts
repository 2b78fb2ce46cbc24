import { networkOf } from '@storewright/runtime/networks'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivityIfAccountExists } from '../audit-log/audit-log.ts'
import type { Db, Trx } from '../database.ts'
import { hashSecret } from '../secrets.ts'
import { addFailure, FORGET_FAILURES_AFTER_SECONDS, secondsLocked, type Scope } from './lockout.ts'
import {
  deleteFailures,
  deleteFailuresOfAccount,
  deleteKnownNetworks,
  deleteStaleThrottling,
  findKnownNetwork,
  listLocks,
  lockFailures,
  openFailures,
  updateFailures,
  upsertKnownNetwork,
} from './login-throttle-queries.ts'

/** A password to be checked: which counts its failure adds to, and whether it comes from a network of the owner's. */
export interface LoginAttempt {
  scopes: Record<Scope, string>
  trusted: boolean
}

const accountHashOf = (email: string) => hashSecret(`account|${email}`)
// With the account in it: the table does not reveal who shares a network.
const networkHashOf = (userId: string, { address }: Origin) => hashSecret(`${userId}|${networkOf(address)}`)

const scopesOf = (email: string, { address }: Origin): Record<Scope, string> => {
  const network = networkOf(address)
  return {
    guesser: hashSecret(`guesser|${network}|${email}`),
    account: accountHashOf(email),
    network: hashSecret(`network|${network}`),
  }
}

/** Failures of strangers do not delay an attempt from a trusted network. */
const delayingScopes = ({ trusted }: LoginAttempt): Scope[] =>
  trusted ? ['guesser'] : ['guesser', 'account', 'network']

const longestWait = (
  attempt: LoginAttempt,
  locks: { scopeHash: string; lockedUntil: Date | null }[],
  now: Date,
): number => {
  const delaying = new Set(delayingScopes(attempt).map((scope) => attempt.scopes[scope]))
  const waits = locks
    .filter(({ scopeHash }) => delaying.has(scopeHash))
    .map(({ lockedUntil }) => secondsLocked(lockedUntil, now))
  return Math.max(0, ...waits)
}

/** The attempt and the seconds until it is allowed. Same queries without an account, so that time reveals nothing. */
export const checkThrottle = async (
  db: Db,
  { email, userId, origin }: { email: string; userId: string | undefined; origin: Origin },
  now: Date,
): Promise<{ attempt: LoginAttempt; seconds: number }> => {
  const scopes = scopesOf(email, origin)
  const [network, locks] = await Promise.all([
    findKnownNetwork(db, userId ?? '', networkHashOf(userId ?? '', origin)),
    listLocks(db, Object.values(scopes)),
  ])
  const attempt = { scopes, trusted: network !== undefined }
  return { attempt, seconds: longestWait(attempt, locks, now) }
}

/** Counts a failure; `locked` where concurrent attempts used up what was free, so that this one does not count. */
const countFailure = async (
  trx: Trx,
  attempt: LoginAttempt,
  now: Date,
): Promise<{ locked: boolean; seconds: number }> => {
  const { guesser, account, network } = attempt.scopes
  // Mistakes in a trusted network must not slow the owner down elsewhere.
  const scopes: Scope[] = attempt.trusted ? ['guesser', 'network'] : ['guesser', 'account', 'network']
  await openFailures(
    trx,
    [
      { scopeHash: guesser, accountHash: account },
      { scopeHash: account, accountHash: account },
      { scopeHash: network, accountHash: null },
    ].filter(({ scopeHash }) => scopes.some((scope) => attempt.scopes[scope] === scopeHash)),
    now,
  )
  const rows = await lockFailures(
    trx,
    scopes.map((scope) => attempt.scopes[scope]),
  )
  const remaining = longestWait(attempt, rows, now)
  if (remaining > 0) return { locked: true, seconds: remaining }

  const after = []
  for (const scope of scopes) {
    const row = rows.find(({ scopeHash }) => scopeHash === attempt.scopes[scope])
    if (!row) continue
    const { failures, lockedUntil } = addFailure(row, scope, now)
    await updateFailures(trx, row.scopeHash, { failures, lockedUntil }, now)
    after.push({ scopeHash: row.scopeHash, lockedUntil })
  }
  return { locked: false, seconds: longestWait(attempt, after, now) }
}

/** Counts a wrong password, and records it on the account's timeline if there is an account. */
export const recordFailure = async (
  trx: Trx,
  { attempt, userId, origin }: { attempt: LoginAttempt; userId: string | undefined; origin: Origin },
  now: Date,
): Promise<{ outcome: 'refused' } | { outcome: 'locked'; seconds: number }> => {
  const { locked, seconds } = await countFailure(trx, attempt, now)
  if (locked) return { outcome: 'locked', seconds }
  // One entry for each attempt that was not locked out, so that a storm of them writes a handful.
  const entry = seconds > 0 ? { type: 'log-in-locked' as const, details: { seconds } } : undefined
  await recordActivityIfAccountExists(trx, { userId, origin, type: 'log-in-failed', ...entry }, now)
  return { outcome: 'refused' }
}

/** The seconds that a right password has to wait because concurrent attempts used up what was free. */
export const recheckThrottle = async (trx: Trx, attempt: LoginAttempt, now: Date): Promise<number> => {
  // Not the network's row, even where it counts: all who log in from behind one address would queue up for it.
  const { guesser, account } = attempt.scopes
  return longestWait(attempt, await lockFailures(trx, [guesser, account]), now)
}

/** After a right password: clears its owner's failures and trusts their network. */
export const recordSuccess = async (
  trx: Trx,
  { attempt, userId, origin }: { attempt: LoginAttempt; userId: string; origin: Origin },
  now: Date,
) => {
  await deleteFailures(trx, [attempt.scopes.guesser, attempt.scopes.account])
  await trustNetwork(trx, { userId, origin }, now)
}

export const trustNetwork = (trx: Trx, { userId, origin }: { userId: string; origin: Origin }, now: Date) =>
  upsertKnownNetwork(trx, userId, networkHashOf(userId, origin), now)

/** Trusts this network and no other: one seen before may have been a thief's. */
export const trustOnlyNetwork = async (
  trx: Trx,
  { userId, origin }: { userId: string; origin: Origin },
  now: Date,
) => {
  await deleteKnownNetworks(trx, userId)
  await trustNetwork(trx, { userId, origin }, now)
}

/** Opens all locks of an account, whoever caused them. */
export const clearFailures = (trx: Trx, email: string) => deleteFailuresOfAccount(trx, accountHashOf(email))

const FORGET_NETWORKS_AFTER_SECONDS = 90 * 24 * 60 * 60

/** Removes failures and networks that no longer count. */
export const deleteOldThrottling = async (db: Db, now: Date) => {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
  const before = { failure: ago(FORGET_FAILURES_AFTER_SECONDS), network: ago(FORGET_NETWORKS_AFTER_SECONDS) }
  while (await deleteStaleThrottling(db, before));
}
