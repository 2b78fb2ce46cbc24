import type { Origin } from '../activity/activity.ts'
import type { Db, Trx } from '../database.ts'
import {
  deleteFailures,
  deleteFailuresOfAccount,
  deleteKnownNetworks,
  findKnownNetwork,
  listLocks,
  lockFailures,
  openFailures,
  recordFailures,
  upsertKnownNetwork,
} from './failure-queries.ts'
import { addFailure, secondsLocked, type Scope } from './lockout.ts'
import { networkOf } from './network.ts'
import { fingerprint } from './secret.ts'

/** A password to be tried: at which account, from where, and what its failure counts for. */
export interface Guess {
  scopes: Record<Scope, string>
  /** Whether the account's owner was seen in this network before. */
  known: boolean
}

const accountHashOf = (email: string) => fingerprint(`account|${email}`)
// With the account in it: nobody can tell from the table who shares a network.
const networkHashOf = (userId: string, { address }: Origin) => fingerprint(`${userId}|${networkOf(address)}`)

const scopesOf = (email: string, { address }: Origin): Record<Scope, string> => {
  const network = networkOf(address)
  return {
    guesser: fingerprint(`guesser|${network}|${email}`),
    account: accountHashOf(email),
    network: fingerprint(`network|${network}`),
  }
}

/** What holds this guess up: where the owner is known, strangers' failures do not. */
const countedScopes = ({ known }: Guess): Scope[] => (known ? ['guesser'] : ['guesser', 'account', 'network'])

const longestWait = (
  guess: Guess,
  locks: { scopeHash: string; lockedUntil: Date | null }[],
  now: Date,
): number => {
  const counted = new Set(countedScopes(guess).map((scope) => guess.scopes[scope]))
  const waits = locks
    .filter(({ scopeHash }) => counted.has(scopeHash))
    .map(({ lockedUntil }) => secondsLocked(lockedUntil, now))
  return Math.max(0, ...waits)
}

/** A guess and the seconds until it may be made. Asks as much where there is no account: time must not tell. */
export const weighGuess = async (
  db: Db,
  { email, userId, origin }: { email: string; userId: string | undefined; origin: Origin },
  now: Date,
): Promise<{ guess: Guess; seconds: number }> => {
  const scopes = scopesOf(email, origin)
  const [network, locks] = await Promise.all([
    findKnownNetwork(db, userId ?? '', networkHashOf(userId ?? '', origin)),
    listLocks(db, Object.values(scopes)),
  ])
  const guess = { scopes, known: network !== undefined }
  return { guess, seconds: longestWait(guess, locks, now) }
}

/**
 * Counts a guess that was wrong. `locked` where others at the same time had used up what was free: then this one
 * learns nothing and counts for nothing. `seconds` is what the next one has to wait.
 */
export const countFailure = async (
  trx: Trx,
  guess: Guess,
  now: Date,
): Promise<{ locked: boolean; seconds: number }> => {
  const { guesser, account, network } = guess.scopes
  // An owner who mistypes at home must not slow down an account's throttle for themselves elsewhere.
  const scopes: Scope[] = guess.known ? ['guesser', 'network'] : ['guesser', 'account', 'network']
  await openFailures(
    trx,
    [
      { scopeHash: guesser, accountHash: account },
      { scopeHash: account, accountHash: account },
      { scopeHash: network, accountHash: null },
    ].filter(({ scopeHash }) => scopes.some((scope) => guess.scopes[scope] === scopeHash)),
    now,
  )
  const rows = await lockFailures(
    trx,
    scopes.map((scope) => guess.scopes[scope]),
  )
  const remaining = longestWait(guess, rows, now)
  if (remaining > 0) return { locked: true, seconds: remaining }

  const after = []
  for (const scope of scopes) {
    const row = rows.find(({ scopeHash }) => scopeHash === guess.scopes[scope])
    if (!row) continue
    const { failures, lockedUntil } = addFailure(row, scope, now)
    await recordFailures(trx, row.scopeHash, { failures, lockedUntil }, now)
    after.push({ scopeHash: row.scopeHash, lockedUntil })
  }
  return { locked: false, seconds: longestWait(guess, after, now) }
}

/** The seconds that a right guess has to wait all the same, because others at the same time used up what was free. */
export const waitForRightGuess = async (trx: Trx, guess: Guess, now: Date): Promise<number> => {
  // Not the network's row, even where it counts: all who log in from behind one address would queue up for it.
  const { guesser, account } = guess.scopes
  return longestWait(guess, await lockFailures(trx, [guesser, account]), now)
}

/** After a right password: its owner's failures are forgotten, and their network is known from now on. */
export const welcome = async (
  trx: Trx,
  { guess, userId, origin }: { guess: Guess; userId: string; origin: Origin },
  now: Date,
) => {
  await deleteFailures(trx, [guess.scopes.guesser, guess.scopes.account])
  await rememberNetwork(trx, { userId, origin }, now)
}

export const rememberNetwork = (
  trx: Trx,
  { userId, origin }: { userId: string; origin: Origin },
  now: Date,
) => upsertKnownNetwork(trx, userId, networkHashOf(userId, origin), now)

/** Knows the owner from this network only: another one, seen so far, may have been a thief's. */
export const knowOnly = async (
  trx: Trx,
  { userId, origin }: { userId: string; origin: Origin },
  now: Date,
) => {
  await deleteKnownNetworks(trx, userId)
  await rememberNetwork(trx, { userId, origin }, now)
}

/** Opens all locks of an account, whoever closed them. */
export const forgetFailuresOf = (trx: Trx, email: string) =>
  deleteFailuresOfAccount(trx, accountHashOf(email))
