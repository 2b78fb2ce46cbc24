import { randomUUID } from 'node:crypto'
import { absurd, bad, badAt, byAda, byBob, LONG, type Case, type Fixtures } from './fixtures.ts'

const newCart = badAt('POST', '/v1/carts')
const allItems = badAt('PUT', ({ emptyCart }) => `/v1/carts/${emptyCart.id}/items`)
const oneItem = badAt('PUT', ({ emptyCart, mug }) => `/v1/carts/${emptyCart.id}/items/${mug.sku}`)
const adasCart = badAt('GET', ({ adasCart }) => `/v1/carts/${adasCart.id}`)
const adasItems = badAt('PUT', ({ adasCart }) => `/v1/carts/${adasCart.id}/items`)
const orderedItems = badAt('PUT', ({ orderedCart }) => `/v1/carts/${orderedCart.id}/items`)
const nothing = { body: { items: [] } }

const fill = (what: string, items: unknown, status: number, field?: string) =>
  allItems(`a cart with ${what}`, status, field, { body: { items } })
const fillWith = (what: string, skuOf: (fixtures: Fixtures) => string) =>
  allItems(`a cart with ${what}`, 422, 'items.0.sku', (fixtures) => ({
    body: { items: [{ sku: skuOf(fixtures), quantity: 1 }] },
  }))

export const cartCases: Case[] = [
  newCart('a cart in the currency "ABC"', 422, 'currency', { body: { currency: 'ABC' } }),
  newCart('a cart in the currency "pounds"', 400, 'currency', { body: { currency: 'pounds' } }),
  newCart('a cart with an unknown property', 400, 'owner', { body: { owner: 'me' } }),
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
  fillWith('an archived product', ({ retired }) => retired.sku),
  fillWith('a draft', ({ draftSku }) => draftSku),
  ...absurd.map(([what, quantity]) =>
    oneItem(`a quantity of ${what}`, 400, 'quantity', { body: { quantity } }),
  ),
  oneItem('more than there is', 409, undefined, { body: { quantity: 1_000 } }),
  adasCart("reading somebody else's cart", 404, undefined, byBob()),
  adasCart("reading a user's cart as a guest", 404),
  adasItems("changing somebody else's cart", 404, undefined, byBob(nothing)),
  bad('a cart that is not there', 'GET', `/v1/carts/${randomUUID()}`, 404),
  bad('a cart whose id is no id', 'GET', '/v1/carts/mine', 404),
  orderedItems('changing a cart that was ordered', 409, undefined, byAda(nothing)),
]
