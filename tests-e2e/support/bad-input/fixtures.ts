import { randomUUID } from 'node:crypto'
import type { Answer, Call, Schema, Shop } from '@storewright/client'
import type { ShopUnderTest } from '../under-test.ts'
import { customer, guest, openShopkeeper } from '../shopper.ts'

/** A shop with products, carts and orders for the bad requests to refer to. */
export const createFixtures = async (shop: Shop, underTest: ShopUnderTest) => {
  const keeper = await openShopkeeper(shop, underTest.admin)
  const [mug, bowl, retired] = [
    await keeper.listProduct({ stock: 20 }),
    await keeper.listProduct({ stock: 20 }),
    await keeper.listProduct({ stock: 20 }),
  ]
  const draft = await shop.createProduct(keeper.token, {
    name: 'Draft',
    variants: [{ sku: `D-${randomUUID().slice(0, 8).toUpperCase()}`, name: 'Draft', price: money(100) }],
  })
  const [ada, bob, visitor] = [await customer(shop), await customer(shop), guest(shop)]
  const adasCart = await ada.fill([{ sku: mug.sku, quantity: 1 }])
  const guestsCart = await visitor.fill([{ sku: mug.sku, quantity: 1 }])
  const emptyCart = await shop.createCart()
  const orderKey = randomUUID()
  const orderedCart = await ada.fill([{ sku: mug.sku, quantity: 2 }])
  const ordered = await ada.order(orderedCart.id, { waitSeconds: 10, idempotencyKey: orderKey })
  const order: Schema<'Order'> = ordered.body
  const stale = await shop.product(bowl.id)
  // The cart refuses an archived product only after ProductChanged was applied.
  await shop.archiveProduct(keeper.token, retired.id)
  await untilRefused(shop, retired.sku)

  return {
    shop,
    keeper,
    admin: keeper.token,
    ada,
    bob,
    mug,
    bowl,
    retired,
    draftSku: draft.variants[0]?.sku ?? '',
    adasCart,
    guestsCart,
    emptyCart,
    orderedCart,
    orderKey,
    order,
    stale,
  }
}
export type Fixtures = Awaited<ReturnType<typeof createFixtures>>

const untilRefused = async (shop: Shop, sku: string) => {
  const cart = await shop.createCart()
  for (const deadline = Date.now() + 10_000; ;) {
    const { status } = await shop.fillCart(cart.id, [{ sku, quantity: 1 }])
    if (status >= 400) return
    if (Date.now() > deadline) throw new Error(`carts still take the archived ${sku}`)
  }
}

/** Whose token a call has. */
export const byAda =
  (call: Call = {}) =>
  ({ ada }: Fixtures): Call => ({ token: ada.token, ...call })
export const byBob =
  (call: Call = {}) =>
  ({ bob }: Fixtures): Call => ({ token: bob.token, ...call })
export const byAdmin =
  (call: Call = {}) =>
  ({ admin }: Fixtures): Call => ({ token: admin, ...call })

export const money = (amount: number, currency = 'GBP') => ({ amount, currency })

/** One bad request: what is wrong, how it is sent, what the shop must answer, and the field that it must name. */
export type Case = {
  what: string
  send: (fixtures: Fixtures) => Promise<Answer>
  status: number
  field?: string
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** A case from its parts; what depends on the fixtures is a function of it. */
export const bad = (
  what: string,
  method: Method,
  path: string | ((fixtures: Fixtures) => string),
  status: number,
  field?: string,
  call: Call | ((fixtures: Fixtures) => Call) = {},
): Case => ({
  what,
  status,
  ...(field === undefined ? {} : { field }),
  send: (fixtures) =>
    fixtures.shop.http.send(
      method,
      typeof path === 'function' ? path(fixtures) : path,
      typeof call === 'function' ? call(fixtures) : call,
    ),
})

/** Cases of one method and path. */
export const badAt =
  (method: Method, path: string | ((fixtures: Fixtures) => string)) =>
  (what: string, status: number, field?: string, call: Call | ((fixtures: Fixtures) => Call) = {}): Case =>
    bad(what, method, path, status, field, call)

/** Numbers that no quantity and no price may be. */
export const absurd: [what: string, value: unknown][] = [
  ['minus one', -1],
  ['a fraction', 1.5],
  ['1e308', 1e308],
  ['2^53', 2 ** 53],
  ['a word', 'many'],
  ['a number in quotes', '2'],
  ['null', null],
]

export const LONG = 'x'.repeat(10_000)
