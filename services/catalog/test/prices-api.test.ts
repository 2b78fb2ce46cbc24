import { PriceChanged, ProductChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { applyDuePrices } from '../src/prices/apply-due-prices.ts'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const DAY_MS = 24 * 3600 * 1000
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS)
const history = (sku: string, query = '', as?: 'staff') =>
  catalog.get(`/v1/variants/${sku}/price-history${query}`, as)

/** A published product's SKU, priced at 1000 so many days ago. */
const aSku = async (daysAgo = 0) => {
  const sku = catalog.nextSku()
  const product = await catalog.makeProduct({ variants: [{ sku, price: gbp(1000) }] })
  await catalog.db
    .updateTable('sale_periods')
    .set({ from_at: inDays(-daysAgo) })
    .where('sku', '=', sku)
    .execute()
  await catalog.clearOutbox()
  return { sku, id: product.id }
}

describe('a price', () => {
  it('changes at once and emits PriceChanged beside ProductChanged', async () => {
    const { sku, id } = await aSku()
    const answer = await catalog.setPrice(sku, 800, { reason: 'Summer sale' })
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toMatchObject({ productId: id, sku, price: gbp(800), lowestPrice30Days: gbp(1000) })
    expect((await catalog.get(`/v1/products/${id}`)).body).toMatchObject({ price: gbp(800) })
    expect((await catalog.emitted(PriceChanged)).map(({ data }) => data)).toMatchObject([
      { productId: id, sku, price: gbp(800), previousPrice: gbp(1000), reason: 'Summer sale' },
    ])
    expect((await catalog.emitted(ProductChanged)).map(({ data }) => data.variants)).toEqual([
      [{ sku, name: expect.any(String), price: gbp(800), prices: [gbp(800)] }],
    ])
  })

  it('changes and emits nothing when it is set to the same amount', async () => {
    const { sku } = await aSku()
    await catalog.setPrice(sku, 800)
    await catalog.clearOutbox()
    expect((await catalog.setPrice(sku, 800)).body).toMatchObject({ price: gbp(800) })
    expect((await history(sku)).body.items).toHaveLength(2)
    expect(await catalog.emitted(ProductChanged)).toEqual([])
  })

  it('is shown with the lowest price of the 30 days before it began', async () => {
    const { sku, id } = await aSku(60)
    const changed = async (amount: number, daysAgo: number) => {
      await catalog.setPrice(sku, amount)
      const begun = { from_at: inDays(-daysAgo) }
      const periods = catalog.db.updateTable('sale_periods').where('sku', '=', sku)
      await periods.set(begun).where('until_at', '>', inDays(1)).execute()
      // The one that it replaced.
      const ended = periods.set({ until_at: begun.from_at }).where('until_at', '<', inDays(1))
      await ended.orderBy('id', 'desc').limit(1).execute()
    }
    await changed(500, 50)
    await changed(900, 40)
    await changed(700, 20)
    await changed(1200, 10)
    const reduced = await catalog.setPrice(sku, 1000)
    // 500 ended 40 days ago; 700 was asked until 10 days ago.
    expect(reduced.body).toMatchObject({ lowestPrice30Days: gbp(700) })
    const { variants } = (await catalog.get(`/v1/products/${id}`)).body
    expect(variants[0]).toMatchObject({ price: gbp(1000), lowestPrice30Days: gbp(700) })
  })

  it('has a history in pages that shows reasons to staff only', async () => {
    const { sku } = await aSku(3)
    for (const amount of [900, 800, 700]) await catalog.setPrice(sku, amount, { reason: `to ${amount}` })
    const first = await history(sku, '?limit=3')
    expect(first.body.items.map((item) => item.price)).toEqual([gbp(700), gbp(800), gbp(900)])
    expect(first.body.items[0]).toMatchObject({ previousPrice: gbp(800), lowestPrice30Days: gbp(800) })
    expect(first.body.items[0]).not.toHaveProperty('reason')
    const second = await history(sku, `?limit=3&cursor=${first.body.nextCursor}`)
    expect(second.body).toMatchObject({
      items: [{ price: gbp(1000), previousPrice: null }],
      nextCursor: null,
    })
    expect((await history(sku, '', 'staff')).body.items[0]).toMatchObject({ reason: 'to 700' })
  })

  it('of a draft has a history for staff only', async () => {
    const { variants } = await catalog.makeProduct({}, { publish: false })
    expect((await history(variants[0].sku)).status).toBe(404)
    expect((await history(variants[0].sku, '', 'staff')).status).toBe(200)
    expect((await history('NO-SUCH')).status).toBe(404)
  })
})

