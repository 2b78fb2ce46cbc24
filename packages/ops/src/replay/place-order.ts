import { setTimeout as pause } from 'node:timers/promises'
import { expectOk, ShopProblem } from '../shop/problem.ts'
import type { Order } from '../shop/shapes.ts'
import type { Asker, Shop } from '../shop/shop.ts'
import type { Accounts } from './accounts.ts'
import { countryCode } from './countries.ts'
import type { RetailOrder } from './retail.ts'

export type Outcome = {
  invoice: string
  /** The order's settled status, or how far it came. */
  outcome: 'confirmed' | 'rejected' | 'cancelled' | 'refused-by-cart' | 'unsettled' | 'failed'
  reason: string | null
  guest: boolean
  orderId?: string
  /** Quantities × unit prices, without shipping. */
  subtotalMinor?: number
}

export type FilledCart = { order: RetailOrder; cartId: string; owned: boolean }

export type Clock = { settleMs: number; note: (what: 'cart' | 'order', ms: number) => void }

const WAIT_SECONDS = 10
const LOOK_AGAIN_MS = 250
// Offers travel from the catalogue to carts as events: right after an import a cart may not know them yet.
const OFFER_PATIENCE_MS = 60_000
const SETTLED = new Set<string>(['confirmed', 'rejected', 'cancelled'])

const isShortage = (problem: ShopProblem) => problem.status === 409 && problem.kind === 'insufficient-stock'
const isUnknownOffer = ({ status }: ShopProblem) => status === 404 || status === 422

/** Fills a cart with the whole invoice at once; an Outcome where the cart already says that stock is short. */
export const fillCart = async (
  shop: Shop,
  accounts: Accounts,
  order: RetailOrder,
  clock: Clock,
): Promise<FilledCart | Outcome> => {
  const deadline = Date.now() + OFFER_PATIENCE_MS
  const asker: Asker = { token: await accounts.tokenOf(order.customer) }
  const started = performance.now()
  const cart = await shop.createCart(asker)
  for (;;) {
    const answer = await shop.fillCart(cart.id, order.lines, asker)
    if (answer.status < 300) {
      clock.note('cart', performance.now() - started)
      return { order, cartId: cart.id, owned: asker.token !== undefined }
    }
    const problem = new ShopProblem('fill cart', answer)
    if (isShortage(problem))
      return {
        invoice: order.invoice,
        outcome: 'refused-by-cart',
        reason: problem.kind,
        guest: !asker.token,
      }
    if (!isUnknownOffer(problem) || Date.now() > deadline) throw problem
    await pause(LOOK_AGAIN_MS)
  }
}

const place = (shop: Shop, run: string, { order, cartId }: FilledCart, asker: Asker) =>
  shop.placeOrder(
    {
      cartId,
      email: `invoice-${order.invoice}@replay.example`,
      shippingAddress: {
        name: order.customer ? `Customer ${order.customer}` : 'A guest',
        line1: '1 High Street',
        city: 'Anytown',
        postalCode: 'AB1 2CD',
        country: countryCode(order.country),
      },
      shippingMethod: 'standard',
      payment: { provider: 'sandbox', token: 'tok_ok' },
    },
    // The same key on every try: an answer that was lost is asked for again, not ordered again.
    `replay-${run}-${order.invoice}`,
    { ...asker, waitSeconds: WAIT_SECONDS },
  )

type AskerNow = () => Promise<Asker>

const settle = async (shop: Shop, placed: Order, askerNow: AskerNow, deadline: number): Promise<Order> => {
  let order = placed
  while (!SETTLED.has(order.status) && Date.now() < deadline) {
    await pause(LOOK_AGAIN_MS)
    order = await shop.order(order.id, await askerNow())
  }
  return order
}

/** Orders a filled cart and follows the order until it is settled. */
export const orderCart = async (
  shop: Shop,
  accounts: Accounts,
  run: string,
  cart: FilledCart,
  clock: Clock,
): Promise<Outcome> => {
  const owner: AskerNow = async () => ({ token: await accounts.tokenOf(cart.order.customer) })
  const started = performance.now()
  const placed = expectOk('place order', await place(shop, run, cart, cart.owned ? await owner() : {}))
  const asker: AskerNow = cart.owned ? owner : () => Promise.resolve({ orderToken: placed.accessToken })
  const order = await settle(shop, placed, asker, Date.now() + clock.settleMs)
  clock.note('order', performance.now() - started)
  const settled = SETTLED.has(order.status)
  return {
    invoice: cart.order.invoice,
    outcome: settled ? (order.status as Outcome['outcome']) : 'unsettled',
    reason: settled ? (order.reason ?? null) : order.status,
    guest: !cart.owned,
    orderId: order.id,
    subtotalMinor: order.totals.subtotal.amount,
  }
}
