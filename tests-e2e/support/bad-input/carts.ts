import { randomUUID } from 'node:crypto'
import { absurd, asAda, asBob, bad, LONG, type Case, type Fixtures } from './fixtures.ts'

const fill = (what: string, items: unknown, status: number, field?: string) =>
  bad(`a cart with ${what}`, 'PUT', ({ emptyCart }) => `/v1/carts/${emptyCart.id}/items`, status, field, {
    body: { items },
  })
const fillWith = (what: string, skuOf: (fixtures: Fixtures) => string, status: number, field?: string) =>
  bad(
    `a cart with ${what}`,
    'PUT',
    ({ emptyCart }) => `/v1/carts/${emptyCart.id}/items`,
    status,
    field,
    (fixtures) => ({
      body: { items: [{ sku: skuOf(fixtures), quantity: 1 }] },
    }),
  )

export const cartCases: Case[] = [
  bad('a cart in the currency "ABC"', 'POST', '/v1/carts', 422, 'currency', { body: { currency: 'ABC' } }),
  bad('a cart in the currency "pounds"', 'POST', '/v1/carts', 400, 'currency', {
    body: { currency: 'pounds' },
  }),
  bad('a cart with an unknown property', 'POST', '/v1/carts', 400, 'owner', { body: { owner: 'me' } }),
  fill('no items at all', undefined, 400, 'items'),
  fill('items that are no list', {}, 400, 'items'),
  fill('an item without SKU', [{ quantity: 1 }], 400, 'items.0.sku'),
  fill('an over-long SKU', [{ sku: LONG, quantity: 1 }], 400, 'items.0.sku'),
  fill('an unknown SKU', [{ sku: 'NOT-THERE', quantity: 1 }], 422, 'items.0.sku'),
  fill(
    '1,001 lines',
    Array.from({ length: 1_001 }, (_, at) => ({ sku: `A${at}`, quantity: 1 })),
    400,
    'items',
  ),
  fill('an unknown property in an item', [{ sku: 'A', quantity: 1, price: 1 }], 400, 'items.0.price'),
  fillWith('an archived product', ({ retired }) => retired.sku, 422, 'items.0.sku'),
  fillWith('a draft', ({ draftSku }) => draftSku, 422, 'items.0.sku'),
  ...absurd.map(([what, quantity]) =>
    bad(
      `a quantity of ${what}`,
      'PUT',
      ({ emptyCart, mug }) => `/v1/carts/${emptyCart.id}/items/${mug.sku}`,
      400,
      'quantity',
      {
        body: { quantity },
      },
    ),
  ),
  bad(
    'more than there is',
    'PUT',
    ({ emptyCart, mug }) => `/v1/carts/${emptyCart.id}/items/${mug.sku}`,
    409,
    undefined,
    {
      body: { quantity: 1_000 },
    },
  ),
  bad(
    "reading somebody else's cart",
    'GET',
    ({ adasCart }) => `/v1/carts/${adasCart.id}`,
    404,
    undefined,
    asBob,
  ),
  bad("reading a user's cart as a guest", 'GET', ({ adasCart }) => `/v1/carts/${adasCart.id}`, 404),
  bad(
    "changing somebody else's cart",
    'PUT',
    ({ adasCart }) => `/v1/carts/${adasCart.id}/items`,
    404,
    undefined,
    (fixtures) => ({
      ...asBob(fixtures),
      body: { items: [] },
    }),
  ),
  bad('a cart that is not there', 'GET', `/v1/carts/${randomUUID()}`, 404),
  bad('a cart whose id is no id', 'GET', '/v1/carts/mine', 404),
  bad(
    'changing a cart that was ordered',
    'PUT',
    ({ orderedCart }) => `/v1/carts/${orderedCart.id}/items`,
    409,
    undefined,
    (fixtures) => ({
      ...asAda(fixtures),
      body: { items: [] },
    }),
  ),
]
