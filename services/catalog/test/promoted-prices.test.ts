import { ProductChanged } from '@storewright/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import { refreshPrices } from '../src/promoted-prices/refresh-prices.ts'
import { gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const HOUR_MS = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
beforeEach(async () => {
  await catalog.db.deleteFrom('promotions').execute()
  await catalog.db.deleteFrom('price_refreshes').execute()
})

const promote = async (body: Record<string, unknown> = {}) => {
  const whole = { name: 'Sale', kind: 'percentage', percentage: 10, ...body }
  const made = await catalog.send('POST', '/v1/promotions', { as: 'staff', body: whole })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}
/** Runs the job until nothing is due. */
const refresh = async (at?: Date, batch?: number) => {
  for (let rounds = 0; ; rounds++)
    if (!(await refreshPrices(catalog.db, { currency: 'GBP', ...(at && { at }), ...(batch && { batch }) })))
      return rounds
}
const promotionOf = async (id: string) => {
  const product = (await catalog.get(`/v1/products/${id}`)).body as unknown as { promotion?: unknown }
  return product.promotion
}
const aProduct = (input: Record<string, unknown> = {}) =>
  catalog.makeProduct({ variants: [{ sku: catalog.nextSku(), price: gbp(1_299) }], ...input })

describe('a promotion that anybody gets on one unit', () => {
  it('shows on the product, its variants and in lists, without a new version and without an event', async () => {
    const { id, version } = await aProduct()
    const promotionId = await promote({ appliesTo: { products: [id] }, endsAt: inHours(1).toISOString() })
    await catalog.clearOutbox()
    await refresh()
    const shown = {
      id: promotionId,
      name: 'Sale',
      kind: 'percentage',
      price: gbp(1_169),
      endsAt: expect.any(String),
    }
    const product = (await catalog.get(`/v1/products/${id}`)).body
    expect(product).toMatchObject({
      version,
      price: gbp(1_299),
      promotion: shown,
      variants: [{ promotion: shown }],
    })
    const list = await catalog.get('/v1/products?limit=100')
    expect(list.body.items.find((item) => item.id === id)).toMatchObject({ promotion: shown })
    expect(await catalog.emitted(ProductChanged)).toEqual([])
  })

  it('begins and ends at its instants, by several workers at once', async () => {
    const { id } = await aProduct()
    await promote({ startsAt: inHours(1).toISOString(), endsAt: inHours(2).toISOString() })
    await refresh()
    expect(await promotionOf(id)).toBeUndefined()
    await Promise.all(Array.from({ length: 4 }, () => refresh(inHours(1.5), 3)))
    expect(await promotionOf(id)).toMatchObject({ price: gbp(1_169) })
    await refresh(inHours(2.5))
    expect(await promotionOf(id)).toBeUndefined()
  })

  it('ends when it is disabled, deleted or moved to something else', async () => {
    const [one, other] = [await aProduct(), await aProduct()]
    const promotionId = await promote({ appliesTo: { products: [one.id] } })
    const change = (body: object) =>
      catalog.send('PATCH', `/v1/promotions/${promotionId}`, { as: 'staff', body })
    await change({ appliesTo: { products: [other.id] } })
    await refresh()
    expect([await promotionOf(one.id), await promotionOf(other.id)]).toMatchObject([undefined, {}])
    await change({ enabled: false })
    await refresh()
    expect(await promotionOf(other.id)).toBeUndefined()
    await change({ enabled: true })
    await refresh()
    expect(await promotionOf(other.id)).toBeDefined()
    await catalog.send('DELETE', `/v1/promotions/${promotionId}`, { as: 'staff' })
    await refresh()
    expect(await promotionOf(other.id)).toBeUndefined()
  })

  it('comes and goes with the category, when the product or the category moves', async () => {
    const category = async (name: string, parentId: string | null = null) =>
      (await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })).body.id
    const [kitchen, garden] = [await category('Kitchen'), await category('Garden')]
    const mugs = await category('Mugs', kitchen)
    const { id } = await aProduct({ categoryIds: [mugs] })
    await promote({ appliesTo: { categories: [kitchen] } })
    await refresh()
    expect(await promotionOf(id)).toBeDefined()
    await catalog.send('PATCH', `/v1/categories/${mugs}`, { as: 'staff', body: { parentId: garden } })
    await refresh()
    expect(await promotionOf(id)).toBeUndefined()
    await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body: { categoryIds: [kitchen] } })
    expect(await promotionOf(id)).toBeDefined()
  })

  it('is on a product that is made while it runs, and counts for a new price', async () => {
    await promote()
    const { id, variants } = await aProduct()
    expect(await promotionOf(id)).toMatchObject({ price: gbp(1_169) })
    await catalog.setPrice(variants[0].sku, 1_000)
    expect(await promotionOf(id)).toMatchObject({ price: gbp(900) })
  })
})

it('shows nothing of a promotion with a code, a minimum or a limit', async () => {
  const { id } = await aProduct()
  await promote({ code: 'SECRET' })
  await promote({ minimum: gbp(1) })
  await promote({ limits: { perCustomer: 1 } })
  await refresh()
  expect(await promotionOf(id)).toBeUndefined()
})

it('goes through products in batches, and goes on where a worker died', async () => {
  const products = await Promise.all(Array.from({ length: 7 }, () => aProduct()))
  await promote({ appliesTo: { products: products.map(({ id }) => id) } })
  expect(await refreshPrices(catalog.db, { currency: 'GBP', batch: 3 })).toBe(true)
  const left = await catalog.db.selectFrom('price_refreshes').select('after_id').execute()
  expect(left).toEqual([{ after_id: products.map(({ id }) => id).sort()[2] }])
  await refresh(undefined, 3)
  for (const { id } of products) expect(await promotionOf(id)).toBeDefined()
})

it('puts what fails behind what waits', async () => {
  const { id } = await aProduct()
  await catalog.db
    .insertInto('price_refreshes')
    .values({ promotion_id: null, due_at: inHours(-1), scope: '{}' })
    .execute()
  await promote({ appliesTo: { products: [id] } })
  await expect(refreshPrices(catalog.db, { currency: 'GBP' })).rejects.toThrow()
  await refresh()
  expect(await promotionOf(id)).toBeDefined()
})
