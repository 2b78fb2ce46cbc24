import { StockRejected, StockReleased, StockReserved } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
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
