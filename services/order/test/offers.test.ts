import { anEvent } from '@storewright/testing'
import { ProductChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { CartBody, ProblemBody } from './shapes.ts'

const shop = useOrder()

const known = (sku: string) =>
  shop.db
    .selectFrom('offers')
    .select(['product_id as productId', sql<number>`json_extract(prices, '$.GBP') + 0`.as('price')])
    .select('on_sale as onSale')
    .where('sku', '=', sku)
    .executeTakeFirst()

it('keeps the newest state of a product, in whatever order the events arrive', async () => {
  await shop.offer('NEW', { price: 200, version: 2 })
  await shop.offer('NEW', { price: 100, version: 1 })
  expect(await known('NEW')).toMatchObject({ price: 200, onSale: 1 })
  await shop.offer('NEW', { price: 300, version: 3 })
  expect(await known('NEW')).toMatchObject({ price: 300 })
})

it('applies ProductChanged once when it is delivered twice', async () => {
  const data = {
    productId: newId(),
    slug: 'twice',
    name: 'Twice',
    status: 'published' as const,
    categoryIds: [],
    variants: [{ sku: 'TWICE', name: 'Twice', price: { amount: 5, currency: 'GBP' } }],
  }
  const event = anEvent(ProductChanged, data, { aggregateVersion: 1 })
  expect(await shop.deliver(event)).toBe('applied')
  await shop.offer('TWICE', { price: 1 })
  expect(await shop.deliver(event)).toBe('applied')
  expect(await known('TWICE')).toMatchObject({ price: 5 })
})

it('takes a replay of the version it has, and no older one', async () => {
  await shop.offer('AGAIN', { price: 100, version: 5 })
  await shop.deliver(shop.statusEvent('AGAIN', { status: 'in_stock', available: 9 }, 4))
  await shop.db
    .updateTable('offers')
    .set({ prices: '{"GBP":1}', on_sale: false })
    .where('sku', '=', 'AGAIN')
    .execute()
  await shop.db
    .updateTable('stock_statuses')
    .set({ status: 'out_of_stock' })
    .where('sku', '=', 'AGAIN')
    .execute()

  await shop.deliver(shop.statusEvent('AGAIN', { status: 'low_stock', available: 1 }, 4))
  await shop.offer('AGAIN', { price: 7, version: 4, replay: true })
  expect(await known('AGAIN')).toMatchObject({ price: 1, onSale: 0 })
  const status = () =>
    shop.db
      .selectFrom('stock_statuses')
      .select(['status', 'version'])
      .where('sku', '=', 'AGAIN')
      .executeTakeFirst()
  expect(await status()).toMatchObject({ status: 'out_of_stock' })

  await shop.offer('AGAIN', { price: 100, version: 5, replay: true })
  const repeated = { ...shop.statusEvent('AGAIN', { status: 'in_stock', available: 9 }, 4), replay: true }
  await shop.deliver(repeated)
  await shop.deliver(repeated)
  expect(await known('AGAIN')).toMatchObject({ price: 100, onSale: 1 })
  expect(await status()).toMatchObject({ status: 'in_stock', version: 4 })
})

it.each(['archived', 'draft', 'deleted'] as const)('takes a product off sale that is %s', async (status) => {
  const sku = `OFF-${status.toUpperCase()}`
  await shop.offer(sku, { version: 1 })
  await shop.offer(sku, { version: 2, status })
  expect(await known(sku)).toMatchObject({ onSale: 0 })
  await shop.offer(sku, { version: 3 })
  expect(await known(sku)).toMatchObject({ onSale: 1 })
})

it('takes a variant off sale that the newest state does not list, even if an older event arrives later', async () => {
  await shop.offer('PAIR', { version: 1, skus: ['PAIR-A', 'PAIR-B'] })
  await shop.offer('PAIR', { version: 3, skus: ['PAIR-A'] })
  await shop.offer('PAIR', { version: 2, skus: ['PAIR-A', 'PAIR-B', 'PAIR-C'] })
  expect(await known('PAIR-A')).toMatchObject({ onSale: 1 })
  expect(await known('PAIR-B')).toMatchObject({ onSale: 0 })
  expect(await known('PAIR-C')).toBeUndefined()
})

it('prices a cart in its currency, by the newest prices, and sells nothing that has no price in it', async () => {
  const money = (amount: number, currency: string) => ({ amount, currency })
  await shop.offer('BOTH', { price: 1000, prices: [money(1200, 'EUR'), money(1000, 'GBP')] })
  shop.inventory.setStock({ BOTH: 10 })
  const cart = await shop.cartWith({ BOTH: 2 }, { currency: 'EUR' })
  expect(cart.totals).toMatchObject({ total: money(2400, 'EUR') })
  expect((await shop.cartWith({ BOTH: 1 })).totals).toMatchObject({ total: money(1000, 'GBP') })

  await shop.offer('BOTH', { version: 2, price: 900, prices: [money(1100, 'EUR'), money(900, 'GBP')] })
  const line = async () => (await shop.send<CartBody>('GET', `/v1/carts/${cart.id}`)).body.items[0]
  expect(await line()).toMatchObject({ unitPrice: money(1100, 'EUR'), notices: ['priceChanged'] })
  // An event of before, with one price, is all that the product has.
  await shop.offer('BOTH', { version: 3, price: 900 })
  expect(await line()).toMatchObject({ notices: ['unavailable'] })
  const refused = await shop.send<ProblemBody>('PUT', `/v1/carts/${cart.id}/items/BOTH`, {
    body: { quantity: 1 },
  })
  expect(refused).toMatchObject({ status: 422, body: { type: 'urn:storewright:problem:currency-mismatch' } })
  expect((await shop.checkout(cart.id)).status).toBe(422)
})

it('never moves a SKU to another product', async () => {
  await shop.offer('MINE', { price: 100 })
  const before = await known('MINE')
  await shop.offer('THIEF', { price: 1, skus: ['MINE', 'THIEF'] })
  expect(await known('MINE')).toEqual(before)
  expect(await known('THIEF')).toBeDefined()
})

it('ends with the newest of many concurrent states', async () => {
  const productId = newId()
  const versions = [4, 9, 1, 10, 3, 2, 8, 5, 7, 6]
  await shop.deliverAll(
    versions.map((version) =>
      anEvent(
        ProductChanged,
        {
          productId,
          slug: 'many',
          name: 'Many',
          status: 'published',
          categoryIds: [],
          variants: [{ sku: 'MANY', name: 'Many', price: { amount: version, currency: 'GBP' } }],
        },
        { aggregateVersion: version },
      ),
    ),
  )
  expect(await known('MANY')).toMatchObject({ price: 10 })
})

it('shows the newest stock status on cart lines', async () => {
  await shop.offer('SCARCE')
  shop.inventory.setStock({ SCARCE: 100 })
  const cart = await shop.cartWith({ SCARCE: 2 })
  const noticesNow = async () =>
    (await shop.send<CartBody>('GET', `/v1/carts/${cart.id}`)).body.items[0]?.notices

  await shop.deliver(shop.statusEvent('SCARCE', { status: 'low_stock', available: 1 }, 2))
  expect(await noticesNow()).toEqual(['lowStock'])
  const older = shop.statusEvent('SCARCE', { status: 'in_stock', available: 100 }, 1)
  await shop.deliver(older)
  await shop.deliver(older)
  expect(await noticesNow()).toEqual(['lowStock'])
  await shop.deliver(shop.statusEvent('SCARCE', { status: 'in_stock', available: 100 }, 3))
  expect(await noticesNow()).toEqual([])
})

it('falls back to its own copy of the stock while inventory is away', async () => {
  await shop.offer('AWAY')
  await shop.deliver(shop.statusEvent('AWAY', { status: 'low_stock', available: 2 }, 1))
  shop.inventory.setStock({ AWAY: 50 })
  const cart = await shop.cartWith({})
  shop.inventory.setDown(true)
  const set = (quantity: number) =>
    shop.send<ProblemBody>('PUT', `/v1/carts/${cart.id}/items/AWAY`, { body: { quantity } })
  expect(await set(2)).toMatchObject({ status: 200 })
  expect(await set(3)).toMatchObject({ status: 409, body: { shortages: [{ wanted: 3, available: 2 }] } })
  shop.inventory.setDown(false)
})