describe('a scheduled price', () => {
  const plans = async (sku: string) =>
    (await catalog.get(`/v1/variants/${sku}/scheduled-prices`, 'staff')).body.items

  it('begins once when it is due, with several workers at once', async () => {
    const { sku, id } = await aSku()
    const at = inDays(2)
    const answer = await catalog.setPrice(sku, 800, { effectiveAt: at.toISOString(), reason: 'Later' })
    expect(answer.status, answer.text).toBe(202)
    expect(answer.body).toMatchObject({
      price: gbp(1000),
      scheduled: { price: gbp(800), effectiveAt: at.toISOString() },
    })
    expect(await plans(sku)).toMatchObject([{ price: gbp(800), state: 'waiting' }])

    expect(await catalog.applyPricesIn(1)).toBe(0)
    const due = { effective_at: inDays(-1) }
    await catalog.db.updateTable('scheduled_prices').set(due).where('sku', '=', sku).execute()
    const workers = Array.from({ length: 4 }, () => applyDuePrices(catalog.db, { currency: 'GBP' }))
    const applied = await Promise.all(workers)
    expect(applied.reduce((sum, count) => sum + count, 0)).toBe(1)
    expect((await catalog.get(`/v1/products/${id}`)).body).toMatchObject({ price: gbp(800) })
    expect(await catalog.emitted(PriceChanged)).toHaveLength(1)
    expect(await plans(sku)).toEqual([])
  })

  it('can be cancelled', async () => {
    const { sku } = await aSku()
    await catalog.setPrice(sku, 800, { effectiveAt: inDays(1).toISOString() })
    const [plan] = await plans(sku)
    const cancel = () =>
      catalog.send('DELETE', `/v1/variants/${sku}/scheduled-prices/${plan?.id}`, { as: 'staff' })
    expect((await cancel()).status).toBe(204)
    expect((await cancel()).status).toBe(404)
    expect(await catalog.applyPricesIn(3)).toBe(0)
  })

  it('that can no longer be applied is kept as failed and delays no other', async () => {
    const [gone, there] = [await aSku(), await aSku()]
    await catalog.setPrice(gone.sku, 800, { effectiveAt: inDays(1).toISOString() })
    await catalog.setPrice(there.sku, 800, { effectiveAt: inDays(2).toISOString() })
    await catalog.send('DELETE', `/v1/products/${gone.id}`, { as: 'staff' })
    await catalog.applyPricesIn(3)
    expect((await catalog.get(`/v1/products/${there.id}`)).body).toMatchObject({ price: gbp(800) })
    expect(await plans(gone.sku)).toMatchObject([
      { state: 'failed', failure: expect.stringContaining('There is no product') },
    ])
  })

  it('is refused for the past, the far future and what could not be applied today', async () => {
    const { sku } = await aSku()
    for (const effectiveAt of ['2020-01-01T00:00:00Z', '9999-12-31T00:00:00Z'])
      expect((await catalog.setPrice(sku, 1, { effectiveAt })).status).toBe(422)
    expect((await catalog.setPrice(sku, 1, { effectiveAt: 'tomorrow' })).status).toBe(400)
    const tooFew = { effectiveAt: inDays(1).toISOString(), compareAtPrice: gbp(1) }
    expect((await catalog.setPrice(sku, 1, tooFew)).status).toBe(422)
  })
})
