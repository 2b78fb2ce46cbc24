import { randomUUID } from 'node:crypto'
import { expectOk } from '@storewright/client'
import { ADDRESS } from '../shopper.ts'
import { getBody, type Requester, type Fixtures } from './fixtures.ts'
import { login, needs, open, type AccessRules, type AccessRule, type Owned } from './access-rule.ts'

const adasCart = async ({ ada, mug, secrets }: Fixtures) => {
  const { id } = await ada.fill([{ sku: mug.sku, quantity: 2 }])
  secrets.add(id)
  return id
}

type Request = { path: string; body?: unknown; headers?: Record<string, string> }

/** An operation on Ada's cart. */
const onCart = (
  request: (cartId: string, fixtures: Fixtures) => Request,
  succeeds: number,
  guest: 401 | 404 = 404,
): AccessRule => ({
  access: 'owner',
  guest,
  stranger: 404,
  make: async (fixtures): Promise<Owned> => {
    const id = await adasCart(fixtures)
    const { path, ...call } = request(id, fixtures)
    return {
      request: { path, call },
      look: () => getBody(fixtures.shop, `/v1/carts/${id}`, fixtures.owner),
      succeeds,
    }
  },
})

const checkout = (cartId: string): Request => ({
  path: '/v1/orders',
  headers: { 'idempotency-key': randomUUID() },
  body: {
    cartId,
    email: 'bob@example.com',
    shippingAddress: ADDRESS,
    shippingMethod: 'standard',
    payment: { provider: 'sandbox', token: 'tok_ok' },
  },
})

/** A guest's order and the token that opens it. */
const guestsOrder = async ({ visitor, mug, secrets }: Fixtures, pay: string) => {
  const { id } = await visitor.fill([{ sku: mug.sku, quantity: 1 }])
  const placed = expectOk('place order', await visitor.order(id, { pay, waitSeconds: 10 }))
  secrets.add(placed.id)
  return { id: placed.id, token: placed.accessToken ?? '' }
}

const holding = (name: string, token: string): Requester => ({
  name,
  call: { headers: { 'x-order-token': token } },
})

type OrderRequest = (orderId: string) => Request

/** An operation on Ada's order, or on that of a guest: those with another order's token, or a made-up one, fail too. */
const onOrder = (
  request: OrderRequest,
  {
    succeeds,
    staff,
    pay = 'tok_ok',
    of = 'ada',
  }: { succeeds: number; staff: string; pay?: string; of?: 'ada' | 'guest' },
): AccessRule => ({
  access: 'owner',
  guest: 404,
  stranger: 404,
  staff,
  make: async (fixtures): Promise<Owned> => {
    const { ada, mug, secrets } = fixtures
    const other = await guestsOrder(fixtures, 'tok_ok')
    const others = [holding('a guest with another order’s token', other.token), holding('a guesser', 'guess')]
    const mine =
      of === 'guest'
        ? await guestsOrder(fixtures, pay)
        : await ada.checkout([{ sku: mug.sku, quantity: 1 }], { pay, waitSeconds: 10 })
    secrets.add(mine.id)
    const owner =
      of === 'guest' && 'token' in mine ? holding('the guest with its token', mine.token) : fixtures.owner
    const { path, ...call } = request(mine.id)
    const look = () => getBody(fixtures.shop, `/v1/orders/${mine.id}`, owner)
    return { request: { path, call }, owner, others, look, succeeds }
  },
})

const cancel: OrderRequest = (id) => ({ path: `/v1/orders/${id}/cancel`, body: { reason: 'mine' } })
const pay: OrderRequest = (id) => ({
  path: `/v1/orders/${id}/payments`,
  headers: { 'idempotency-key': randomUUID() },
  body: { provider: 'sandbox', token: 'tok_ok' },
})
const read: OrderRequest = (id) => ({ path: `/v1/orders/${id}` })
const readTimeline: OrderRequest = (id) => ({ path: `/v1/orders/${id}/timeline` })

const declined = 'tok_declined'

