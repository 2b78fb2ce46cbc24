import { randomUUID } from 'node:crypto'
import { connect, provision } from '@storewright/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { linesOf, startScript } from './support/run-script.ts'
import { guest, openShopkeeper, visit } from './support/shopper.ts'

const SERVICE = 'examples/daily-takings/src/main.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
const prefix = `x${randomUUID().slice(0, 6)}_`
const adminUrl = underTest.mysqlUrl ?? ''
let databaseUrl: string
let stopService: () => Promise<number | null>

beforeAll(async () => {
  const urls = await provision({ adminUrl, prefix, services: ['takings'], passwordFor: () => 'an example' })
  databaseUrl = urls.takings
  stopService = startScript(SERVICE, { DATABASE_URL: databaseUrl, AMQP_URL: underTest.amqpUrl ?? '' })
})
afterAll(async () => {
  await shop.close()
  const admin = connect<unknown>(adminUrl, { poolSize: 1 })
  await sql`drop database ${sql.id(`${prefix}takings`)}`.execute(admin)
  for (const user of ['takings', 'audit']) await sql`drop user ${sql.lit(prefix + user)}`.execute(admin)
  await admin.destroy()
})

it('the example service of 40 lines sums up confirmed orders, each once', async () => {
  const keeper = await openShopkeeper(shop, underTest.admin)
  const mug = await keeper.listProduct({ stock: 10, priceMinor: 1_250 })
  const db = connect<unknown>(databaseUrl, { poolSize: 1 })
  const takings = async () => {
    const { rows } = await sql<{ orders: number; amount: number }>`
      select sum(orders) as orders, sum(amount) as amount from takings`.execute(db)
    return { orders: Number(rows[0]?.orders), amount: Number(rows[0]?.amount) }
  }
  // It has made its queue once its table and the group are there; earlier events do not reach it.
  await expect
    .poll(
      () =>
        buy(mug.sku)
          .then(takings)
          .catch(() => ({ orders: 0 })),
      { timeout: 30_000, interval: 500 },
    )
    .toSatisfy(({ orders }) => orders > 0)

  await settle(takings)
  const before = await takings()
  await buy(mug.sku)
  await expect.poll(takings, { timeout: 10_000 }).toEqual({
    orders: before.orders + 1,
    amount: before.amount + mug.priceMinor,
  })
  await db.destroy()
  expect(await stopService()).toBe(0)
  expect(linesOf(SERVICE)).toBeLessThanOrEqual(40)
})

const buy = async (sku: string) => {
  const order = await guest(shop).checkout([{ sku, quantity: 1 }], { waitSeconds: 10 })
  expect(order.status).toBe('confirmed')
}

/** Until two looks in a row see the same. */
const settle = async (look: () => Promise<unknown>) => {
  let last = ''
  await expect
    .poll(
      async () => {
        const now = JSON.stringify(await look())
        const same = now === last
        last = now
        return same
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBe(true)
}

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
