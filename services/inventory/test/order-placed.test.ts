import { StockRejected, StockReserved, StockStatusChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory()

describe('an order that was placed', () => {
  it('reserves its stock', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 2 })
    expect(await inventory.stock(sku)).toMatchObject({ available: 3, onHand: 5, reserved: 2 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toMatchObject([
      { lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.reservation(order.orderId)).toMatchObject({
      state: 'held',
      lines: [{ sku, location: 'main', quantity: 2, held: 2, shipped: 0 }],
    })
  })

  it('reserves once when OrderPlaced is delivered twice, and when it is emitted twice', async () => {
    const sku = await inventory.stocked(5)
    const order = anOrder({ [sku]: 2 })
    const placed = order.placed()
    await inventory.deliverInTurn(placed, placed, order.placed())
    expect(await inventory.stock(sku)).toMatchObject({ available: 3 })
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toHaveLength(1)
  })

  it('is rejected with every shortage, and reserves nothing', async () => {
    const sku = inventory.nextSku()
    await inventory.setStock({ [sku]: 5, [`${sku}-B`]: 1 })
    const order = anOrder({ [sku]: 1, [`${sku}-B`]: 2, [`${sku}-UNKNOWN`]: 1 })
    const placed = order.placed()
    await inventory.deliver(placed)
    await inventory.deliver(placed)
    expect(await inventory.emittedFor(StockRejected, order.orderId)).toEqual([
      {
        orderId: order.orderId,
        shortages: [
          { sku: `${sku}-B`, wanted: 2, available: 1 },
          { sku: `${sku}-UNKNOWN`, wanted: 1, available: 0 },
        ],
      },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ available: 5 })
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'rejected', lines: [] })
  })

  it('sums up lines of the same SKU', async () => {
    const sku = await inventory.stocked(3)
    const order = anOrder([
      { sku, quantity: 2 },
      { sku, quantity: 2 },
    ])
    await inventory.deliver(order.placed())
    expect(await inventory.emittedFor(StockRejected, order.orderId)).toMatchObject([
      { shortages: [{ wanted: 4, available: 3 }] },
    ])
  })

  it('is filled by priority where no location has the whole of it', async () => {
    await inventory.addLocation('annex')
    const sku = await inventory.stocked(2)
    await inventory.setStock({ [sku]: 3 }, 'annex')
    const order = anOrder({ [sku]: 4 })
    await inventory.deliver(order.placed())
    expect(await inventory.emittedFor(StockReserved, order.orderId)).toMatchObject([
      { lines: [{ sku, quantity: 4 }] },
    ])
    expect((await inventory.reservation(order.orderId))?.['lines']).toMatchObject([
      { location: 'main', held: 2 },
      { location: 'annex', held: 2 },
    ])
    await inventory.deliver(order.shipped({ [sku]: 3 }))
    await inventory.deliver(order.cancelled({ [sku]: 1 }))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 2, reserved: 0 })
  })

  it('emits StockStatusChanged with the order’s correlation id', async () => {
    const sku = await inventory.stocked(6)
    const order = anOrder({ [sku]: 4 })
    const placed = order.placed()
    await inventory.deliver(placed)
    const [last] = (await inventory.emitted(StockStatusChanged))
      .filter(({ data }) => data.sku === sku)
      .slice(-1)
    expect(last).toMatchObject({
      data: { sku, status: 'low_stock', available: 2 },
      correlationId: placed.correlationId,
      causationId: placed.id,
    })
  })
})
