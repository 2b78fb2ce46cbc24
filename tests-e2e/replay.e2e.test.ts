import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Schema } from '@storewright/client'
import type { ReplayReport } from '@storewright/replay'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { plainStock, readPlainly, retailFile } from './support/plain-retail.ts'
import { runScript } from './support/run-script.ts'
import { openShopkeeper, visit } from './support/shopper.ts'

const ORDERS = 400

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl, { retryForMs: 30_000 })
const file = retailFile()
const plain = readPlainly(file)
const skus = [...plain.prices.keys()]

let report: ReplayReport
let orders: Map<string, Schema<'Order'>>
let before: Map<string, Schema<'Stock'>>
let after: Map<string, Schema<'Stock'>>

const inChunks = async <In, Out>(all: In[], size: number, work: (chunk: In[]) => Promise<Out[]>) => {
  const found: Out[] = []
  for (let at = 0; at < all.length; at += size) found.push(...(await work(all.slice(at, at + size))))
  return found
}
const readStock = async (token: string) =>
  new Map((await inChunks(skus, 100, (some) => shop.stockOf(some, token))).map((stock) => [stock.sku, stock]))

beforeAll(async () => {
  const keeper = await openShopkeeper(shop, underTest.admin)
  before = await readStock(keeper.token)

  const folder = await mkdtemp(join(tmpdir(), 'replay-'))
  const json = join(folder, 'report.json')
  const { code, stderr } = await runScript(
    'packages/replay/src/main.ts',
    [
      '--file',
      file,
      '--orders',
      `${ORDERS}`,
      '--first',
      plain.longest.invoice,
      '--concurrency',
      '32',
      '--json',
      json,
    ],
    {
      GATEWAY_URL: underTest.gatewayUrl,
      ADMIN_EMAIL: underTest.admin.email,
      ADMIN_PASSWORD: underTest.admin.password,
    },
  )
  expect(code, stderr).toBe(0)
  report = JSON.parse(await readFile(json, 'utf8')) as ReplayReport
  await rm(folder, { recursive: true })

  after = await readStock(keeper.token)
  const placed = report.results.flatMap(({ invoice, orderId }) => (orderId ? [{ invoice, orderId }] : []))
  orders = new Map(
    await inChunks(placed, 32, (some) =>
      Promise.all(
        some.map(async ({ invoice, orderId }): Promise<[string, Schema<'Order'>]> => [
          invoice,
          await shop.order(orderId, { token: keeper.token }),
        ]),
      ),
    ),
  )
}, 240_000)
afterAll(() => shop.close())

const wantedBy = (invoice: string) => plain.orders.get(invoice) ?? new Map<string, number>()
const outcome = (...wanted: string[]) => report.results.filter((result) => wanted.includes(result.outcome))

describe('a replay of a real shop’s invoices', () => {
  it('sends every chosen invoice, the longest included, and counts what it leaves out', () => {
    expect(report.totals).toMatchObject({ lines: plain.lines, invoices: plain.invoices })
    expect(report.skipped.invoices).toEqual({
      cancellation: plain.cancellations,
      'no line that is goods at a price': plain.withoutGoods,
    })
    const sent = report.results.map(({ invoice }) => invoice)
    expect(sent).toHaveLength(Math.min(ORDERS, plain.orders.size))
    expect(new Set(sent).size).toBe(sent.length)
    expect(sent).toContain(plain.longest.invoice)
    expect(plain.longest.lines).toBeGreaterThan(300)
    expect(outcome('failed', 'unsettled')).toEqual([])
  })

  it('confirms most orders; the cart refuses some and inventory rejects some', () => {
    expect(outcome('confirmed').length).toBeGreaterThan(report.chosen / 2)
    expect(outcome('rejected', 'refused-by-cart').length).toBeGreaterThan(0)
    expect(outcome('rejected').every(({ reason }) => reason === 'insufficient-stock')).toBe(true)
  })

  it('places one order for each invoice, with the lines and amounts of the file', () => {
    expect(new Set([...orders.values()].map(({ id }) => id)).size).toBe(orders.size)
    for (const [invoice, order] of orders) {
      const wanted = wantedBy(invoice)
      expect(new Map(order.lines.map(({ sku, quantity }) => [sku, quantity])), invoice).toEqual(wanted)
      for (const { sku, unitPrice } of order.lines)
        expect(unitPrice, sku).toEqual({ amount: plain.prices.get(sku), currency: 'GBP' })
      const money = [...wanted].reduce(
        (sum, [sku, quantity]) => sum + quantity * (plain.prices.get(sku) ?? NaN),
        0,
      )
      expect(order.totals.subtotal.amount, invoice).toBe(money)
    }
  })

  it('keeps the imported stock and reserves exactly what the confirmed orders need', () => {
    const chosen = report.results.map(({ invoice }) => wantedBy(invoice))
    const free = plainStock(skus, chosen)
    const confirmed = outcome('confirmed').map(({ invoice }) => wantedBy(invoice))
    for (const sku of skus) {
      const held = before.get(sku)?.reserved ?? 0
      const sold = confirmed.reduce((sum, order) => sum + (order.get(sku) ?? 0), 0)
      expect(after.get(sku), sku).toMatchObject({
        onHand: held + (free.get(sku) ?? NaN),
        reserved: held + sold,
        available: (free.get(sku) ?? NaN) - sold,
      })
    }
  })

  it('rejects only what it could not serve from stock', () => {
    // Nothing is given back during a replay, so what was short then is short now.
    for (const { invoice } of outcome('rejected', 'refused-by-cart')) {
      const short = [...wantedBy(invoice)].filter(
        ([sku, quantity]) => quantity > (after.get(sku)?.available ?? 0),
      )
      expect(short.length, invoice).toBeGreaterThan(0)
    }
  })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
