import type { Range, StockChange } from './queries.ts'

/** A SKU's stock over one period. */
interface StockTurn {
  sku: string
  period: Range
  sold: number
  /** On hand when the period began, and when it ended. */
  opening: number
  closing: number
  /** On hand by time: each change counts for the part of the period that it lasted. */
  average: number
}

/** From what is on hand now back to the first period: what was there before is what is there now without what moved since. */
const turnsOf = (sku: string, changes: readonly StockChange[], periods: readonly Range[]): StockTurn[] => {
  const byPeriod = new Map(changes.map((change) => [change.period, change]))
  let closing = (changes[0]?.onHand ?? 0) - (byPeriod.get(periods.length)?.net ?? 0)
  return periods
    .map((period, index) => ({ period, change: byPeriod.get(index) }))
    .toReversed()
    .map(({ period, change }) => {
      const opening = closing - (change?.net ?? 0)
      const microseconds = (period.to.getTime() - period.from.getTime()) * 1_000
      const average = opening + Number(change?.weighted ?? 0) / microseconds
      const turn = {
        sku,
        period,
        sold: change?.sold ?? 0,
        opening,
        closing,
        average: Number(average.toFixed(4)),
      }
      closing = opening
      return turn
    })
    .toReversed()
}

/** Of each SKU its periods in order; the changes come sorted by SKU. */
export async function* turnsFrom(
  changes: AsyncIterable<StockChange>,
  periods: readonly Range[],
): AsyncGenerator<StockTurn> {
  let some: StockChange[] = []
  for await (const change of changes) {
    const [first] = some
    if (first && first.sku !== change.sku) {
      yield* turnsOf(first.sku, some, periods)
      some = []
    }
    some.push(change)
  }
  if (some[0]) yield* turnsOf(some[0].sku, some, periods)
}
