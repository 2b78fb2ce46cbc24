import { beforeCommit, inTransaction, insertRows, newId } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { tracingChannel } from 'node:diagnostics_channel'
import { describe, expect, it } from 'vitest'
import { placeOrders, type Checkout } from '../src/checkout/place-orders.ts'
import type { Trx } from '../src/database.ts'
import { customerKeyOf } from '../src/promotions/redemptions.ts'
import { createRates } from '../src/rates/rates.ts'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'
import { ADDRESS } from './shop-actions.ts'

const NEVER = '3600000'
/** What its workers do by the clock is too rare to be counted with a request. */
const shop = useOrder(
  { MUG: 1299, CUP: 250 },
  { env: { PAYMENT_POLL_MS: '60000', ORDER_SWEEP_INTERVAL_MS: NEVER, CART_JOB_INTERVAL_MS: NEVER } },
)

const openCarts = async (count: number) => {
  const now = new Date()
  const ids = Array.from({ length: count }, newId)
  await insertRows(
    shop.db,
    'carts',
    ids.map((id) => ({
      id,
      user_id: null,
      currency: 'GBP',
      lines: JSON.stringify([{ sku: 'MUG', quantity: 1, seenPriceMinor: 1299 }]),
      codes: '[]',
      created_at: now,
      updated_at: now,
    })),
  )
  return ids
}

const checkoutOf = (cartId: string): Checkout => {
  const orderId = newId()
  const email = 'a@example.com'
  return {
    orderId,
    cartId,
    userId: null,
    accessTokenHash: null,
    email,
    channel: null,
    customerKey: customerKeyOf({ userId: null, email }),
    shippingAddress: ADDRESS,
    billingAddress: null,
    shippingMethod: 'standard',
    payment: { provider: 'sandbox', token: 'tok_ok' },
    expectedTotal: undefined,
    now: new Date(),
    expiresAt: new Date(Date.now() + 60_000),
    cause: { correlationId: newId() },
    idempotency: {
      scope: `placeOrder|${cartId}`,
      key: newId(),
      body: {},
      expected: { status: 201, resourceId: orderId },
    },
  }
}

const questions = async (trx: Trx) => {
  const { rows } = await sql<{ Value: string }>`show session status like 'Questions'`.execute(trx)
  return Number(rows[0]?.Value)
}
const pricedBy = async () => {
  const rates = createRates(shop.db, { currency: 'GBP', clock: () => new Date() })
  return { rates: await rates.readRates(), readPromotionsByCode: rates.readPromotionsByCode }
}

/** Places them in one transaction and returns its statements, begin and commit among them. */
const statementsFor = async (carts: readonly string[]) => {
  const by = await pricedBy()
  let [before, after] = [0, 0]
  await inTransaction(shop.db, async (trx) => {
    before = await questions(trx)
    const placed = await placeOrders(trx, carts.map(checkoutOf), by, { wait: false })
    for (const one of placed) expect(one).toHaveProperty('order')
    beforeCommit(trx, async () => void (after = await questions(trx)))
  })
  return after - before - 1 + 2
}

describe('checkouts that share a transaction', () => {
  it('need 11 statements alone and 12 for 32 of them: less than one each', async () => {
    expect(await statementsFor(await openCarts(1))).toBeLessThanOrEqual(11)
    expect(await statementsFor(await openCarts(32))).toBeLessThanOrEqual(12)
  })

  it('leave a cart that another transaction holds at once, and place the others', async () => {
    const [held = '', free = ''] = await openCarts(2)
    const by = await pricedBy()
    const placed = await inTransaction(shop.db, async (holder) => {
      await holder.selectFrom('carts').select('id').where('id', '=', held).forUpdate().execute()
      return inTransaction(shop.db, (trx) =>
        placeOrders(trx, [checkoutOf(held), checkoutOf(free)], by, { wait: false }),
      )
    })
    expect(placed).toEqual(['alone', { order: expect.objectContaining({ cartId: free }) as unknown }])
    expect((await shop.checkout(held)).status).toBe(201)
  })

  it('crash before the commit without an order, an ordered cart or a used key, and can be placed then', async () => {
    const [cart = ''] = await openCarts(1)
    const by = await pricedBy()
    const request = checkoutOf(cart)
    const crash = inTransaction(shop.db, async (trx) => {
      await placeOrders(trx, [request], by, { wait: false })
      beforeCommit(trx, () => Promise.reject(new Error('crashed')))
    })
    await expect(crash).rejects.toThrow('crashed')
    const [placed] = await inTransaction(shop.db, (trx) => placeOrders(trx, [request], by, { wait: true }))
    expect(placed).toHaveProperty('order')
    const [again] = await inTransaction(shop.db, (trx) => placeOrders(trx, [request], by, { wait: true }))
    expect(again).toEqual({ earlier: { replayed: true, status: 201, resourceId: request.orderId } })
  })

  it('of which some are refused place the others, each with its own reason', async () => {
    const carts = await openCarts(8)
    await shop.db.updateTable('carts').set({ lines: '[]' }).where('id', 'in', carts.slice(0, 3)).execute()
    const answers = await Promise.all(carts.map((id) => shop.checkout(id)))
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 201, 201, 201, 201, 201])
  })
})

