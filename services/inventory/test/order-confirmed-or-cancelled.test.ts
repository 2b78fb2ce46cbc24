import { StockRejected, StockReleased, StockReserved } from '@storewright/contracts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { expireAllOverdue } from '../src/reservations/expire-reservations.ts'
import { startInventory, type Inventory } from './harness.ts'
import { expectStockAddsUp } from './invariants.ts'
import { anOrder } from './orders.ts'

let inventory: Inventory
let sku: string
let count = 0

beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory.stop())
beforeEach(() => {
  sku = `MUG-${++count}`
})
afterEach(() => expectStockAddsUp(inventory.db))

describe('an order that is confirmed', () => {
  it('keeps its hold beyond the expiry when OrderConfirmed is delivered once or twice', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    const confirmed = order.confirmed()
    for (const event of [confirmed, confirmed, order.confirmed()]) await inventory.deliver(event)
    inventory.pass(2 * 86_400_000)
    await expireAllOverdue(inventory.db, inventory.settings)
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 })
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'confirmed', expiresAt: null })
  })

  it('is reserved again when its hold expired before the confirmation', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    inventory.pass(2 * 86_400_000)
    await expireAllOverdue(inventory.db, inventory.settings)
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
    await inventory.setStock({ [sku]: 2 })
    const [slow, quick] = [anOrder({ [sku]: 2 }), anOrder({ [sku]: 1 })]
    await inventory.deliver(slow.placed())
    inventory.pass(2 * 86_400_000)
    await expireAllOverdue(inventory.db, inventory.settings)
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
    await inventory.setStock({ [sku]: 2 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.cancelled())
    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toHaveLength(1)
  })
})

describe('an order that is cancelled', () => {
  it('releases its stock once, however often OrderCancelled is delivered', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    const cancelled = order.cancelled()
    for (const event of [cancelled, cancelled, order.cancelled()]) await inventory.deliver(event)
    expect(await inventory.emittedFor(StockReleased, order.orderId)).toEqual([
      { orderId: order.orderId, reason: 'cancelled', lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('leaves a tombstone when OrderCancelled comes before OrderPlaced, which then reserves nothing', async () => {
    await inventory.setStock({ [sku]: 5 })
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
