import { expect, it } from 'vitest'
import { turnsFrom } from './turnover.ts'

const at = (second: number) => new Date(Date.UTC(2026, 0, 31, 23, 59, second))
const periods = [
  { from: at(0), to: at(10) },
  { from: at(10), to: at(20) },
  { from: at(20), to: new Date(at(20).getTime() + 1) },
]
const NONE = { period: null, net: null, weighted: null, sold: null }

it('reckons the stock of each period back from what is on hand, also where nothing moved', async () => {
  async function* changes() {
    // 20 at first; 6 sold after 5 seconds; 4 taken away after the last period.
    const mug = { sku: 'MUG', onHand: 10 }
    yield { ...mug, period: 0, net: -6, weighted: -6 * 5_000_000, sold: 6 }
    yield { ...mug, period: 3, net: -4, weighted: 4, sold: 0 }
    yield { sku: 'VASE', onHand: 3, ...NONE }
  }
  const shown = []
  for await (const { sku, period, ...turn } of turnsFrom(changes(), periods))
    shown.push([sku, periods.indexOf(period), turn.sold, turn.opening, turn.closing, turn.average])
  expect(shown).toEqual([
    ['MUG', 0, 6, 20, 14, 17],
    ['MUG', 1, 0, 14, 14, 14],
    ['MUG', 2, 0, 14, 14, 14],
    ...[0, 1, 2].map((period) => ['VASE', period, 0, 3, 3, 3]),
  ])
})