/** Has their stock reserved together and returns the statements until all are confirmed, as the driver sends them. */
const statementsToConfirm = async (orders: readonly OrderBody[]) => {
  const { db, config } = shop
  const schema = new URL(config.DATABASE_URL).pathname.slice(1)
  const ids = orders.map(({ id }) => id)
  let statements = 0
  const count = (message: unknown) => {
    const { query, database } = message as { query: string; database: string }
    if (database === schema && !/^set |as `confirmed`/i.test(query)) statements += 1
  }
  const { start } = tracingChannel('mysql2:query')
  try {
    await inTransaction(db, async (holder) => {
      // The first batch waits for this one, so that the others are a batch too.
      await holder.selectFrom('orders').select('id').where('id', '=', ids[0]!).forUpdate().execute()
      start.subscribe(count)
      await Promise.all(orders.map((order) => shop.enqueue(shop.reservedEvent(order))))
      statements -= 1
    })
    await eventually(async () => {
      const { confirmed } = await db
        .selectFrom('orders')
        .select(({ fn }) => fn.countAll<number>().as('confirmed'))
        .where('id', 'in', ids)
        .where('status', '=', 'confirmed')
        .executeTakeFirstOrThrow()
      return confirmed === ids.length
    })
  } finally {
    start.unsubscribe(count)
  }
  return statements
}

describe('orders whose stock is reserved', () => {
  it('are confirmed with 17 statements alone, and 32 together with at most three each', async () => {
    const place = (count: number) => Promise.all(Array.from({ length: count }, () => shop.place({ MUG: 1 })))
    await statementsToConfirm(await place(2))
    expect(await statementsToConfirm(await place(1))).toBeLessThanOrEqual(17)
    expect(await statementsToConfirm(await place(32))).toBeLessThanOrEqual(32 * 3)
  })
})

it('an order of a thousand lines is placed, reserved and paid with as many statements as one of a single line', async () => {
  const skus = Array.from({ length: 1_000 }, (_, index) => `BULK-${index}`)
  await shop.offer('BULK', { price: 7, skus })
  const lines = JSON.stringify(skus.map((sku) => ({ sku, quantity: 1, seenPriceMinor: 7 })))
  const carts = await openCarts(2)
  await shop.db.updateTable('carts').set({ lines }).where('id', 'in', carts).execute()
  expect(await statementsFor(carts.slice(0, 1))).toBeLessThanOrEqual(12)
  const { status, body } = await shop.checkout(carts[1] ?? '')
  expect([status, body.lines.length, body.totals.total.amount]).toEqual([201, 1_000, 7_000])
  expect(await statementsToConfirm([body])).toBeLessThanOrEqual(17)
})

describe('an order that came to nothing', () => {
  it('leaves one open cart with what can still be bought, however often inventory rejects it', async () => {
    const token = await shop.jwks.tokenFor()
    const placed = await shop.place({ MUG: 2, CUP: 3 }, { as: token })
    const event = shop.rejectedEvent({ ...placed, lines: placed.lines.filter(({ sku }) => sku === 'MUG') })
    for (const repeated of [event, event]) await shop.deliver(repeated)
    const { retryCartId } = await shop.order(placed, { as: token })
    const { body: cart } = await shop.send('GET', `/v1/carts/${retryCartId}`, { as: token })
    expect(cart).toMatchObject({ status: 'open', items: [{ sku: 'CUP', quantity: 3 }] })
    const { body: active } = await shop.send('GET', '/v1/me/cart', { as: token })
    expect(active).toMatchObject({ id: retryCartId })
    expect((await shop.checkout(retryCartId ?? '', { as: token })).status).toBe(201)
  })

  it('leaves the active cart of its customer what it is', async () => {
    const token = await shop.jwks.tokenFor()
    const placed = await shop.place({ MUG: 1, CUP: 1 }, { as: token })
    const active = await shop.cartWith({ CUP: 1 }, { as: token })
    await shop.deliver(shop.releasedEvent(placed, 'expired'))
    const { retryCartId } = await shop.order(placed, { as: token })
    const { body } = await shop.send('GET', '/v1/me/cart', { as: token })
    expect(body).toMatchObject({ id: active.id })
    expect((await shop.send('GET', `/v1/carts/${retryCartId}`, { as: token })).body).toMatchObject({
      status: 'open',
      items: [{ sku: 'MUG' }, { sku: 'CUP' }],
    })
  })
})
