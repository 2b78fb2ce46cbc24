import { StockRejected, StockReleased, StockReserved } from '@storewright/contracts'
import { inTransaction, nowSql } from '@storewright/database'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { settingsFrom } from '../src/config.ts'
import { reserveStock } from '../src/reservations/reserve-stock.ts'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory()

describe('an order that is confirmed', () => {
  it('keeps its hold beyond the expiry when OrderConfirmed is delivered once or twice', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    const confirmed = order.confirmed()
    await inventory.deliverInTurn(confirmed, confirmed, order.confirmed())
    await inventory.outlastHolds()
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 })
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'confirmed', expiresAt: null })
  })

  it('is reserved again when its hold expired before the confirmation', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    await inventory.outlastHolds()
    expect(await inventory.emittedFor(StockReleased, order.orderId)).toMatchObject([
      { reason: 'expired', lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })

    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toHaveLength(2)
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'confirmed' })
  })

  it('is rejected when its hold expired and others took the stock', async () => {
    const sku = await inventory.stocked(2)
    const [slow, quick] = [anOrder({ [sku]: 2 }), anOrder({ [sku]: 1 })]
    await inventory.deliver(slow.placed())
    await inventory.outlastHolds()
    await inventory.deliver(quick.placed())
    await inventory.deliver(slow.confirmed())
    expect(await inventory.emittedFor(StockRejected, slow.orderId)).toMatchObject([
      { shortages: [{ wanted: 2, available: 1 }] },
    ])
    await inventory.deliver(slow.cancelled())
    expect(await inventory.emittedFor(StockReleased, slow.orderId)).toHaveLength(1)
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 1 })
  })

  it('stays cancelled when the cancellation came first', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 2, quantity: 2 })
    await inventory.deliver(order.cancelled())
    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toHaveLength(1)
  })
})

describe('an order that is cancelled', () => {
  it('releases its stock once, however often OrderCancelled is delivered', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    const cancelled = order.cancelled()
    await inventory.deliverInTurn(cancelled, cancelled, order.cancelled())
    expect(await inventory.emittedFor(StockReleased, order.orderId)).toEqual([
      { orderId: order.orderId, reason: 'cancelled', lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('leaves a tombstone when OrderCancelled comes before OrderPlaced, which then reserves nothing', async () => {
    const sku = await inventory.stocked(5)
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.cancelled())
    await inventory.deliver(order.placed())
    expect(await inventory.stock(sku)).toMatchObject({ available: 5 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toEqual([])
    expect(await inventory.emittedFor(StockRejected, order.orderId)).toEqual([])
    expect(await inventory.emittedFor(StockReleased, order.orderId)).toEqual([])
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'cancelled', lines: [] })
  })
})

describe('the sweep of overdue holds', () => {
  const TWO_DAYS = 2 * 86_400_000
  const stateOf = async ({ orderId }: { orderId: string }) =>
    (await inventory.reservation(orderId))?.['state']

  it('goes by the database’s clock, however wrong the clocks of two replicas are', async () => {
    await inventory.outlastHolds()
    const sku = await inventory.stocked(20)
    const orders = Array.from({ length: 10 }, () => anOrder({ [sku]: 1 }))
    const [early, late] = [-TWO_DAYS, TWO_DAYS].map((error) => () => new Date(Date.now() + error))
    for (const [index, order] of orders.entries()) {
      const settings = settingsFrom(inventory.config, index % 2 === 0 ? early! : late!)
      await inTransaction(inventory.db, (trx) => reserveStock(trx, [order.placed()], settings))
    }
    const { rows } = await sql`select min(expires_at) > ${nowSql} + interval 87290 second
      and max(expires_at) < ${nowSql} + interval 87310 second as right_ from reservations
      where expires_at is not null`.execute(inventory.db)
    expect(rows).toEqual([{ right_: 1 }])

    const sweep = () => Promise.all([-TWO_DAYS, TWO_DAYS].map((error) => inventory.expireOverdue(error)))
    expect(await sweep()).toEqual([0, 0])
    await inventory.endHolds()
    const [a = 0, b = 0] = await sweep()
    expect(a + b).toBe(10)
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })
  })

  it('expires all but one that fails, which it counts and tries again later', async () => {
    const good = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    const bad = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    const setReserved = (count: number) =>
      inventory.db.updateTable('stock').set({ reserved: count }).where('sku', '=', bad.sku).execute()
    await setReserved(1)
    await inventory.endHolds()
    const failed = async () =>
      Number(/expiry_failures_total (\d+)/.exec((await inventory.send('GET', '/metrics')).text)?.[1] ?? 0)
    const before = await failed()
    expect(await inventory.expireOverdue()).toBe(1)
    expect([await stateOf(good.order), await stateOf(bad.order), await failed()]).toEqual([
      'expired',
      'held',
      before + 1,
    ])
    expect(await inventory.expireOverdue()).toBe(0)
    expect(await failed()).toBe(before + 1)

    await setReserved(2)
    await inventory.outlastHolds()
    expect(await stateOf(bad.order)).toBe('expired')
  })
})