/** Goods, carts and orders. */
export const shopRules: AccessRules = {
  'GET /v1/shop': open('the shop window'),
  'GET /v1/categories': open('the shop window'),
  'GET /v1/categories/{id}': open('the shop window'),
  'POST /v1/categories': needs('catalog:write'),
  'PATCH /v1/categories/{id}': needs('catalog:write'),
  'DELETE /v1/categories/{id}': needs('catalog:write'),
  'GET /v1/categories/{id}/attributes': needs('catalog:write'),
  'PUT /v1/categories/{id}/attributes': needs('catalog:write'),
  'GET /v1/products': open('the shop window; drafts are looked at below'),
  'GET /v1/products/{id}': open('the shop window; drafts are looked at below'),
  'POST /v1/products': needs('catalog:write'),
  'PATCH /v1/products/{id}': needs('catalog:write'),
  'DELETE /v1/products/{id}': needs('catalog:write'),
  'POST /v1/products/{id}/publish': needs('catalog:write'),
  'POST /v1/products/{id}/archive': needs('catalog:write'),
  'POST /v1/products/{id}/variants': needs('catalog:write'),
  'GET /v1/products/export': needs('catalog:write'),
  'POST /v1/products/import': needs('catalog:write'),
  'GET /v1/product-imports/{id}': needs('catalog:write'),
  'GET /v1/product-imports/{id}/problems': needs('catalog:write'),
  'PATCH /v1/variants/{sku}': needs('catalog:write'),
  'DELETE /v1/variants/{sku}': needs('catalog:write'),
  'PUT /v1/variants/{sku}/price': needs('catalog:write'),
  'DELETE /v1/variants/{sku}/prices/{currency}': needs('catalog:write'),
  'GET /v1/variants/{sku}/price-history': open('the law wants it shown'),
  'GET /v1/variants/{sku}/scheduled-prices': needs('catalog:write'),
  'DELETE /v1/variants/{sku}/scheduled-prices/{id}': needs('catalog:write'),
  'GET /v1/promotions': needs('promotions:write'),
  'GET /v1/promotions/{id}': needs('promotions:write'),
  'POST /v1/promotions': needs('promotions:write'),
  'PATCH /v1/promotions/{id}': needs('promotions:write'),
  'DELETE /v1/promotions/{id}': needs('promotions:write'),
  'GET /v1/shipping-zones': needs('settings:write'),
  'POST /v1/shipping-zones': needs('settings:write'),
  'GET /v1/shipping-zones/{id}': needs('settings:write'),
  'PATCH /v1/shipping-zones/{id}': needs('settings:write'),
  'DELETE /v1/shipping-zones/{id}': needs('settings:write'),
  'GET /v1/tax-rates': needs('settings:write'),
  'POST /v1/tax-rates': needs('settings:write'),
  'GET /v1/tax-rates/{id}': needs('settings:write'),
  'PATCH /v1/tax-rates/{id}': needs('settings:write'),
  'DELETE /v1/tax-rates/{id}': needs('settings:write'),
  'POST /v1/promotions/evaluate': open('what a cart will cost; no code is shown that was not sent'),

  'GET /v1/stock': open('the shop window; the list of every SKU needs stock:read'),
  'GET /v1/stock/{sku}': open('the shop window; what is on hand is looked at below'),
  'POST /v1/stock/{sku}/adjustments': needs('stock:write'),
  'GET /v1/stock/{sku}/movements': needs('stock:read'),
  'POST /v1/stock/import': needs('stock:write'),
  'GET /v1/locations': needs('stock:write'),
  'POST /v1/locations': needs('stock:write'),
  'PATCH /v1/locations/{code}': needs('stock:write'),
  'POST /v1/transfers': needs('stock:write'),
  'GET /v1/reservations': needs('stock:read'),
  'GET /v1/inventory/suggestions': needs('stock:read'),
  'GET /v1/suppliers': needs('stock:write'),
  'POST /v1/suppliers': needs('stock:write'),
  'GET /v1/suppliers/{id}': needs('stock:write'),
  'PATCH /v1/suppliers/{id}': needs('stock:write'),
  'DELETE /v1/suppliers/{id}': needs('stock:write'),
  'GET /v1/inventory/reports/movements': needs('stock:read'),
  'GET /v1/inventory/reports/turnover': needs('stock:read'),
  'GET /v1/stock/alerts': needs('stock:read'),
  'GET /v1/stock/{sku}/reorder-rule': needs('stock:write'),
  'PUT /v1/stock/{sku}/reorder-rule': needs('stock:write'),
  'DELETE /v1/stock/{sku}/reorder-rule': needs('stock:write'),
  'GET /v1/purchase-orders': needs('stock:write'),
  'POST /v1/purchase-orders': needs('stock:write'),
  'GET /v1/purchase-orders/{id}': needs('stock:write'),
  'POST /v1/purchase-orders/{id}/submit': needs('stock:write'),
  'POST /v1/purchase-orders/{id}/receive': needs('stock:write'),
  'POST /v1/purchase-orders/{id}/cancel': needs('stock:write'),

  'POST /v1/carts': open('everybody may start one; it is its maker’s from then on'),
  'GET /v1/me/cart': login,
  'GET /v1/carts/{id}': onCart((id) => ({ path: `/v1/carts/${id}` }), 200),
  'POST /v1/carts/{id}/claim': onCart((id) => ({ path: `/v1/carts/${id}/claim`, body: {} }), 200, 401),
  'PUT /v1/carts/{id}/items': onCart((id) => ({ path: `/v1/carts/${id}/items`, body: { items: [] } }), 200),
  'DELETE /v1/carts/{id}/items': onCart((id) => ({ path: `/v1/carts/${id}/items` }), 200),
  'POST /v1/carts/{id}/coupons': onCart(
    (id) => ({ path: `/v1/carts/${id}/coupons`, body: { code: 'NOBODYS' } }),
    422,
  ),
  'DELETE /v1/carts/{id}/coupons/{code}': onCart((id) => ({ path: `/v1/carts/${id}/coupons/NOBODYS` }), 200),
  'PUT /v1/carts/{id}/shipping': onCart(
    (id) => ({ path: `/v1/carts/${id}/shipping`, body: { country: 'GB' } }),
    200,
  ),
  'PUT /v1/carts/{id}/items/{sku}': onCart(
    (id, { mug }) => ({ path: `/v1/carts/${id}/items/${mug.sku}`, body: { quantity: 7 } }),
    200,
  ),
  'DELETE /v1/carts/{id}/items/{sku}': onCart(
    (id, { mug }) => ({ path: `/v1/carts/${id}/items/${mug.sku}` }),
    200,
  ),
  'GET /v1/shipping-methods': onCart((id) => ({ path: `/v1/shipping-methods?cartId=${id}` }), 200),

  'POST /v1/orders': onCart(checkout, 201),
  'GET /v1/orders': login,
  'GET /v1/orders/{id}': onOrder(read, { succeeds: 200, staff: 'orders:read' }),
  'GET /v1/orders/{id}/timeline': onOrder(readTimeline, { succeeds: 200, staff: 'orders:read' }),
  'POST /v1/orders/{id}/cancel': onOrder(cancel, { succeeds: 200, staff: 'orders:write' }),
  'POST /v1/orders/{id}/payments': onOrder(pay, { succeeds: 201, staff: 'orders:write', pay: declined }),
  'POST /v1/orders/{id}/payments/received': needs('orders:write'),
  'GET /v1/payments/stuck': needs('orders:read'),
  'POST /v1/payments/webhooks/{provider}': open('the provider’s signature is the credential'),
  'POST /v1/orders/{id}/shipments': needs('orders:write'),
}

/** The same operations on what a guest owns. */
export const guestRules: AccessRules = {
  'GET /v1/orders/{id}': onOrder(read, { succeeds: 200, staff: 'orders:read', of: 'guest' }),
  'GET /v1/orders/{id}/timeline': onOrder(readTimeline, { succeeds: 200, staff: 'orders:read', of: 'guest' }),
  'POST /v1/orders/{id}/cancel': onOrder(cancel, { succeeds: 200, staff: 'orders:write', of: 'guest' }),
  'POST /v1/orders/{id}/payments': onOrder(pay, {
    succeeds: 201,
    staff: 'orders:write',
    pay: declined,
    of: 'guest',
  }),
}
