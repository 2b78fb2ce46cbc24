import { ProductChanged, PurchaseOrderCreated } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { auditBreaches } from './invariants.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })
const expectAuditClean = async () => expect(await auditBreaches(inventory.db)).toEqual([])
afterEach(expectAuditClean)

const call = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown) =>
  inventory.send(method, url, { as: 'staff', body, headers: { 'idempotency-key': newId() } })

const makeSupplier = async (packSizes: number[] = []) =>
  String((await call('POST', '/v1/suppliers', { name: 'Potters', leadTimeDays: 5, packSizes })).body['id'])

/** A SKU with this many on hand, which is reordered at 10. */
const watched = async (onHand: number, more: object = {}) => {
  const sku = await inventory.stocked(onHand)
  const rule = { reorderPoint: 10, reorderQuantity: 25, automatic: true, ...more }
  const { status } = await call('PUT', `/v1/stock/${sku}/reorder-rule`, rule)
  expect(status).toBe(201)
  return sku
}

interface Shown {
  id: string
  status: string
  automatic: boolean
  lines: { sku: string; location: string; ordered: number; received: number }[]
}
const ordersOf = async (sku: string) =>
  (await call('GET', `/v1/purchase-orders?sku=${sku}`)).body['items'] as Shown[]
const end = (id: string, how: 'receive' | 'cancel') => call('POST', `/v1/purchase-orders/${id}/${how}`)
const atOnce = <T>(count: number, act: (index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, index) => act(index)))

describe('the job that reorders', () => {
  it('submits what one supplier is to bring to one location as one order, in packs', async () => {
    const supplier = await makeSupplier([6, 10])
    const [first, second] = [await watched(10, { supplier }), await watched(3, { supplier })]
    const enough = await watched(11, { supplier })
    expect(await inventory.reorder()).toBe(1)
    const [order] = await ordersOf(first)
    expect(order).toMatchObject({ status: 'submitted', automatic: true, supplierId: supplier })
    expect(order?.lines.map(({ sku, ordered }) => [sku, ordered])).toEqual(
      [first, second].sort().map((sku) => [sku, 26]),
    )
    expect(await inventory.emittedFor(PurchaseOrderCreated, order!.id)).toMatchObject([
      { status: 'submitted', automatic: true, supplierId: supplier },
    ])
    expect(await ordersOf(enough)).toEqual([])
    expect(await inventory.reorder()).toBe(0)
  })

  it('drafts an order for each SKU whose rule names no supplier', async () => {
    const [first, second] = [await watched(0), await watched(0, { policy: 'up_to', upTo: 40 })]
    expect(await inventory.reorder()).toBe(2)
    expect(await ordersOf(first)).toMatchObject([{ status: 'draft', lines: [{ ordered: 25 }] }])
    expect(await ordersOf(second)).toMatchObject([{ status: 'draft', lines: [{ ordered: 40 }] }])
  })

  it('orders at the location that lacks the SKU', async () => {
    const sku = await inventory.stocked(50)
    const rule = { reorderPoint: 0, reorderQuantity: 5, automatic: true, location: 'annex' }
    await call('PUT', `/v1/stock/${sku}/reorder-rule`, rule)
    expect(await inventory.reorder()).toBe(1)
    expect(await ordersOf(sku)).toMatchObject([{ lines: [{ location: 'annex', ordered: 5 }] }])
  })

  it('waits while any order for the SKU is open, and looks again when that one has ended', async () => {
    const sku = await watched(50)
    const { body } = await call('POST', '/v1/purchase-orders', { lines: [{ sku, ordered: 1 }] })
    await inventory.adjust(sku, -48)
    expect(await inventory.reorder()).toBe(0)
    await end(String(body['id']), 'cancel')
    expect(await inventory.reorder()).toBe(1)

    const [order] = await ordersOf(sku)
    await call('POST', `/v1/purchase-orders/${order?.id}/submit`)
    expect((await end(order!.id, 'receive')).body).toMatchObject({ status: 'received' })
    expect(await inventory.reorder()).toBe(0)
    await inventory.adjust(sku, -17)
    expect(await inventory.reorder()).toBe(1)
    await call('DELETE', `/v1/stock/${sku}/reorder-rule`)
    await end((await ordersOf(sku))[0]!.id, 'cancel')
    expect(await inventory.reorder()).toBe(0)
  })

  it('orders nothing of what is not sold any more until it is sold again, whenever events arrive', async () => {
    const [kept, gone] = [await watched(0), await watched(0)]
    const productId = newId()
    const price = { amount: 100, currency: 'GBP' }
    const changed = (version: number, skus: string[], status: ProductChanged['status'] = 'published') =>
      anEvent(
        ProductChanged,
        {
          ...{ productId, slug: 'mug', name: 'Mug', status, categoryIds: [] },
          variants: skus.map((sku) => ({ sku, name: 'Mug', price })),
        },
        { aggregateVersion: version },
      )
    const endAll = async () => {
      for (const sku of [kept, gone]) for (const { id } of await ordersOf(sku)) await end(id, 'cancel')
    }
    await inventory.deliverInTurn(changed(2, [kept]), changed(1, [kept, gone]))
    expect(await inventory.reorder()).toBe(1)
    expect(await ordersOf(gone)).toEqual([])

    await endAll()
    const archived = changed(4, [kept, gone], 'archived')
    await inventory.deliverAll([archived, changed(3, [kept, gone]), changed(2, [kept])])
    await inventory.deliver(archived)
    expect(await inventory.reorder()).toBe(0)
    await inventory.deliver(changed(5, [kept, gone]))
    expect(await inventory.reorder()).toBe(2)

    await endAll()
    await inventory.deliverInTurn(changed(6, [gone]), changed(5, [kept, gone]))
    expect(await inventory.reorder()).toBe(1)
    await endAll()
    await inventory.deliverInTurn(changed(7, [], 'deleted'), changed(6, [gone]))
    expect(await inventory.reorder()).toBe(0)
  })

  it('goes on behind a rule that cannot be carried out', async () => {
    const [bad, good] = [await watched(0), await watched(0)]
    const broken = inventory.db.updateTable('reorder_rules').set({ reorder_quantity: null })
    await broken.where('sku', '=', bad).execute()
    expect(await inventory.reorder()).toBe(1)
    expect([await ordersOf(bad), await ordersOf(good)]).toMatchObject([[], [{ status: 'draft' }]])
    await call('DELETE', `/v1/stock/${bad}/reorder-rule`)
  })
})

