import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { evaluateItems } from '../src/promotions/evaluate-items.ts'
import { gbp, useCatalog, type Body } from './harness.ts'

const catalog = useCatalog()

let mug: Body
let pan: Body
let kitchen: string
const skuOf = (product: Body) => product.variants[0].sku

beforeAll(async () => {
  const category = (name: string, parentId: string | null) =>
    catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, parentId } })
  kitchen = (await category('Kitchen', null)).body.id
  const mugs = (await category('Mugs', kitchen)).body.id
  const priced = (amount: number) => ({ variants: [{ sku: catalog.nextSku(), price: gbp(amount) }] })
  mug = await catalog.makeProduct({ ...priced(1_299), categoryIds: [mugs] })
  pan = await catalog.makeProduct(priced(4_000))
})
beforeEach(() => catalog.db.deleteFrom('promotions').execute())

const promote = async (body: Record<string, unknown>) => {
  const made = await catalog.send('POST', '/v1/promotions', { as: 'staff', body: { name: 'Sale', ...body } })
  expect(made.status, made.text).toBe(201)
  return made.body.id
}
const evaluate = (quantities: Record<string, number>, more: Record<string, unknown> = {}) =>
  catalog.send('POST', '/v1/promotions/evaluate', {
    body: { items: Object.entries(quantities).map(([sku, quantity]) => ({ sku, quantity })), ...more },
  })
const paths = (answer: { body: Body }) => answer.body.errors.map(({ path }) => path)

it('shows guests what applies to which line, and why the rest does not', async () => {
  const onMugs = await promote({ kind: 'percentage', percentage: 10, appliesTo: { categories: [kitchen] } })
  const coupon = await promote({
    kind: 'amount',
    amount: gbp(500),
    code: 'FIVER',
    limits: { perCustomer: 1 },
  })
  const free = await promote({ kind: 'free_shipping', minimum: gbp(10_000) })
  const answer = await evaluate({ [skuOf(mug)]: 2, [skuOf(pan)]: 1 }, { codes: ['fiver ', 'nobody'] })
  expect(answer.status, answer.text).toBe(200)
  expect(answer.body).toMatchObject({
    currency: 'GBP',
    freeShipping: false,
    lines: [
      {
        subtotal: gbp(2_598),
        discount: gbp(444),
        total: gbp(2_154),
        promotions: [
          { promotionId: onMugs, amount: gbp(260) },
          { promotionId: coupon, amount: gbp(184) },
        ],
      },
      { discount: gbp(316), promotions: [{ promotionId: coupon }] },
    ],
    discounts: [
      { promotionId: onMugs, amount: gbp(260) },
      { promotionId: coupon, code: 'FIVER', amount: gbp(500) },
    ],
    notApplied: [
      { promotionId: free, reason: 'minimum-not-reached', missing: gbp(3_402) },
      { code: 'NOBODY', reason: 'unknown-code' },
    ],
    totals: { subtotal: gbp(6_598), discount: gbp(760), total: gbp(5_838) },
  })
})

it('keeps codes that nobody sent, and what has not begun, to itself', async () => {
  await promote({ kind: 'percentage', percentage: 50, code: 'SECRET' })
  await promote({ kind: 'percentage', percentage: 50, startsAt: '2999-01-01T00:00:00Z' })
  await promote({ kind: 'percentage', percentage: 50, enabled: false })
  await promote({
    kind: 'percentage',
    percentage: 50,
    startsAt: '2020-01-01T00:00:00Z',
    endsAt: '2020-02-01T00:00:00Z',
  })
  const hidden = await evaluate({ [skuOf(mug)]: 1 }, { codes: ['SECRE', '%'] })
  expect(hidden.body).toMatchObject({
    discounts: [],
    notApplied: [
      { code: 'SECRE', reason: 'unknown-code' },
      { code: '%', reason: 'unknown-code' },
    ],
  })
  expect(hidden.text).not.toContain('SECRET')
  const later = await promote({ kind: 'free_shipping', code: 'LATER', startsAt: '2999-01-01T00:00:00Z' })
  expect((await evaluate({ [skuOf(mug)]: 1 }, { codes: ['later'] })).body).toMatchObject({
    notApplied: [{ promotionId: later, code: 'LATER', reason: 'not-started' }],
  })
})

it('asks the database three times, for 1 item as for 100', async () => {
  const skus = Array.from({ length: 100 }, () => catalog.nextSku())
  await catalog.makeProduct({ variants: skus.map((sku) => ({ sku, price: gbp(100) })) })
  for (let index = 0; index < 30; index++) await promote({ kind: 'percentage', percentage: 1 })
  let statements = 0
  const counting = catalog.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      statements += 1
      return Promise.resolve(result)
    },
  })
  const count = async (wanted: string[], codes: string[]) => {
    statements = 0
    const items = wanted.map((sku) => ({ sku, quantity: 1 }))
    await evaluateItems(counting, { items, codes }, { currency: 'GBP', now: new Date() })
    return statements
  }
  expect(await count(skus.slice(0, 1), [])).toBe(3)
  expect(await count(skus, ['A', 'B', 'C'])).toBe(3)
})

describe('what cannot be evaluated is refused by field', () => {
  it('SKUs that are not on sale, stand twice or have no price in the currency', async () => {
    const draft = await catalog.makeProduct({}, { publish: false })
    const answer = await evaluate({
      [skuOf(mug)]: 1,
      NOPE: 1,
      [skuOf(draft)]: 1,
      [skuOf(mug).toLowerCase()]: 1,
    })
    expect(answer.status).toBe(422)
    expect(paths(answer)).toEqual(['items.1.sku', 'items.2.sku', 'items.3.sku'])
    expect(paths(await evaluate({ [skuOf(mug)]: 1 }, { currency: 'EUR' }))).toEqual(['items.0.sku'])
    expect(paths(await evaluate({ [skuOf(mug)]: 1 }, { currency: 'QQQ' }))).toEqual(['currency'])
  })

  it('more money than there is', async () => {
    const dear = await catalog.makeProduct({
      variants: [{ sku: catalog.nextSku(), price: gbp(1_000_000_000_000) }],
    })
    expect(paths(await evaluate({ [skuOf(dear)]: 2 }))).toEqual(['items.0.quantity'])
    expect(paths(await evaluate({ [skuOf(dear)]: 1, [skuOf(mug)]: 1 }))).toEqual(['items'])
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['no items', { items: [] }, 'items'],
    ['101 items', { items: Array.from({ length: 101 }, (_, i) => ({ sku: `S${i}`, quantity: 1 })) }, 'items'],
    ['21 codes', { codes: Array.from({ length: 21 }, (_, i) => `C${i}`) }, 'codes'],
    ['an endless code', { codes: ['A'.repeat(101)] }, 'codes'],
    ['a quantity of 0', { items: [{ sku: 'A', quantity: 0 }] }, 'items.0.quantity'],
    ['a currency in words', { currency: 'pounds' }, 'currency'],
  ])('%s', async (_what, change, field) => {
    const answer = await evaluate({ A: 1 }, change)
    expect(answer.status).toBe(400)
    expect(paths(answer).join()).toContain(field)
  })
})
