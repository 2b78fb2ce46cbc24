/** Beyond the free failures the next attempt waits 5 s, then twice as long each time, up to 15 min. A right password
 * clears `guesser` and `account`, but never `network`: who stuffs credentials has an account of their own. After
 * OWASP's "Authentication", "Credential Stuffing Prevention" and "Slow Down Online Guessing Attacks with Device
 * Cookies". */
export const limits = {
  /** An account as tried from one network. */
  guesser: { free: 5, forgivesOneEverySeconds: null },
  /** An account as tried from networks that its owner was never seen in: it delays only those strangers. */
  account: { free: 20, forgivesOneEverySeconds: null },
  /** All that fails from one network, whatever the account; it does not delay accounts that were seen there before. */
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
