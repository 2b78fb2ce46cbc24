import { Problem } from '../problems.ts'
import type { Range } from './queries.ts'

const DAY_MS = 86_400_000
const DEFAULT_DAYS = 30
const MAX_DAYS = 366

const refuse = (path: string, message: string): never => {
  throw new Problem('unprocessable', `The report's range does not make sense: ${path} ${message}.`, {
    errors: [{ path, message }],
  })
}

/** An instant, or a day in place of its first moment. */
const instantFrom = (path: string, text: string): Date => {
  const instant = new Date(text.length === 10 ? `${text}T00:00:00Z` : text)
  const isDate = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text.slice(0, 10))
  return isDate ? instant : refuse(path, 'is not a date')
}

/** The range of a report: by default the 30 days until now; what is later than now has not happened yet. */
export const rangeFrom = (
  { from, to }: { from?: string | undefined; to?: string | undefined },
  now: Date,
): Range => {
  const wanted = to === undefined ? now : instantFrom('to', to)
  const end = wanted > now ? now : wanted
  const start =
    from === undefined ? new Date(end.getTime() - DEFAULT_DAYS * DAY_MS) : instantFrom('from', from)
  if (start >= end) return refuse('from', 'must be before the end of the range, and in the past')
  if (end.getTime() - start.getTime() > MAX_DAYS * DAY_MS)
    return refuse('from', `is more than ${MAX_DAYS} days before the end of the range`)
  return { from: start, to: end }
}

/** A range cut at the first of each month, UTC. */
export const monthsOf = ({ from, to }: Range): Range[] => {
  const months: Range[] = []
  for (let start = from; start < to;) {
    const next = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1))
    const end = next < to ? next : to
    months.push({ from: start, to: end })
    start = end
  }
  return months
}