describe('at once', () => {
  it('jobs, repeated orders of customers and changes of rules make one open order per SKU', async () => {
    const supplier = await makeSupplier()
    const skus: string[] = []
    for (let count = 0; count < 6; count++) skus.push(await watched(30, { supplier }))
    const placed = skus.flatMap((sku) =>
      [5, 5, 5, 5].map((quantity) => anOrder({ [sku]: quantity }).placed()),
    )
    await Promise.all(placed.map(inventory.enqueue))
    await Promise.all([
      inventory.deliverAll(placed),
      ...skus.map((sku) =>
        call('PUT', `/v1/stock/${sku}/reorder-rule`, {
          ...{ reorderPoint: 12, reorderQuantity: 30, automatic: true, supplier },
        }),
      ),
      atOnce(8, async () => {
        for (let round = 0; round < 5; round++) await inventory.reorder()
      }),
    ])
    await inventory.reorder()
    for (const sku of skus) {
      expect(await inventory.stock(sku)).toMatchObject({ available: 10 })
      expect(await ordersOf(sku)).toMatchObject([{ status: 'submitted' }])
    }
  })

  it('receipts and cancellations race with reservations and jobs, and nothing is ordered twice or forgotten', async () => {
    const supplier = await makeSupplier()
    const sku = await watched(30, { supplier })
    const receiveOpen = async () => {
      for (const { id, status } of await ordersOf(sku)) {
        if (status === 'submitted') await end(id, Math.random() < 0.7 ? 'receive' : 'cancel')
      }
    }
    await Promise.all([
      inventory.deliverAll(Array.from({ length: 60 }, () => anOrder({ [sku]: 2 }).placed())),
      atOnce(3, async () => {
        for (let round = 0; round < 6; round++) await inventory.reorder()
      }),
      atOnce(3, async () => {
        for (let round = 0; round < 4; round++) await receiveOpen()
      }),
      atOnce(6, expectAuditClean),
    ])
    await inventory.reorder()
    const orders = await ordersOf(sku)
    const received = orders.filter(({ status }) => status === 'received').length
    const { onHand, available } = await inventory.stock(sku)
    expect(onHand).toBe(30 + 25 * received)
    const open = orders.filter(({ status }) => status === 'submitted').length
    expect(open).toBe(Number(available) <= 10 ? 1 : Math.min(open, 1))
  })
})
