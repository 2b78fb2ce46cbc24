import { PriceChanged, ProductChanged, StockStatusChanged, type StockStatus } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { applyStockStatus } from '../src/products/apply-stock-status.ts'
import { anId, gbp, useCatalog } from './harness.ts'

// Mixed batches, half-finished states and the way back: what stays right when only part of something happens.

const catalog = useCatalog()

const DAY_MS = 24 * 3600 * 1000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)
const schedule = (sku: string, amount: number, days: number, more: Record<string, unknown> = {}) =>
  catalog.setPrice(sku, amount, { effectiveAt: inDays(days).toISOString(), ...more })
const scheduled = async (sku: string) =>
  (await catalog.get(`/v1/variants/${sku}/scheduled-prices`, 'staff')).body.items
const read = async (idOrSlug: string) => (await catalog.get(`/v1/products/${idOrSlug}`, 'staff')).body
const addCategory = async (name: string, parentId: string | null = null) =>
  (
    await catalog.send('POST', '/v1/categories', {
      as: 'staff',
      body: { name: `${name} ${anId()}`, parentId },
    })
  ).body.id
const countIn = async (category: string) =>
  (await catalog.get(`/v1/categories/${category}`)).body as unknown as { productCount: number }

describe('an import batch with a changed and a rejected row', () => {
  it('writes and emits the changed product alone, and creates no category for the rejected row', async () => {
    const [changed, rejected] = [await catalog.makeProduct(), await catalog.makeProduct()]
    const [a, b] = [changed.variants[0].sku, rejected.variants[0].sku]
    await catalog.clearOutbox()
    const answer = await catalog.importCsv(
      `sku,price,currency,category,product\n${a},5,GBP,Used path,\nNEW-EUR,1,EUP,Unused path,${rejected.slug}\n`,
    )
    expect(answer.body).toMatchObject({ updated: 1, rejected: [{ line: 3 }] })
    expect((await catalog.emitted(ProductChanged)).map(({ subject }) => subject)).toEqual([changed.id])
    expect((await catalog.get('/v1/categories/used-path')).status).toBe(200)
    expect((await catalog.get('/v1/categories/unused-path')).status).toBe(404)
    expect(await read(rejected.id)).toEqual({ ...rejected, variants: [expect.objectContaining({ sku: b })] })
  })
})

describe('a scheduled price beside other changes', () => {
  it('replaces a manual price that was set after it was scheduled, and counts that price as the lowest', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    await schedule(sku, 900, 1)
    await catalog.setPrice(sku, 700)
    await catalog.clearOutbox()
    await catalog.applyPricesIn(2)
    expect((await read(id)).variants[0]).toMatchObject({ price: gbp(900), lowestPrice30Days: gbp(700) })
    expect((await catalog.emitted(PriceChanged)).map(({ data }) => data.previousPrice)).toEqual([gbp(700)])
  })

  it('that equals the present price is applied without an event and is not scheduled any more', async () => {
    const { variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    await schedule(sku, 900, 1)
    await catalog.setPrice(sku, 900)
    await catalog.clearOutbox()
    expect(await catalog.applyPricesIn(2)).toBe(1)
    expect(await scheduled(sku)).toEqual([])
    expect(await catalog.emitted(PriceChanged)).toEqual([])
  })

  it('ends with the later one when two of a SKU are due at once', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    await schedule(sku, 500, 2)
    await schedule(sku, 600, 1)
    expect(await catalog.applyPricesIn(3)).toBe(2)
    expect(await read(id)).toMatchObject({ price: gbp(500) })
  })

  it('is neither set nor scheduled with an If-Match of an older version', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    for (const more of [{}, { effectiveAt: inDays(1).toISOString() }]) {
      const body = { price: gbp(1), ...more }
      const headers = { 'if-match': '"1"' }
      const answer = await catalog.send('PUT', `/v1/variants/${sku}/price`, { as: 'staff', body, headers })
      expect(answer.status).toBe(412)
    }
    expect(await scheduled(sku)).toEqual([])
    expect(await read(id)).toMatchObject({ price: gbp(1299) })
  })

  it('is cancelled only under its own SKU', async () => {
    const [one, other] = [await catalog.makeProduct(), await catalog.makeProduct()]
    await schedule(one.variants[0].sku, 900, 1)
    const [price] = await scheduled(one.variants[0].sku)
    const url = `/v1/variants/${other.variants[0].sku}/scheduled-prices/${price?.id}`
    expect((await catalog.send('DELETE', url, { as: 'staff' })).status).toBe(404)
    expect(await scheduled(one.variants[0].sku)).toHaveLength(1)
  })
})

