const FREE_FAILURES = 5
const FIRST_LOCK_SECONDS = 5
const LONGEST_LOCK_SECONDS = 15 * 60

/** After this long without a failure the count starts over. */
export const FORGET_FAILURES_AFTER_SECONDS = 24 * 60 * 60

/** How long log-in stays locked after so many failures in a row: nothing for five, then doubling. */
const lockSecondsAfter = (failures: number) =>
  failures < FREE_FAILURES
    ? 0
    : Math.min(FIRST_LOCK_SECONDS * 2 ** Math.min(failures - FREE_FAILURES, 30), LONGEST_LOCK_SECONDS)

/** Whole seconds until the lock opens, 0 when it is open. */
export const secondsLocked = (lockedUntil: Date | null | undefined, now: Date) =>
  lockedUntil ? Math.max(0, Math.ceil((lockedUntil.getTime() - now.getTime()) / 1000)) : 0

export interface Failures {
  failures: number
  lastFailedAt: Date
  lockedUntil: Date | null
}

/** The failures after one more. */
export const addFailure = ({ failures, lastFailedAt }: Failures, now: Date) => {
  const forgotten = now.getTime() - lastFailedAt.getTime() > FORGET_FAILURES_AFTER_SECONDS * 1_000
  const count = forgotten ? 1 : failures + 1
  const seconds = lockSecondsAfter(count)
  return { failures: count, lockedUntil: seconds > 0 ? new Date(now.getTime() + seconds * 1_000) : null }
}
