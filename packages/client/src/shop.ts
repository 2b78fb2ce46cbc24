import type { Readable } from 'node:stream'
import { expectOk } from './api-error.ts'
import { openHttp, type Http, type HttpOptions } from './http.ts'
import type { Call, OperationCall, Raw, Schema } from './operations.ts'

/** Who sends a call: an account's access token, or the secret that a guest's order came with. */
export type Requester = { token?: string | undefined; orderToken?: string | undefined }

const credentialsOf = ({ token, orderToken }: Requester): Pick<Call, 'token' | 'headers'> => ({
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

const accounts = (http: Http) => ({
  register: async (email: string, password: string) =>
    expectOk('register', await http.call('POST', '/v1/auth/register', { body: { email, password } })),
  logIn: async (email: string, password: string) =>
    expectOk('log in', await http.call('POST', '/v1/auth/login', { body: { email, password } })),
  refresh: async (refreshToken: string) =>
    expectOk('refresh', await http.call('POST', '/v1/auth/refresh', { body: { refreshToken } })).tokens,
})

const catalogue = (http: Http) => ({
  listProducts: async (query: NonNullable<OperationCall<'GET', '/v1/products'>['query']> = {}) =>
    expectOk('list products', await http.call('GET', '/v1/products', { query })),
  product: async (id: string) =>
    expectOk('product', await http.call('GET', '/v1/products/{id}', { path: { id } })),
  createProduct: async (token: string, body: Schema<'NewProduct'>) =>
    expectOk('create product', await http.call('POST', '/v1/products', { token, body })),
  publishProduct: async (token: string, id: string) =>
    expectOk('publish', await http.call('POST', '/v1/products/{id}/publish', { token, path: { id } })),
  archiveProduct: async (token: string, id: string) =>
    expectOk('archive', await http.call('POST', '/v1/products/{id}/archive', { token, path: { id } })),
  /** With an `id`, a UUID, `importProgress` shows it while it runs; an import with the same one again does nothing new. */
  importProducts: async (
    token: string,
    raw: Raw,
    { id: idempotencyKey, dryRun }: { id?: string; dryRun?: boolean | undefined } = {},
  ) =>
    expectOk(
      'import products',
      await http.call('POST', '/v1/products/import', {
        token,
        raw,
        ...(idempotencyKey ? { idempotencyKey } : {}),
        ...(dryRun ? { query: { dryRun } } : {}),
      }),
    ),
  importProgress: async (token: string, id: string) =>
    expectOk('import', await http.call('GET', '/v1/product-imports/{id}', { token, path: { id } })),
  /** A page of the lines that an import rejected. */
  importProblems: async (token: string, id: string, query: { cursor?: string; limit?: number }) =>
    expectOk(
      'problems of an import',
      await http.call('GET', '/v1/product-imports/{id}/problems', { token, path: { id }, query }),
    ),
  /** The whole catalogue as a stream of bytes. */
  exportProducts: async (token: string, format: 'csv' | 'ndjson') =>
    expectOk(
      'export products',
      await http.download(`/v1/products/export?format=${format}`, { token }),
    ) as Readable,
})

const stock = (http: Http) => ({
  stock: async (sku: string, token?: string) =>
    expectOk('stock', await http.call('GET', '/v1/stock/{sku}', { token, path: { sku } })),
  stockOf: async (skus: string[], token?: string) =>
    expectOk('stock', await http.call('GET', '/v1/stock', { token, query: { skus: skus.join(',') } })).items,
  adjustStock: async (token: string, sku: string, delta: number, idempotencyKey: string) =>
    expectOk(
      'adjust stock',
      await http.call('POST', '/v1/stock/{sku}/adjustments', {
        token,
        path: { sku },
        idempotencyKey,
        body: { delta, reason: 'received' },
      }),
    ),
  importStock: async (token: string, raw: Raw) =>
    expectOk('import stock', await http.call('POST', '/v1/stock/import', { token, raw })),
})

const checkout = (http: Http) => {
  let providers: Promise<Schema<'Shop'>['paymentProviders']> | undefined
  const readProviders = async () => expectOk('shop', await http.call('GET', '/v1/shop', {})).paymentProviders
  return {
    createCart: async (requester: Requester = {}) =>
      expectOk(
        'create cart',
        await http.call('POST', '/v1/carts', { ...credentialsOf(requester), body: {} }),
      ),
    /** Returns the bare answer: being refused for lack of stock is an ordinary outcome to many callers. */
    fillCart: (id: string, items: Schema<'CartItems'>['items'], requester: Requester = {}) =>
      http.call('PUT', '/v1/carts/{id}/items', {
        ...credentialsOf(requester),
        path: { id },
        body: { items },
      }),
    cart: async (id: string, requester: Requester = {}) =>
      expectOk(
        'cart',
        await http.call('GET', '/v1/carts/{id}', { ...credentialsOf(requester), path: { id } }),
      ),
    /** How to pay here without a real card: by the sandbox with this token of its own, or by a provider that needs none. */
    testPayment: async (token = 'tok_ok'): Promise<Schema<'NewOrder'>['payment']> => {
      providers ??= readProviders().catch((error: unknown) => {
        providers = undefined
        throw error
      })
      const paymentProviders = await providers
      if (paymentProviders.some(({ name }) => name === 'sandbox')) return { provider: 'sandbox', token }
      const free = paymentProviders.find(({ needsToken }) => !needsToken)
      if (!free) throw new Error('this shop takes no payment that needs no card')
      return { provider: free.name }
    },
    /** Returns the bare answer; with `waitSeconds` it holds the settled order. */
    placeOrder: (
      body: Schema<'NewOrder'>,
      idempotencyKey: string,
      { waitSeconds = 0, ...requester }: Requester & { waitSeconds?: number } = {},
    ) =>
      http.call('POST', '/v1/orders', {
        ...credentialsOf(requester),
        body,
        idempotencyKey,
        ...(waitSeconds > 0 ? { headers: { prefer: `wait=${waitSeconds}` } } : {}),
      }),
    order: async (id: string, requester: Requester) =>
      expectOk(
        'order',
        await http.call('GET', '/v1/orders/{id}', { ...credentialsOf(requester), path: { id } }),
      ),
    timeline: async (id: string, requester: Requester) => {
      const call = { ...credentialsOf(requester), path: { id } }
      return expectOk('timeline', await http.call('GET', '/v1/orders/{id}/timeline', call)).items
    },
    pay: (id: string, token: string, idempotencyKey: string, requester: Requester) =>
      http.call('POST', '/v1/orders/{id}/payments', {
        ...credentialsOf(requester),
        path: { id },
        idempotencyKey,
        body: { provider: 'sandbox', token },
      }),
    cancel: (id: string, requester: Requester) =>
      http.call('POST', '/v1/orders/{id}/cancel', { ...credentialsOf(requester), path: { id }, body: {} }),
  }
}
