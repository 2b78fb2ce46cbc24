const WINDOW_MS = 30 * 24 * 3600 * 1000

/** While what customers were asked for one unit stayed the same; `until` is `STILL_ASKED` where it does. */
export interface SalePeriod {
  amount: number
  from: Date
  until: Date
}

export const STILL_ASKED = new Date('9999-12-31T00:00:00Z')

export const windowStart = (at: Date) => new Date(at.getTime() - WINDOW_MS)

/** The lowest amount asked during the 30 days before `at`, when `amount` begins to be asked: the prior price of
 * Directive 98/6/EC, article 6a. What was never on sale does not count; where nothing was, it is `amount` itself. */
export const lowestPrice30Days = (periods: SalePeriod[], amount: number, at: Date): number => {
  const start = windowStart(at)
  const asked = periods.flatMap((period) => (period.from < at && period.until > start ? [period.amount] : []))
  return asked.length > 0 ? Math.min(...asked) : amount
}
