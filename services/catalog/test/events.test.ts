import { OrderConfirmed, ProductChanged, StockStatusChanged, type StockStatus } from '@storewright/contracts'
import { anEvent, eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { updatePopularity } from '../src/popularity/update-popularity.ts'
import { anId, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const stockFact = (sku: string, status: StockStatus, version: number, replay = false) =>
  anEvent(StockStatusChanged, { sku, status, available: 1 }, { aggregateVersion: version, replay })

const statusOf = async (id: string) => (await catalog.get(`/v1/products/${id}`)).body.stockStatus

describe('stock status', () => {
  it('appears on the product, its variant and in lists without a new version', async () => {
    const { id, variants, version } = await catalog.makeProduct({
      variants: [
        { sku: catalog.nextSku(), price: gbp(1) },
        { sku: catalog.nextSku(), price: gbp(2) },
      ],
    })
    await catalog.clearOutbox()
    expect(await catalog.deliver(stockFact(variants[1].sku, 'low_stock', 1))).toBe('applied')
    const product = (await catalog.get(`/v1/products/${id}`)).body
    expect(product).toMatchObject({
      version,
      stockStatus: 'low_stock',
      variants: [{ stockStatus: 'out_of_stock' }, { stockStatus: 'low_stock' }],
    })
    expect((await catalog.get('/v1/products?inStock=true')).body.items).toMatchObject([{ id }])
    expect(await catalog.emitted(ProductChanged)).toEqual([])
    await catalog.deliver(stockFact(variants[1].sku, 'out_of_stock', 2))
    expect((await catalog.get('/v1/products?inStock=true')).body.items).toEqual([])
  })

  it('is applied once when delivered twice and is never overwritten by an older event', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    const newest = stockFact(sku, 'in_stock', 3)
    await catalog.deliver(newest)
    await catalog.deliver(stockFact(sku, 'out_of_stock', 2))
    await catalog.deliver(newest)
    expect(await statusOf(id)).toBe('in_stock')
    await catalog.deliver(stockFact(sku, 'low_stock', 4))
    expect(await statusOf(id)).toBe('low_stock')
  })

  it('of the version that is known is taken from a replay only, and an older replay is not', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku }] = variants
    await catalog.deliver(stockFact(sku, 'in_stock', 3))
    await catalog.deliver(stockFact(sku, 'low_stock', 3))
    expect(await statusOf(id)).toBe('in_stock')
    const replay = stockFact(sku, 'low_stock', 3, true)
    await catalog.deliver(replay)
    await catalog.deliver(replay)
    expect(await statusOf(id)).toBe('low_stock')
    await catalog.deliver(stockFact(sku, 'out_of_stock', 2, true))
    expect(await statusOf(id)).toBe('low_stock')
  })

  it('that arrives before its product is shown once the product exists', async () => {
    const sku = catalog.nextSku()
    await catalog.deliver(stockFact(sku, 'in_stock', 1))
    const { id } = await catalog.makeProduct({ variants: [{ sku, price: gbp(1) }] })
    expect(await statusOf(id)).toBe('in_stock')
    const imported = catalog.nextSku()
    await catalog.deliver(stockFact(imported, 'low_stock', 1))
    await catalog.importCsv(`sku,name,price,currency\n${imported},Early bird,1,GBP\n`)
    expect(await statusOf('early-bird')).toBe('low_stock')
  })

  it('that arrives while its product is created is shown on it', async () => {
    const skus = Array.from({ length: 20 }, () => catalog.nextSku())
    const made = Promise.all(skus.map((sku) => catalog.makeProduct({ variants: [{ sku, price: gbp(1) }] })))
    await Promise.all(skus.map((sku) => catalog.deliver(stockFact(sku, 'in_stock', 1))))
    for (const { id } of await made) expect(await statusOf(id)).toBe('in_stock')
  })

  it('that does not fit its contract is dead-lettered', async () => {
    const wrong = anEvent(StockStatusChanged, { sku: 'x', status: 'gone' as StockStatus, available: -1 })
    expect(await catalog.deliver(wrong)).toBe('dead')
  })
})

describe('popularity', () => {
  const order = (...lines: { sku: string; quantity: number }[]) =>
    anEvent(OrderConfirmed, { orderId: anId(), lines, total: gbp(1), confirmedAt: new Date().toISOString() })
  const popular = async () =>
    (await catalog.get('/v1/products?sort=popular&limit=2')).body.items.map((item) => item.id)
  const spread = () => eventually(async () => !(await updatePopularity(catalog.db)))

  it('counts the units sold, each order once', async () => {
    const first = await catalog.makeProduct()
    const second = await catalog.makeProduct()
    const [a, b] = [first.variants[0].sku, second.variants[0].sku]
    const bestseller = order({ sku: a, quantity: 1_000 })
    for (const event of [bestseller, order({ sku: b, quantity: 1_500 }), bestseller])
      await catalog.deliver(event)
    await spread()
    expect(await popular()).toEqual([second.id, first.id])
    await catalog.deliver(order({ sku: a, quantity: 600 }, { sku: 'UNKNOWN', quantity: 5 }))
    await spread()
    expect(await popular()).toEqual([first.id, second.id])
  })

  it('does not count an order that is repeated', async () => {
    const [best] = await popular()
    const { variants } = await catalog.makeProduct()
    await catalog.deliver({ ...order({ sku: variants[0].sku, quantity: 9_999 }), replay: true })
    await spread()
    expect((await popular())[0]).toBe(best)
  })

  it('is kept when the product changes', async () => {
    const [best] = await popular()
    await catalog.send('PATCH', `/v1/products/${best}`, { as: 'staff', body: { name: 'Renamed' } })
    expect((await popular())[0]).toBe(best)
  })

  it('counts sales that were reported before the product existed', async () => {
    const sku = catalog.nextSku()
    await catalog.deliver(order({ sku, quantity: 5_000 }))
    await spread()
    const { id } = await catalog.makeProduct({ variants: [{ sku, price: gbp(1) }] })
    await spread()
    expect((await popular())[0]).toBe(id)
  })
})
