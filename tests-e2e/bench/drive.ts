import { build } from 'hdr-histogram-js'

/** What one scenario did: how often, how fast. */
export type Result = {
  scenario: string
  unit: string
  perSecond: number
  count: number
  errors: number
  p50Ms: number
  p99Ms: number
}

/** Microseconds as milliseconds with two decimals. */
const inMs = (micros: number) => Math.round(micros / 10) / 100

/** Repeats `work` on so many workers at once for so long. Work that throws is an error and is not timed. */
export const drive = async (
  { scenario, unit, workers, seconds }: { scenario: string; unit: string; workers: number; seconds: number },
  work: (worker: number) => Promise<void>,
): Promise<Result> => {
  const histogram = build({ highestTrackableValue: 120_000_000, numberOfSignificantValueDigits: 3 })
  const began = performance.now()
  const deadline = began + seconds * 1_000
  let errors = 0
  let lastError: unknown
  const repeat = async (worker: number) => {
    while (performance.now() < deadline) {
      const started = performance.now()
      try {
        await work(worker)
        histogram.recordValue(Math.max(1, Math.round((performance.now() - started) * 1_000)))
      } catch (error) {
        errors += 1
        lastError = error
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => repeat(worker)))
  const elapsed = (performance.now() - began) / 1_000
  const count = histogram.totalCount
  if (count === 0) throw new Error(`${scenario}: nothing succeeded`, { cause: lastError })
  return {
    scenario,
    unit,
    perSecond: count / elapsed,
    count,
    errors,
    p50Ms: inMs(histogram.getValueAtPercentile(50)),
    p99Ms: inMs(histogram.getValueAtPercentile(99)),
  }
}
