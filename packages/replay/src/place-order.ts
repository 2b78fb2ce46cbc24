import { setTimeout as pause } from 'node:timers/promises'
import { ApiError, expectOk, type Schema, type Requester, type Shop } from '@storewright/client'
import { sampleParts } from '@storewright/people/address'
import type { Accounts } from './accounts.ts'
import { countryCode, type RetailOrder } from './retail.ts'

export type Outcome = {
  invoice: string
  /** The order's settled status, or what stopped it. */
  outcome: 'confirmed' | 'rejected' | 'cancelled' | 'refused-by-cart' | 'unsettled' | 'failed'
  reason: string | null
  guest: boolean
  orderId?: string
  subtotalMinor?: number
}

export type FilledCart = { order: RetailOrder; cartId: string; owned: boolean }

export type Replay = {
  shop: Shop
  accounts: Accounts
  /** Part of the idempotency keys, so that a second replay places its own orders. */
  runId: string
  settleWithinMs: number
  recordLatency: (of: 'cart' | 'order', ms: number) => void
}

const WAIT_SECONDS = 10
const POLL_MS = 250
// Offers travel from the catalogue to carts as events: right after an import a cart may not know them yet.
const OFFER_WITHIN_MS = 60_000
const SETTLED = new Set<string>(['confirmed', 'rejected', 'cancelled'])

const isShortage = ({ status, kind }: ApiError) => status === 409 && kind === 'insufficient-stock'
const isUnknownOffer = ({ status }: ApiError) => status === 404 || status === 422

/** Fills a cart with the whole invoice at once; returns an Outcome where the cart is refused for lack of stock. */
export const fillCart = async (
  { shop, accounts, recordLatency }: Replay,
  order: RetailOrder,
): Promise<FilledCart | Outcome> => {
  const deadline = Date.now() + OFFER_WITHIN_MS
  const requester: Requester = { token: await accounts.tokenOf(order.customer) }
  const started = performance.now()
  // A guest's until it is ordered: a user has one active cart, and a customer's invoices are filled side by side.
  const cart = await shop.createCart()
  for (;;) {
    const answer = await shop.fillCart(cart.id, order.lines)
    if (answer.status < 300) {
      recordLatency('cart', performance.now() - started)
      return { order, cartId: cart.id, owned: requester.token !== undefined }
    }
    const refusal = new ApiError('fill cart', answer)
    if (isShortage(refusal))
      return {
        invoice: order.invoice,
        outcome: 'refused-by-cart',
        reason: refusal.kind,
        guest: !requester.token,
      }
    if (!isUnknownOffer(refusal) || Date.now() > deadline) throw refusal
    await pause(POLL_MS)
  }
}

const placeOrder = async ({ shop, runId }: Replay, { order, cartId }: FilledCart, requester: Requester) =>
  shop.placeOrder(
    {
      cartId,
      email: `invoice-${order.invoice}@replay.example`,
      shippingAddress: {
        name: order.customer ? `Customer ${order.customer}` : 'A guest',
        line1: '1 High Street',
        ...sampleParts(countryCode(order.country)),
      },
      shippingMethod: 'standard',
      payment: await shop.testPayment(),
    },
    // The same key on every attempt: a repeated call returns the order that exists.
    `replay-${runId}-${order.invoice}`,
    { ...requester, waitSeconds: WAIT_SECONDS },
  )

/** A fresh access token each time, because waiting may take longer than a token is valid. */
type CurrentRequester = () => Promise<Requester>

const waitUntilSettled = async (
  { shop, settleWithinMs }: Replay,
  placed: Schema<'Order'>,
  currentRequester: CurrentRequester,
): Promise<Schema<'Order'>> => {
  const deadline = Date.now() + settleWithinMs
  let order = placed
  while (!SETTLED.has(order.status) && Date.now() < deadline) {
    await pause(POLL_MS)
    order = await shop.order(order.id, await currentRequester())
  }
  return order
}

/** Orders a filled cart and follows the order until it is settled. */
export const orderCart = async (replay: Replay, cart: FilledCart): Promise<Outcome> => {
  const owner: CurrentRequester = async () => ({
    token: await replay.accounts.tokenOf(cart.order.customer),
  })
  const started = performance.now()
  const answer = await placeOrder(replay, cart, cart.owned ? await owner() : {})
  const placed = expectOk('place order', answer)
  const requester = cart.owned ? owner : () => Promise.resolve({ orderToken: placed.accessToken })
  const order = await waitUntilSettled(replay, placed, requester)
  replay.recordLatency('order', performance.now() - started)
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
