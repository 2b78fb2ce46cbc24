import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, expectOk, openShop, type Requester, type Schema, type Shop } from '@storewright/client'
import type { Login } from '@storewright/ops/config'

export const ADDRESS = {
  name: 'Ada Shopper',
  line1: '1 High Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}

const OFFER_WITHIN_MS = 15_000
const SETTLED_WITHIN_MS = 20_000
const LOOK_AGAIN_MS = 50

type Order = Schema<'Order'>
type Demand = Schema<'CartItems'>['items']
type Listing = { stock?: number; priceMinor?: number; name?: string }
type Choices = { pay?: string; waitSeconds?: number; idempotencyKey?: string; email?: string }

/** Staff, who put goods on sale. */
export type Shopkeeper = Awaited<ReturnType<typeof openShopkeeper>>

/** Logs in as staff. */
export const openShopkeeper = async (shop: Shop, admin: Login) => {
  const { tokens } = await shop.logIn(admin.email, admin.password)
  const token = tokens.accessToken
  return {
    token,
    stock: (sku: string) => shop.stock(sku, token),
    restock: (sku: string, delta: number) => shop.adjustStock(token, sku, delta, randomUUID()),
    /** Puts a new product with one variant on sale and returns once carts take it. */
    listProduct: async ({ stock = 100, priceMinor = 1_299, name = 'Mug' }: Listing = {}) => {
      const sku = `T-${randomUUID().slice(0, 13).toUpperCase()}`
      const created = await shop.createProduct(token, {
        name: `${name} ${sku}`,
        variants: [{ sku, name, price: { amount: priceMinor, currency: 'GBP' } }],
      })
      const product = await shop.publishProduct(token, created.id)
      if (stock > 0) await shop.adjustStock(token, sku, stock, randomUUID())
      await untilOrderable(shop, sku)
      return { ...product, sku, priceMinor }
    },
  }
}

// A cart knows an offer once its event arrived. That stock is short is then an answer, too.
const untilOrderable = async (shop: Shop, sku: string) => {
  const cart = await shop.createCart()
  for (const deadline = Date.now() + OFFER_WITHIN_MS; ; await pause(LOOK_AGAIN_MS)) {
    const { status } = await shop.fillCart(cart.id, [{ sku, quantity: 1 }])
    if (status < 300 || status === 409) return
    if (Date.now() > deadline) throw new Error(`carts still answer ${status} for ${sku}`)
  }
}

const shopperAs = (shop: Shop, token?: string) => {
  const orderTokens = new Map<string, string>()
  const requesterFor = (orderId: string): Requester => ({ token, orderToken: orderTokens.get(orderId) })

  const fill = async (items: Demand) => {
    const cart = await shop.createCart({ token })
    return expectOk('fill cart', await shop.fillCart(cart.id, items, { token }))
  }
  /** Orders a cart; the bare answer. */
  const order = async (cartId: string, choices: Choices = {}) => {
    const {
      pay = 'tok_ok',
      waitSeconds = 0,
      idempotencyKey = randomUUID(),
      email = 'ada@example.com',
    } = choices
    const answer = await shop.placeOrder(
      {
        cartId,
        email,
        shippingAddress: ADDRESS,
        shippingMethod: 'standard',
        payment: await shop.testPayment(pay),
      },
      idempotencyKey,
      { token, waitSeconds },
    )
    if (answer.status < 300 && answer.body.accessToken)
      orderTokens.set(answer.body.id, answer.body.accessToken)
    return answer
  }
  const read = (id: string) => shop.order(id, requesterFor(id))

  return {
    token,
    fill,
    order,
    requesterFor,
    read,
    timeline: (id: string) => shop.timeline(id, requesterFor(id)),
    cancel: async (id: string) => expectOk('cancel', await shop.cancel(id, requesterFor(id))),
    pay: async (id: string, paymentToken: string) =>
      expectOk('pay', await shop.pay(id, paymentToken, randomUUID(), requesterFor(id))),
    /** Fills a cart and orders it. */
    checkout: async (items: Demand, choices: Choices = {}): Promise<Order> =>
      expectOk('place order', await order((await fill(items)).id, choices)),
    /** The order once it has one of these statuses. */
    until: async (id: string, statuses: Order['status'][], withinMs = SETTLED_WITHIN_MS): Promise<Order> => {
      const isGone = (error: unknown) => error instanceof ApiError && error.status === 503
      for (const deadline = Date.now() + withinMs; ; await pause(LOOK_AGAIN_MS)) {
        const found = await read(id).catch((error: unknown) => {
          if (isGone(error)) return undefined
          throw error
        })
        if (found && statuses.includes(found.status)) return found
        if (Date.now() > deadline)
          throw new Error(`order ${id} is ${found?.status ?? 'not readable'}, not ${statuses.join(' or ')}`)
      }
    },
  }
}

export const guest = (shop: Shop) => shopperAs(shop)

/** Somebody with a new account. */
export const customer = async (shop: Shop) => {
  const login = { email: `ada-${randomUUID()}@example.com`, password: 'a long enough secret' }
  const { user, tokens } = await shop.register(login.email, login.password)
  return { ...shopperAs(shop, tokens.accessToken), login, user, tokens }
}

// On a busy machine a service may turn a request away for a moment; a client comes back.
const RETRY_FOR_MS = 10_000

/** A client of the shop under test. */
export const visit = (gatewayUrl: string, options: { retryForMs?: number; connections?: number } = {}) =>
  openShop({ gateways: [gatewayUrl], connections: 256, retryForMs: RETRY_FOR_MS, ...options })
