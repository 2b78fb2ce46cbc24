import { PriceChanged, ProductChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { applyDuePrices } from '../src/prices/apply-due-prices.ts'
import { gbp, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const put = (sku: string, body: Record<string, unknown>) =>
  catalog.send('PUT', `/v1/variants/${sku}/price`, { as: 'staff', body })
const remove = (sku: string, currency: string, query = '') =>
  catalog.send('DELETE', `/v1/variants/${sku}/prices/${currency}${query}`, { as: 'staff' })
const read = (id: string, query = '') => catalog.get(`/v1/products/${id}${query}`)
const history = async (sku: string, query = '') =>
  (await catalog.get(`/v1/variants/${sku}/price-history${query}`, 'staff')).body.items

/** A published product in pounds and euros. */
const aPair = async () => {
  const sku = catalog.nextSku()
  const variants = [{ sku, price: gbp(1000), compareAtPrice: gbp(1500), prices: [eur(1200)] }]
  const product = await catalog.makeProduct({ variants })
  await catalog.clearOutbox()
  return { sku, id: product.id }
}
const conflict = ({ status, body }: Answer) => `${status} ${(body as unknown as { type: string }).type}`

describe('a variant with prices in two currencies', () => {
  it('shows one of them by currency, the shop’s where none is named, and all beside', async () => {
    const { id } = await aPair()
    const shown = (await read(id)).body
    expect(shown).toMatchObject({
      price: gbp(1000),
      compareAtPrice: gbp(1500),
      prices: [eur(1200), gbp(1000)],
      variants: [
        {
          price: gbp(1000),
          compareAtPrice: gbp(1500),
          lowestPrice30Days: gbp(1000),
          prices: [
            { ...eur(1200), compareAtPrice: null, lowestPrice30Days: eur(1200) },
            { ...gbp(1000), compareAtPrice: gbp(1500), lowestPrice30Days: gbp(1000) },
          ],
        },
      ],
    })
    const inEuros = { price: eur(1200), compareAtPrice: null, lowestPrice30Days: eur(1200) }
    expect((await read(id, '?currency=EUR')).body).toMatchObject({ price: eur(1200), variants: [inEuros] })
    const none = { price: null, compareAtPrice: null, lowestPrice30Days: null }
    expect((await read(id, '?currency=JPY')).body).toMatchObject({ price: null, variants: [none] })
    expect((await read(id, '?currency=EUP')).body).toMatchObject({ errors: [{ path: 'currency' }] })
    expect((await read(id, '?currency=eur')).status).toBe(400)
  })

  it('keeps the price in the other currency when one is set, and emits both', async () => {
    const { sku, id } = await aPair()
    expect((await put(sku, { price: eur(1100), reason: 'Spring' })).body).toMatchObject({ price: gbp(1000) })
    expect((await read(id)).body.variants[0]).toMatchObject({ price: gbp(1000), compareAtPrice: gbp(1500) })
    const [state] = await catalog.emitted(ProductChanged)
    expect(state?.data.variants).toMatchObject([{ sku, price: gbp(1000), prices: [eur(1100), gbp(1000)] }])
    expect((await catalog.emitted(PriceChanged)).map(({ data }) => data)).toMatchObject([
      { sku, price: eur(1100), previousPrice: eur(1200), reason: 'Spring' },
    ])
  })

  it('loses none of 20 prices that are set in two currencies at once', async () => {
    const { sku, id } = await aPair()
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => put(sku, { price: (index % 2 ? gbp : eur)(2_000 + index) })),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
    for (const currency of ['GBP', 'EUR']) {
      const steps = await history(sku, `?currency=${currency}&limit=100`)
      expect(steps).toHaveLength(11)
      for (const [index, step] of steps.entries())
        expect(step.previousPrice).toEqual(steps[index + 1]?.price ?? null)
      expect((await read(id, `?currency=${currency}`)).body.price).toEqual(steps[0]?.price)
    }
  })

  it('has the prices that a patch states and no others', async () => {
    const { sku, id } = await aPair()
    const body = { prices: [eur(900), { amount: 1500, currency: 'JPY' }] }
    expect((await catalog.send('PATCH', `/v1/variants/${sku}`, { as: 'staff', body })).status).toBe(200)
    expect((await read(id)).body).toMatchObject({ price: null, prices: body.prices })
  })

  it('loses a price that is taken away, but never the last', async () => {
    const { sku, id } = await aPair()
    expect((await remove(sku, 'JPY')).status).toBe(404)
    expect((await remove(sku, 'EUR', '?reason=not%20sold%20there')).status).toBe(204)
    expect((await remove(sku, 'EUR')).status).toBe(404)
    expect((await read(id)).body).toMatchObject({ prices: [gbp(1000)] })
    expect(await history(sku, '?currency=EUR')).toMatchObject([
      { price: eur(1200), previousPrice: eur(1200), removed: true, reason: 'not sold there' },
      { price: eur(1200), previousPrice: null, removed: false },
    ])
    expect((await catalog.emitted(ProductChanged)).at(-1)?.data.variants[0]?.prices).toEqual([gbp(1000)])
    expect(conflict(await remove(sku, 'GBP'))).toBe('409 urn:storewright:problem:wrong-state')
  })

  it('has a history that shows staff who changed what', async () => {
    const { sku } = await aPair()
    await put(sku, { price: gbp(1000), compareAtPrice: gbp(2000), reason: 'List price rose' })
    const [step] = await history(sku)
    expect(step).toMatchObject({
      price: gbp(1000),
      compareAtPrice: gbp(2000),
      reason: 'List price rose',
      changedBy: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    const [shown] = (await catalog.get(`/v1/variants/${sku}/price-history`)).body.items
    expect(shown).not.toHaveProperty('changedBy')
    // A price that stays is no event.
    expect(await catalog.emitted(PriceChanged)).toEqual([])
  })
})

describe('the lowest price of 30 days', () => {
  const lowest = async (id: string) =>
    ((await read(id)).body.variants[0] as unknown as { lowestPrice30Days: unknown }).lowestPrice30Days

  it('counts no price that was set before the product was on sale', async () => {
    const sku = catalog.nextSku()
    const { id } = await catalog.makeProduct({ variants: [{ sku, price: gbp(1) }] }, { publish: false })
    await put(sku, { price: gbp(1299) })
    await catalog.send('POST', `/v1/products/${id}/publish`, { as: 'staff' })
    expect(await lowest(id)).toEqual(gbp(1299))
  })

  it('counts the last price on sale when a product returns at another one, and none of its time off sale', async () => {
    const { id, variants } = await catalog.makeProduct()
    await catalog.send('POST', `/v1/products/${id}/archive`, { as: 'staff' })
    for (const amount of [1, 1500]) await catalog.setPrice(variants[0].sku, amount)
    await catalog.send('POST', `/v1/products/${id}/publish`, { as: 'staff' })
    expect(await lowest(id)).toEqual(gbp(1299))
  })
})

describe('a scheduled price', () => {
  const inDays = (days: number) => new Date(Date.now() + days * 24 * 3600 * 1000).toISOString()
  const plans = async (sku: string) =>
    (await catalog.get(`/v1/variants/${sku}/scheduled-prices`, 'staff')).body.items

  it('may be in any currency, with what it is compared with, and keeps who planned it and why', async () => {
    const { sku, id } = await aPair()
    const prices = [
      { ...eur(800), compareAtPrice: eur(1200) },
      { amount: 900, currency: 'JPY' },
    ]
    const answer = await put(sku, { prices, effectiveAt: inDays(1), reason: 'Sale' })
    expect(answer.status, answer.text).toBe(202)
    expect(answer.body).toMatchObject({ scheduled: { price: eur(800), prices: [{ price: eur(800) }, {}] } })
    expect(await plans(sku)).toMatchObject([
      { price: eur(800), compareAtPrice: eur(1200) },
      { price: { amount: 900, currency: 'JPY' }, compareAtPrice: null },
    ])
    expect(await catalog.applyPricesIn(2)).toBe(2)
    expect((await read(id, '?currency=EUR')).body).toMatchObject({
      price: eur(800),
      compareAtPrice: eur(1200),
    })
    expect((await read(id)).body.price).toEqual(gbp(1000))
    const [step] = await history(sku, '?currency=EUR')
    expect(step).toMatchObject({ reason: 'Sale', changedBy: expect.any(String), previousPrice: eur(1200) })
  })

  it('is the only one of its SKU and currency for an instant; the same again plans nothing twice', async () => {
    const { sku } = await aPair()
    const effectiveAt = inDays(1)
    expect((await put(sku, { price: gbp(900), effectiveAt })).status).toBe(202)
    expect((await put(sku, { price: gbp(900), effectiveAt })).status).toBe(202)
    expect((await put(sku, { price: eur(900), effectiveAt })).status).toBe(202)
    const other = await put(sku, { price: gbp(800), effectiveAt })
    expect(conflict(other)).toBe('409 urn:storewright:problem:already-scheduled')
    expect(other.body.errors).toMatchObject([{ path: 'effectiveAt' }])
    expect(await plans(sku)).toHaveLength(2)
    const raced = inDays(2)
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => put(sku, { price: gbp(100 + index), effectiveAt: raced })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(9).fill(409)])
  })

  it('that is due comes before a price that is set by hand', async () => {
    const { sku, id } = await aPair()
    await put(sku, { price: gbp(700), effectiveAt: inDays(1) })
    const due = { effective_at: new Date(Date.now() - 1_000) }
    await catalog.db.updateTable('scheduled_prices').set(due).where('sku', '=', sku).execute()
    await put(sku, { price: gbp(800) })
    await catalog.applyPricesIn(0)
    expect((await read(id)).body.price).toEqual(gbp(800))
    expect((await history(sku, '?currency=GBP&limit=2')).map(({ price }) => price)).toEqual([
      gbp(800),
      gbp(700),
    ])
  })

  it('ends at the later of two that are 5 ms apart, with three replicas at once', async () => {
    const skus = Array.from({ length: 50 }, () => catalog.nextSku())
    const line = (sku: string) => ({ name: `Pair ${sku}`, variants: [{ sku, price: gbp(1000) }] })
    await catalog.importNdjson(skus.map(line))
    // Due one after the other while the replicas look for what is due.
    const start = Date.now() + 2_000
    const rows = skus.flatMap((sku, index) =>
      [500, 600].map((amount, step) => ({
        id: crypto.randomUUID(),
        sku,
        price_minor: amount,
        currency: 'GBP',
        compare_at_minor: null,
        effective_at: new Date(start + index * 20 + step * 5),
        reason: null,
        requested_by: null,
        state: 'waiting' as const,
        failure: null,
      })),
    )
    await catalog.db.insertInto('scheduled_prices').values(rows).execute()
    let applied = 0
    const replica = async () => {
      while (applied < rows.length && Date.now() < start + 20_000) {
        const count = await applyDuePrices(catalog.db, { currency: 'GBP' })
        applied += count
      }
    }
    await Promise.all([replica(), replica(), replica()])
    expect(applied).toBe(rows.length)
    const steps = await catalog.db
      .selectFrom('price_history')
      .select(['sku', 'price_minor as amount'])
      .where('sku', 'in', skus)
      .orderBy('id')
      .execute()
    const bySku = Map.groupBy(steps, ({ sku }) => sku)
    for (const sku of skus)
      expect(
        bySku.get(sku)?.map(({ amount }) => amount),
        sku,
      ).toEqual([1000, 500, 600])
  })

  it('of an unknown SKU is not found', async () => {
    expect((await catalog.get('/v1/variants/NOPE/scheduled-prices', 'staff')).status).toBe(404)
  })
})
