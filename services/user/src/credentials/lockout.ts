/**
 * Who is locked out after failed log-ins, and for how long. Failures are counted for three things:
 *
 * - `guesser`: an account as tried from one network. Five are free.
 * - `account`: an account as tried from networks that its owner was never seen in. Twenty are free, so that guesses
 *   from many addresses get slower too. It holds up strangers only: where the owner has logged in before, it does
 *   not count, and no number of strangers locks them out there.
 * - `network`: everything that fails from one network, whatever the account. Fifty are free and one a minute is
 *   forgiven: credential stuffing tries one password at many accounts, an office behind one address mistypes now and
 *   then. It does not hold up an account that was seen there before either.
 *
 * Beyond the free ones the next attempt waits 5 s, then twice as long each time, up to 15 min. Somebody whose owner's
 * place is new, or shared with whoever guesses, has a way in all the same: a password reset proves the mailbox,
 * forgets the account's failures and makes the place known, and only that one. A right password forgets those of `guesser` and
 * `account`, never those of `network`: who stuffs credentials has an account of their own to log in to in between.
 *
 * After OWASP's "Authentication" cheat sheet (count per account, grow, do not lock for good), "Credential Stuffing
 * Prevention" (count per address too) and "Slow Down Online Guessing Attacks with Device Cookies" (tell the owner's
 * clients from strangers'; the network stands for the cookie, which an API's clients may not keep). Addresses
 * without an account are counted the same way, so that a lock tells nothing.
 */
export const limits = {
  guesser: { free: 5, forgivesOneEverySeconds: null },
  account: { free: 20, forgivesOneEverySeconds: null },
  network: { free: 50, forgivesOneEverySeconds: 60 },
} as const satisfies Record<string, Limit>

export interface Limit {
  free: number
  /** How fast failures are forgiven one by one; null: only all at once, after a day without any. */
  forgivesOneEverySeconds: number | null
}

export type Scope = keyof typeof limits

const FIRST_LOCK_SECONDS = 5
const MAX_LOCK_SECONDS = 15 * 60

/** After this long without a failure the count starts over. */
export const FORGET_FAILURES_AFTER_SECONDS = 24 * 60 * 60

const lockSecondsAfter = (failures: number, { free }: Limit) =>
  failures < free ? 0 : Math.min(FIRST_LOCK_SECONDS * 2 ** Math.min(failures - free, 30), MAX_LOCK_SECONDS)

/** Whole seconds until the lock opens, 0 when it is open. */
export const secondsLocked = (lockedUntil: Date | null | undefined, now: Date) =>
  lockedUntil ? Math.max(0, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1000)) : 0

export interface Failures {
  failures: number
  lastFailedAt: Date
  lockedUntil: Date | null
}

/** The failures after one more. */
export const addFailure = ({ failures, lastFailedAt }: Failures, scope: Scope, now: Date) => {
  const limit: Limit = limits[scope]
  const quietSeconds = Math.max(0, (now.getTime() - lastFailedAt.getTime()) / 1_000)
  const forgiven =
    quietSeconds > FORGET_FAILURES_AFTER_SECONDS
      ? failures
      : limit.forgivesOneEverySeconds === null
        ? 0
        : Math.floor(quietSeconds / limit.forgivesOneEverySeconds)
  const count = Math.max(0, failures - forgiven) + 1
  const seconds = lockSecondsAfter(count, limit)
  return { failures: count, lockedUntil: seconds > 0 ? new Date(now.getTime() + seconds * 1_000) : null }
}
