import {
  ProductChanged,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockStatusChanged,
} from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sweepOnce } from '../src/sweep.ts'
import { startInventory, type Inventory } from './harness.ts'
import { expectStockAddsUp } from './invariants.ts'
import { anOrder } from './orders.ts'

let inventory: Inventory
let sku: string
const saidFor = async <Data extends Parameters<Inventory['emitted']>[0]>(contract: Data, orderId: string) =>
  (await inventory.emitted(contract)).map(({ data }) => data).filter((data) => data['orderId'] === orderId)

beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory.stop())
let count = 0
beforeEach(() => {
  sku = `MUG-${++count}`
})
afterEach(() => expectStockAddsUp(inventory.db))

describe('an order that was placed', () => {
  it('holds its stock', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    expect(await inventory.stock(sku)).toMatchObject({ available: 3, onHand: 5, reserved: 2 })
    expect(await saidFor(StockReserved, order.orderId)).toMatchObject([{ lines: [{ sku, quantity: 2 }] }])
    expect(await inventory.reservation(order.orderId)).toMatchObject({
      state: 'held',
      lines: [{ sku, location: 'main', quantity: 2, held: 2, shipped: 0 }],
    })
  })

  it('holds once when its event is delivered twice, and when it is said twice', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    const placed = order.placed()
    for (const event of [placed, placed, order.placed()]) await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ available: 3 })
    expect(await saidFor(StockReserved, order.orderId)).toHaveLength(1)
  })

  it('is rejected with every shortage, and holds nothing', async () => {
    await inventory.setStock({ [sku]: 5, [`${sku}-B`]: 1 })
    const order = anOrder({ [sku]: 1, [`${sku}-B`]: 2, [`${sku}-UNKNOWN`]: 1 })
    const placed = order.placed()
    await inventory.deliver(placed)
    await inventory.deliver(placed)
    expect(await saidFor(StockRejected, order.orderId)).toEqual([
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

  it('adds up lines of the same SKU', async () => {
    await inventory.setStock({ [sku]: 3 })
    const order = anOrder([
      { sku, quantity: 2 },
      { sku, quantity: 2 },
    ])
    await inventory.deliver(order.placed())
    expect(await saidFor(StockRejected, order.orderId)).toMatchObject([
      { shortages: [{ wanted: 4, available: 3 }] },
    ])
  })

  it('is told which location holds it, the default one first', async () => {
    await inventory.addLocation('annex')
    await inventory.setStock({ [sku]: 2 })
    await inventory.setStock({ [sku]: 5 }, 'annex')
    const order = anOrder({ [sku]: 4 })
    await inventory.deliver(order.placed())
    expect(await saidFor(StockReserved, order.orderId)).toMatchObject([{ lines: [{ sku, quantity: 4 }] }])
    expect((await inventory.reservation(order.orderId))?.['lines']).toMatchObject([
      { location: 'main', held: 2 },
      { location: 'annex', held: 2 },
    ])
    await inventory.deliver(order.shipped({ [sku]: 3 }))
    await inventory.deliver(order.cancelled({ [sku]: 1 }))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 0 })
  })

  it('changes what a shop shows of a SKU, and says so with its own correlation', async () => {
    await inventory.setStock({ [sku]: 6 })
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

describe('an order that is confirmed', () => {
  it('keeps its hold when the time is over, delivered once or twice', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    const confirmed = order.confirmed()
    for (const event of [confirmed, confirmed, order.confirmed()]) await inventory.deliver(event)
    inventory.pass(2 * 86_400_000)
    await sweepOnce(inventory.db, inventory.settings)
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 })
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'confirmed', expiresAt: null })
  })

  it('is reserved anew when the sweep was faster', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    inventory.pass(2 * 86_400_000)
    await sweepOnce(inventory.db, inventory.settings)
    expect(await saidFor(StockReleased, order.orderId)).toMatchObject([
      { reason: 'expired', lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })

    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 2 })
    expect(await saidFor(StockReserved, order.orderId)).toHaveLength(2)
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'confirmed' })
  })

  it('is rejected when the sweep was faster and others took the stock', async () => {
    await inventory.setStock({ [sku]: 2 })
    const [slow, quick] = [anOrder({ [sku]: 2 }), anOrder({ [sku]: 1 })]
    await inventory.deliver(slow.placed())
    inventory.pass(2 * 86_400_000)
    await sweepOnce(inventory.db, inventory.settings)
    await inventory.deliver(quick.placed())
    await inventory.deliver(slow.confirmed())
    expect(await saidFor(StockRejected, slow.orderId)).toMatchObject([
      { shortages: [{ wanted: 2, available: 1 }] },
    ])
    await inventory.deliver(slow.cancelled())
    expect(await saidFor(StockReleased, slow.orderId)).toHaveLength(1)
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 1 })
  })

  it('stays cancelled when the cancellation was faster', async () => {
    await inventory.setStock({ [sku]: 2 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.cancelled())
    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ reserved: 0 })
    expect(await saidFor(StockReserved, order.orderId)).toHaveLength(1)
  })
})

