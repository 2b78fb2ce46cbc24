import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { expectOk } from '@storewright/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { guest, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
const WITHIN_MS = 15_000
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => shop.close())

const ordersOf = async (sku: string) => {
  const call = { token: keeper.token, query: { sku } }
  return expectOk('purchase orders', await shop.http.call('GET', '/v1/purchase-orders', call)).items
}
const alertOf = async (sku: string) => {
  const call = { token: keeper.token, query: { limit: 100 } }
  const { items } = expectOk('alerts', await shop.http.call('GET', '/v1/stock/alerts', call))
  return items.find((alert) => alert.sku === sku)
}
const receive = async (id: string, lines?: { sku: string; quantity: number }[]) => {
  const call = {
    token: keeper.token,
    path: { id },
    body: lines ? { lines } : {},
    idempotencyKey: randomUUID(),
  }
  return shop.http.call('POST', '/v1/purchase-orders/{id}/receive', call)
}

it('orders once from the supplier when many buy at once, and receives it in parts until the alert clears', async () => {
  const mug = await keeper.listProduct({ stock: 8 })
  const { token } = keeper
  const { id: supplier } = expectOk(
    'supplier',
    await shop.http.call('POST', '/v1/suppliers', {
      token,
      body: { name: 'Potters', leadTimeDays: 3, packSizes: [6] },
    }),
  )
  const rule = { reorderPoint: 3, reorderQuantity: 10, automatic: true, supplier, lowStockThreshold: 3 }
  const ruleCall = { token, path: { sku: mug.sku }, body: rule }
  expectOk('rule', await shop.http.call('PUT', '/v1/stock/{sku}/reorder-rule', ruleCall))

  const buyers = Array.from({ length: 8 }, () =>
    guest(shop).checkout([{ sku: mug.sku, quantity: 1 }], { waitSeconds: 10 }),
  )
  expect((await Promise.all(buyers)).map(({ status }) => status)).toEqual(Array(8).fill('confirmed'))
  for (const deadline = Date.now() + WITHIN_MS; (await ordersOf(mug.sku)).length === 0; await pause(50))
    if (Date.now() > deadline) throw new Error('nothing was ordered')

  const [order] = await ordersOf(mug.sku)
  const lines = [{ sku: mug.sku, ordered: 12, received: 0, location: 'main' }]
  expect(order).toMatchObject({ status: 'submitted', automatic: true, supplierId: supplier, lines })
  const id = order!.id
  expect(await alertOf(mug.sku)).toMatchObject({
    level: 'out',
    purchaseOrders: [{ number: order!.number, outstanding: 12 }],
  })

  expect((await receive(id, [{ sku: mug.sku, quantity: 13 }])).status).toBe(422)
  expect(expectOk('part', await receive(id, [{ sku: mug.sku, quantity: 5 }])).status).toBe('partly_received')
  expect(await keeper.stock(mug.sku)).toMatchObject({ onHand: 13, reserved: 8, available: 5 })
  expect(expectOk('rest', await receive(id)).status).toBe('received')
  expect(await keeper.stock(mug.sku)).toMatchObject({ status: 'in_stock', available: 12 })
  expect(await alertOf(mug.sku)).toBeUndefined()
  expect(await ordersOf(mug.sku)).toHaveLength(1)
  await expectCleanAudit(underTest)
})
