import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const PRODUCTS = 200
const HOT = 5
const ROUNDS = 3
const READERS = 8

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => shop.close())

it('shows no price a second after it was replaced, while 200 prices a second change', async () => {
  const run = randomUUID().slice(0, 8)
  const skus = Array.from({ length: PRODUCTS }, (_, at) => `fresh-${run}-${at}`)
  /** When the shop had confirmed all prices of a round; those of round 3 are 13.00. */
  const confirmed: number[] = []
  const setPrices = async (round: number) => {
    const rows = skus.map((sku) => `${sku},${sku},${10 + round}.00,GBP\n`)
    const report = await shop.importProducts(keeper.token, {
      type: 'text/csv',
      content: `sku,name,price,currency\n${rows.join('')}`,
    })
    expect(report).toMatchObject({ rejectedCount: 0, unchanged: 0 })
    confirmed.push(performance.now())
  }
  await setPrices(0)

  let reading = true
  const sources = { hit: 0, shared: 0, miss: 0 }
  const stale: string[] = []
  const read = async (reader: number) => {
    for (let turn = reader; reading; turn += 1) {
      const asked = performance.now()
      const response = await fetch(`${underTest.gatewayUrl}/v1/products/${skus[turn % HOT]}`)
      const { price } = (await response.json()) as { price: { amount: number } }
      const source = /desc=(hit|shared|miss)/.exec(response.headers.get('server-timing') ?? '')?.[1]
      sources[source as keyof typeof sources] += 1
      const shown = price.amount / 100 - 10
      const least = confirmed.findLastIndex((at) => at <= asked - 1_000)
      if (shown < least) stale.push(`${source}: round ${shown} where ${least} was confirmed a second before`)
    }
  }
  const readers = Array.from({ length: READERS }, (_, reader) => read(reader))
  for (let round = 1; round <= ROUNDS; round += 1) await Promise.all([setPrices(round), pause(1_000)])
  // Two of the readers' seconds more, in which the last prices have to appear.
  await expect.poll(async () => (await shop.product(skus[0]!)).price?.amount).toBe((10 + ROUNDS) * 100)
  await pause(1_000)
  reading = false
  await Promise.all(readers)

  expect(stale).toEqual([])
  expect(sources.hit).toBeGreaterThan(sources.miss + sources.shared)
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