describe('an order that is cancelled', () => {
  it('gives back its stock once, however often that is told', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.placed())
    const cancelled = order.cancelled()
    for (const event of [cancelled, cancelled, order.cancelled()]) await inventory.deliver(event)
    expect(await saidFor(StockReleased, order.orderId)).toEqual([
      { orderId: order.orderId, reason: 'cancelled', lines: [{ sku, quantity: 2 }] },
    ])
    expect(await inventory.stock(sku)).toMatchObject({ available: 5, reserved: 0 })
  })

  it('leaves a tombstone when it comes before its order, which then holds nothing', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 2 })
    await inventory.deliver(order.cancelled())
    await inventory.deliver(order.placed())
    expect(await inventory.stock(sku)).toMatchObject({ available: 5 })
    for (const contract of [StockReserved, StockRejected, StockReleased]) {
      expect(await saidFor(contract, order.orderId)).toEqual([])
    }
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'cancelled', lines: [] })
  })
})

describe('an order that is shipped', () => {
  it('turns its hold into a sale, once per shipment', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 3 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.confirmed())
    const shipmentId = newId()
    const shipped = order.shipped({ [sku]: 2 }, shipmentId)
    for (const event of [shipped, shipped, order.shipped({ [sku]: 2 }, shipmentId)])
      await inventory.deliver(event)

    expect(await inventory.stock(sku)).toMatchObject({ onHand: 3, reserved: 1, available: 2 })
    expect(await saidFor(StockCommitted, order.orderId)).toEqual([
      { orderId: order.orderId, shipmentId, lines: [{ sku, quantity: 2 }] },
    ])
    const { body } = await inventory.send('GET', `/v1/stock/${sku}/movements`, { as: 'staff' })
    expect(body['items']).toMatchObject([
      { kind: 'sale', delta: -2, balance: 3, orderId: order.orderId, shipmentId },
      { kind: 'count', delta: 5, balance: 5 },
    ])

    await inventory.deliver(order.shipped({ [sku]: 1 }))
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'committed' })
  })

  it.each([
    ['before', true],
    ['after', false],
  ])('in part ends the same when the rest is cancelled %s that', async (_when, cancelledFirst) => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 3 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.confirmed())
    const events = [order.shipped({ [sku]: 1 }), order.cancelled({ [sku]: 2 })]
    for (const event of cancelledFirst ? events.reverse() : events) await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 0 })
    expect(await saidFor(StockReleased, order.orderId)).toMatchObject([{ lines: [{ sku, quantity: 2 }] }])
    expect(await inventory.reservation(order.orderId)).toMatchObject({ state: 'committed' })
  })

  it('before its confirmation came is past expiring, and the confirmation changes nothing', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 3 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.shipped({ [sku]: 1 }))
    inventory.pass(2 * 86_400_000)
    await sweepOnce(inventory.db, inventory.settings)
    await inventory.deliver(order.confirmed())
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 2 })
  })

  it('beyond what it holds is not dropped but waits for its turn', async () => {
    await inventory.setStock({ [sku]: 5 })
    const order = anOrder({ [sku]: 1 })
    await inventory.deliver(order.placed())
    inventory.pass(2 * 86_400_000)
    await sweepOnce(inventory.db, inventory.settings)
    const shipped = inventory.deliver(order.shipped())
    await inventory.deliver(order.confirmed())
    expect(await shipped).toBe('applied')
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4, reserved: 0 })
  })
})

describe('a product that changed', () => {
  const changed = (productId: string, skus: string[], status: 'published' | 'deleted' = 'published') =>
    anEvent(ProductChanged, {
      productId,
      slug: 'mug',
      name: 'Mug',
      status,
      categoryIds: [],
      variants: skus.map((variant) => ({ sku: variant, name: 'Mug', price: { amount: 1, currency: 'GBP' } })),
    })

  it('makes its SKUs known, and leaves the stock of known ones alone', async () => {
    await inventory.setStock({ [sku]: 5 })
    const event = changed(newId(), [sku, `${sku}-NEW`])
    await inventory.deliver(event)
    await inventory.deliver(event)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
    expect(await inventory.stock(`${sku}-NEW`)).toMatchObject({ onHand: 0, status: 'out_of_stock' })
  })

  it('keeps its stock when it is deleted', async () => {
    await inventory.setStock({ [sku]: 5 })
    await inventory.deliver(changed(newId(), [sku], 'deleted'))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5 })
  })
})