describe('the product count of a category', () => {
  it('moves with a subtree and counts a product in two of its categories once', async () => {
    const [from, to] = [await addCategory('From'), await addCategory('To')]
    const parent = await addCategory('Moved', from)
    const child = await addCategory('Child', parent)
    await catalog.makeProduct({ categoryIds: [parent, child] })
    await catalog.makeProduct({ categoryIds: [child, to] })
    await catalog.makeProduct({ categoryIds: [child] }, { publish: false })
    const move = (parentId: string) =>
      catalog.send('PATCH', `/v1/categories/${parent}`, { as: 'staff', body: { parentId } })
    await move(to)
    expect(await countIn(from)).toMatchObject({ productCount: 0 })
    expect(await countIn(to)).toMatchObject({ productCount: 2 })
    await move(from)
    expect(await countIn(from)).toMatchObject({ productCount: 2 })
    expect(await countIn(to)).toMatchObject({ productCount: 1 })
  })

  it('falls when a product is archived or deleted and rises when it is published again', async () => {
    const category = await addCategory('Counted')
    const { id } = await catalog.makeProduct({ categoryIds: [category] })
    const act = (verb: string) => catalog.send('POST', `/v1/products/${id}/${verb}`, { as: 'staff' })
    await act('archive')
    expect(await countIn(category)).toMatchObject({ productCount: 0 })
    await act('publish')
    expect(await countIn(category)).toMatchObject({ productCount: 1 })
    await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    expect(await countIn(category)).toMatchObject({ productCount: 0 })
  })
})

describe('one batch of stock statuses', () => {
  it('applies the newest of a SKU and skips one that is older than the status known', async () => {
    const [one, other] = [await catalog.makeProduct(), await catalog.makeProduct()]
    const event = (sku: string, status: StockStatus, aggregateVersion: number) =>
      anEvent(StockStatusChanged, { sku, status, available: 1 }, { aggregateVersion })
    const apply = (...events: ReturnType<typeof event>[]) =>
      inTransaction(catalog.db, (trx) => applyStockStatus(trx, events, 'GBP'))
    const [a, b] = [one.variants[0].sku, other.variants[0].sku]
    await apply(event(b, 'in_stock', 5))
    await apply(event(a, 'in_stock', 2), event(b, 'out_of_stock', 4), event(a, 'out_of_stock', 1))
    expect(await read(one.id)).toMatchObject({ stockStatus: 'in_stock' })
    expect(await read(other.id)).toMatchObject({ stockStatus: 'in_stock' })
  })
})

describe('a variant that returns after it was deleted', () => {
  it('has its last price as the previous one, in its history and in PriceChanged', async () => {
    const { id } = await catalog.makeProduct()
    const sku = catalog.nextSku()
    const add = (amount: number) =>
      catalog.send('POST', `/v1/products/${id}/variants`, { as: 'staff', body: { sku, price: gbp(amount) } })
    await add(700)
    await catalog.send('DELETE', `/v1/variants/${sku}`, { as: 'staff' })
    await catalog.clearOutbox()
    expect((await add(900)).body).toMatchObject({ price: gbp(900), lowestPrice30Days: gbp(700) })
    expect((await catalog.emitted(PriceChanged)).map(({ data }) => data.previousPrice)).toEqual([gbp(700)])
  })
})
