import { expectOk } from './api-error.ts'
import { openHttp, type Answer, type Call, type Http, type HttpOptions, type Raw } from './http.ts'
import type * as Shape from './shapes.ts'

export type PlaceOrder = {
  cartId: string
  email?: string
  shippingAddress: Shape.Address
  shippingMethod: string
  payment: { provider: string; token?: string }
  expectedTotal?: Shape.Totals['total']
}

/** Who sends a call: an account's access token, or the secret that a guest's order came with. */
export type Requester = { token?: string | undefined; orderToken?: string | undefined }

const credentialsOf = ({ token, orderToken }: Requester): Call => ({
  token,
  ...(orderToken ? { headers: { 'x-order-token': orderToken } } : {}),
})

/** The public API in the words of a shop. Functions throw an ApiError where the API refuses. */
export const openShop = (options: HttpOptions) => {
  const http = openHttp(options)
  return {
    http,
    close: () => http.close(),
    ...accounts(http),
    ...catalogue(http),
    ...stock(http),
    ...checkout(http),
  }
}
export type Shop = ReturnType<typeof openShop>

type Account = { user: { id: string; email: string }; tokens: Shape.Tokens }

const accounts = (http: Http) => ({
  register: async (email: string, password: string) =>
    expectOk(
      'register',
      await http.send<Account>('POST', '/v1/auth/register', { body: { email, password } }),
    ),
  logIn: async (email: string, password: string) =>
    expectOk('log in', await http.send<Account>('POST', '/v1/auth/login', { body: { email, password } })),
  refresh: async (refreshToken: string) =>
    expectOk(
      'refresh',
      await http.send<{ tokens: Shape.Tokens }>('POST', '/v1/auth/refresh', { body: { refreshToken } }),
    ).tokens,
})

const catalogue = (http: Http) => ({
  listProducts: async (query = '') =>
    expectOk('list products', await http.send<Shape.List<Shape.Product>>('GET', `/v1/products${query}`)),
  product: async (idOrSlug: string) =>
    expectOk(
      'product',
      await http.send<Shape.Product>('GET', `/v1/products/${encodeURIComponent(idOrSlug)}`),
    ),
  createCategory: (token: string, body: { name: string; slug?: string; parentId?: string }) =>
    http.send<Shape.Category>('POST', '/v1/categories', { token, body }),
  createProduct: async (token: string, body: Record<string, unknown>) =>
    expectOk('create product', await http.send<Shape.Product>('POST', '/v1/products', { token, body })),
  publishProduct: async (token: string, id: string) =>
    expectOk('publish', await http.send<Shape.Product>('POST', `/v1/products/${id}/publish`, { token })),
  archiveProduct: async (token: string, id: string) =>
    expectOk('archive', await http.send<Shape.Product>('POST', `/v1/products/${id}/archive`, { token })),
  importProducts: async (token: string, raw: Raw) =>
    expectOk(
      'import products',
      await http.send<Shape.ImportReport>('POST', '/v1/products/import', { token, raw }),
    ),
})

const stock = (http: Http) => ({
  stock: async (sku: string, token?: string) =>
    expectOk('stock', await http.send<Shape.Stock>('GET', `/v1/stock/${encodeURIComponent(sku)}`, { token })),
  stockOf: async (skus: string[], token?: string) =>
    expectOk(
      'stock',
      await http.send<{ items: Shape.Stock[] }>(
        'GET',
        `/v1/stock?skus=${skus.map((sku) => encodeURIComponent(sku)).join(',')}`,
        { token },
      ),
    ).items,
  adjustStock: async (token: string, sku: string, delta: number, idempotencyKey: string) =>
    expectOk(
      'adjust stock',
      await http.send<Shape.Stock>('POST', `/v1/stock/${encodeURIComponent(sku)}/adjustments`, {
        token,
        idempotencyKey,
        body: { delta, reason: 'received' },
      }),
    ),
  importStock: async (token: string, raw: Raw) =>
    expectOk('import stock', await http.send<Shape.ImportReport>('POST', '/v1/stock/import', { token, raw })),
})

const checkout = (http: Http) => ({
  createCart: async (requester: Requester = {}) =>
    expectOk(
      'create cart',
      await http.send<Shape.Cart>('POST', '/v1/carts', { ...credentialsOf(requester), body: {} }),
    ),
  /** Returns the bare answer: being refused for lack of stock is an ordinary outcome to many callers. */
  fillCart: (cartId: string, items: Shape.Demand, requester: Requester = {}) =>
    http.send<Shape.Cart>('PUT', `/v1/carts/${cartId}/items`, {
      ...credentialsOf(requester),
      body: { items },
    }),
  cart: async (cartId: string, requester: Requester = {}) =>
    expectOk('cart', await http.send<Shape.Cart>('GET', `/v1/carts/${cartId}`, credentialsOf(requester))),
  /** Returns the bare answer; with `waitSeconds` it holds the settled order. */
  placeOrder: (
    body: PlaceOrder,
    idempotencyKey: string,
    { waitSeconds = 0, ...requester }: Requester & { waitSeconds?: number } = {},
  ): Promise<Answer<Shape.Order>> =>
    http.send('POST', '/v1/orders', {
      ...credentialsOf(requester),
      body,
      idempotencyKey,
      ...(waitSeconds > 0 ? { headers: { prefer: `wait=${waitSeconds}` } } : {}),
    }),
  order: async (id: string, requester: Requester) =>
    expectOk('order', await http.send<Shape.Order>('GET', `/v1/orders/${id}`, credentialsOf(requester))),
  timeline: async (id: string, requester: Requester) =>
    expectOk(
      'timeline',
      await http.send<{ items: Shape.TimelineEntry[] }>(
        'GET',
        `/v1/orders/${id}/timeline`,
        credentialsOf(requester),
      ),
    ).items,
  pay: (id: string, token: string, idempotencyKey: string, requester: Requester) =>
    http.send<Shape.Order>('POST', `/v1/orders/${id}/payments`, {
      ...credentialsOf(requester),
      idempotencyKey,
      body: { provider: 'sandbox', token },
    }),
  cancel: (id: string, requester: Requester) =>
    http.send<Shape.Order>('POST', `/v1/orders/${id}/cancel`, { ...credentialsOf(requester), body: {} }),
})
