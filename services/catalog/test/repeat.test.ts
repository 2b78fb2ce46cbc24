import { CategoryChanged, PriceChanged, ProductChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { expect, it } from 'vitest'
import { categoryRebuilder } from '../src/categories/edit-categories.ts'
import { productRebuilder } from '../src/products/repeat-products.ts'
import { anId, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const repeatAll = async (skus: string[] | null = null, limit = 3) => {
  const ids: string[] = []
  for (let after = ''; ; after = ids.at(-1) ?? '') {
    const page = await inTransaction(catalog.db, (trx) =>
      productRebuilder('GBP').emitPage(trx, { after, limit, skus }),
    )
    ids.push(...page)
    if (page.length < limit) return ids
  }
}

it('emits every product once more as it is, in pages, with the number of its last event', async () => {
  const published = await catalog.makeProduct()
  const draft = await catalog.makeProduct({}, { publish: false })
  const deleted = await catalog.makeProduct()
  await catalog.send('DELETE', `/v1/products/${deleted.id}`, { as: 'staff' })
  const others = [await catalog.makeProduct(), await catalog.makeProduct()]
  const before = await catalog.emitted(ProductChanged)
  const prices = await catalog.emitted(PriceChanged)
  const ids = await repeatAll()

  const made = [published, draft, deleted, ...others].map(({ id }) => id)
  expect(ids).toEqual([...made].sort())
  const repeated = (await catalog.emitted(ProductChanged)).slice(before.length)
  expect(repeated.every(({ replay }) => replay)).toBe(true)
  expect(repeated.map(({ subject }) => subject)).toEqual(ids)
  for (const { subject, data, aggregateVersion } of repeated) {
    const last = before.filter((event) => event.subject === subject).at(-1)
    expect(data).toEqual(last?.data)
    const newest = [...before, ...prices].filter((event) => event.subject === subject)
    expect(aggregateVersion).toBe(Math.max(...newest.map((event) => event.aggregateVersion)))
  }
  // Nothing about prices, which would count as changes.
  expect(await catalog.emitted(PriceChanged)).toHaveLength(prices.length)
})

it('emits the products of the SKUs that were asked for', async () => {
  const { id, variants } = await catalog.makeProduct({
    variants: [
      { sku: catalog.nextSku(), price: gbp(1) },
      { sku: catalog.nextSku(), price: gbp(2) },
    ],
  })
  expect(await repeatAll([...variants.map(({ sku }) => sku), 'NOWHERE'])).toEqual([id])
})

it('never repeats a state that is not that of its number, while the product changes', async () => {
  const { id, variants } = await catalog.makeProduct()
  const [{ sku }] = variants
  const changes = Array.from({ length: 15 }, (_, index) =>
    catalog.send('PUT', `/v1/variants/${sku}/price`, { as: 'staff', body: { price: gbp(2_000 + index) } }),
  )
  const repeats = Array.from({ length: 15 }, () => repeatAll([sku]))
  for (const { status } of await Promise.all(changes)) expect(status).toBe(200)
  await Promise.all(repeats)

  const events = (await catalog.emitted(ProductChanged)).filter(({ subject }) => subject === id)
  const changed = events.filter(({ replay }) => !replay)
  const repeated = events.filter(({ replay }) => replay)
  expect(repeated.length).toBeGreaterThanOrEqual(15)
  for (const { aggregateVersion, data } of repeated) {
    const last = changed.filter((event) => event.aggregateVersion <= aggregateVersion).at(-1)
    expect(data).toEqual(last?.data)
  }
})

it('emits every category once more', async () => {
  const { body } = await catalog.send('POST', '/v1/categories', {
    as: 'staff',
    body: { name: `Repeated ${anId()}` },
  })
  const before = await catalog.emitted(CategoryChanged, body.id)
  await inTransaction(catalog.db, (trx) =>
    categoryRebuilder.emitPage(trx, { after: '', limit: 1_000, skus: null }),
  )
  const [first, again, ...more] = await catalog.emitted(CategoryChanged, body.id)
  expect(before).toEqual([first])
  expect(more).toEqual([])
  expect(again).toMatchObject({ replay: true, aggregateVersion: 1, data: first!.data })
})
