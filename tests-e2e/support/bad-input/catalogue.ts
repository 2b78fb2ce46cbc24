import { randomUUID } from 'node:crypto'
import { absurd, bad, byAdmin, LONG, money, type Case } from './fixtures.ts'

const variant = (change: Record<string, unknown> = {}) => ({
  sku: `V-${randomUUID().slice(0, 8).toUpperCase()}`,
  name: 'A variant',
  price: money(100),
  ...change,
})

const create = (what: string, body: Record<string, unknown>, status: number, field?: string) =>
  bad(`a product with ${what}`, 'POST', '/v1/products', status, field, byAdmin({ body }))

const promotion = (what: string, change: Record<string, unknown>, status: number, field: string) =>
  bad(
    `a promotion ${what}`,
    'POST',
    '/v1/promotions',
    status,
    field,
    byAdmin({ body: { name: 'A', kind: 'percentage', percentage: 10, ...change } }),
  )

const importing = (what: string, type: string, content: string, status: number) =>
  bad(
    `importing ${what}`,
    'POST',
    '/v1/products/import',
    status,
    undefined,
    byAdmin({ raw: { type, content } }),
  )

export const catalogueCases: Case[] = [
  create('no name', { variants: [variant()] }, 400, 'name'),
  create('a name that is a number', { name: 5, variants: [variant()] }, 400, 'name'),
  create('an over-long name', { name: LONG, variants: [variant()] }, 400, 'name'),
  create('an unknown property', { name: 'A', colour: 'blue', variants: [variant()] }, 400, 'colour'),
  create('a SKU with spaces', { name: 'A', variants: [variant({ sku: 'A B' })] }, 400, 'variants.0.sku'),
  create('no SKU', { name: 'A', variants: [{ name: 'B', price: money(1) }] }, 400, 'variants.0.sku'),
  create(
    'the currency "gbp"',
    { name: 'A', variants: [variant({ price: money(1, 'gbp') })] },
    400,
    'currency',
  ),
  create(
    'a currency that nobody has',
    { name: 'A', variants: [variant({ price: money(1, 'QQQ') })] },
    422,
    'currency',
  ),
  create(
    'a price without currency',
    { name: 'A', variants: [variant({ price: { amount: 1 } })] },
    400,
    'currency',
  ),
  ...absurd.map(([what, amount]) =>
    create(
      `the price ${what}`,
      { name: 'A', variants: [variant({ price: { amount, currency: 'GBP' } })] },
      400,
      'amount',
    ),
  ),
  create(
    'a category that is not there',
    { name: 'A', categoryIds: [randomUUID()], variants: [variant()] },
    422,
    'categoryIds',
  ),
  bad('a product with a SKU that is taken', 'POST', '/v1/products', 409, 'sku', ({ admin, mug }) => ({
    token: admin,
    body: { name: 'A', variants: [variant({ sku: mug.sku.toLowerCase() })] },
  })),
  bad(
    'a change of something stale',
    'PATCH',
    ({ bowl }) => `/v1/products/${bowl.id}`,
    412,
    undefined,
    byAdmin({ headers: { 'if-match': '"999"' }, body: { name: 'Other' } }),
  ),
  bad(
    'a price in another currency',
    'PUT',
    ({ bowl }) => `/v1/variants/${bowl.sku}/price`,
    422,
    'currency',
    byAdmin({ body: { price: money(100, 'QQQ') } }),
  ),
  bad(
    'the price of a SKU that is not there',
    'PUT',
    '/v1/variants/NOT-THERE/price',
    404,
    undefined,
    byAdmin({ body: { price: money(100) } }),
  ),
  bad('a product that is not there', 'GET', `/v1/products/${randomUUID()}`, 404),
  bad('an archived product', 'GET', ({ retired }) => `/v1/products/${retired.id}`, 404),
  bad('a category that is not there', 'GET', '/v1/categories/not-there', 404),
  promotion(
    'that ends before it starts',
    { startsAt: '2999-02-01T00:00:00Z', endsAt: '2999-01-01T00:00:00Z' },
    422,
    'endsAt',
  ),
  promotion('of more than everything', { percentage: 101 }, 400, 'percentage'),
  promotion('on a product that is not there', { appliesTo: { products: [randomUUID()] } }, 422, 'products'),
  bad(
    'promotions for a SKU that is not there',
    'POST',
    '/v1/promotions/evaluate',
    422,
    'items.0.sku',
    () => ({
      body: { items: [{ sku: 'NOT-THERE', quantity: 1 }] },
    }),
  ),
  importing('JSON', 'application/json', '{}', 415),
  importing('an unknown column', 'text/csv', 'sku,name,price,currency,weight\nA,B,1.00,GBP,5\n', 400),
  importing('nothing', 'text/csv', '', 400),
]
