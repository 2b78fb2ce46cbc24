import { StockCommitted, StockReleased } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'

const inventory = setUpInventory()

describe('an order that is shipped', () => {
  it('turns its hold into a sale once per shipment', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 3 })
    await inventory.deliver(order.confirmed())
    const shipmentId = newId()
    const shipped = order.shipped({ [sku]: 2 }, shipmentId)
    for (const event of [shipped, shipped, order.shipped({ [sku]: 2 }, shipmentId)])
      await inventory.deliver(event)

    expect(await inventory.stock(sku)).toMatchObject({ onHand: 3, reserved: 1, available: 2 })
    expect(await inventory.emittedFor(StockCommitted, order.orderId)).toEqual([
      { orderId: order.orderId, shipmentId, lines: [{ sku, quantity: 2 }] },
    ])
    const { body } = await inventory.send('GET', `/v1/stock/${sku}/movements`, { as: 'staff' })
    expect(body['items']).toMatchObject([
      {
        ...{ kind: 'sale', delta: -2, balance: 3, orderId: order.orderId, shipmentId },
        correlationId: shipped.correlationId,
      },
      { kind: 'count', delta: 5, balance: 5 },
    ])

    await inventory.deliver(order.shipped({ [sku]: 1 }))
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'committed' })
  })

  it.each([
    ['before', true],
    ['after', false],
  ])('in part ends the same when the rest is cancelled %s that', async (_when, cancelledFirst) => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 3 })
    await inventory.deliver(order.confirmed())
    const events = [order.shipped({ [sku]: 1 }), order.cancelled({ [sku]: 2 })]
    for (const event of cancelledFirst ? events.reverse() : events) await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 0 })
    expect(await inventory.emittedFor(StockReleased, order.orderId)).toMatchObject([
      { lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'committed' })
  })

  it('does not expire when shipped before its confirmation, which then changes nothing', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 3 })
    await inventory.deliver(order.shipped({ [sku]: 1 }))
    await inventory.outlastHolds()
    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 2 })
  })

  it('is retried and not dropped when it ships more than it holds', async () => {
    const { sku, order } = await inventory.placedOrder({ onHand: 5, quantity: 1 })
    await inventory.outlastHolds()
    const shipped = inventory.deliver(order.shipped())
    await inventory.deliver(order.confirmed())
    expect(await shipped).toBe('applied')
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 0 })
  })
})
