import {
  claimKeys,
  errnoOf,
  findOutcomes,
  IdempotencyRunning,
  releaseKeys,
  type IdempotencyOutcome,
  type IdempotencyRequest,
} from '@storewright/database'
import { closeCarts, lockCarts, type StoredCart } from '../carts/order-carts.ts'
import { contactFor, listContacts } from '../contacts/contacts.ts'
import type { Cause } from '../correlation.ts'
import type { Trx } from '../database.ts'
import { listOffers } from '../offers/offer-reader.ts'
import { insertPlacedOrders } from '../orders/insert-placed-orders.ts'
import type { Order } from '../orders/order-schemas.ts'
import type { PricedOrder } from '../pricing/price-order.ts'
import { isLimited, lockLimits } from '../promotions/redemptions.ts'
import type { Rates, RatesReader } from '../rates/rates.ts'
import type { Address } from '../schemas.ts'
import { decideOrder, type Exhausted, type Known, type Wanted } from './decide-order.ts'

/** A request to order a cart, checked as far as it can be without the database. */
export interface Checkout extends Wanted {
  orderId: string
  accessTokenHash: string | null
  email: string | null
  channel: string | null
  /** Who limits of promotions count it for. */
  customerKey: string
  billingAddress: Address | null
  payment: { provider: string; token: string | null }
  expiresAt: Date
  cause: Cause
  idempotency: Required<IdempotencyRequest>
}

/** What became of a request: `alone` where others held its cart, so that it has to wait for them by itself. */
export type Placed = { order: Order } | { earlier: IdempotencyOutcome } | { refusal: unknown } | 'alone'

/** So many lines together make a transaction; what is more goes by itself. */
const MAX_LINES_TOGETHER = 2_000

/** Another order of the same cart, or a change of it, takes that long. */
const LOCK_WAIT_TIMEOUT = 1205

const NONE: Exhausted = new Map()

const tryTo = <T>(decide: () => T): { decided: T } | { refusal: unknown } => {
  try {
    return { decided: decide() }
  } catch (refusal) {
    return { refusal }
  }
}

const readKnown = async (
  trx: Trx,
  checkouts: readonly Checkout[],
  carts: readonly StoredCart[],
  { rates, readPromotionsByCode }: PricedBy,
): Promise<Known> => {
  const open = carts.filter(({ status }) => status === 'open')
  const skus = new Set(open.flatMap(({ lines }) => lines.map(({ sku }) => sku)))
  const codes = new Set(open.flatMap((cart) => cart.codes))
  return {
    rates,
    offers: await listOffers(trx, [...skus]),
    codePromotions: await readPromotionsByCode([...codes], trx),
    contacts: await listContacts(
      trx,
      checkouts.map(({ userId }) => userId),
    ),
  }
}

/** What orders are priced by, beside offers; `rates` is read before the transaction begins. */
export interface PricedBy {
  rates: Rates
  readPromotionsByCode: RatesReader['readPromotionsByCode']
}

/** Redeems what promotions with limits allow each of them, in their order; what they leave is priced without them. */
const redeemWithinLimits = async (
  trx: Trx,
  orders: readonly { checkout: Checkout; cart: StoredCart; priced: PricedOrder }[],
  known: Known,
  now: Date,
) => {
  if (!orders.some(({ priced }) => priced.discounts.some(isLimited)))
    return orders.map(({ priced }) => ({ decided: priced }))
  const codes = new Set(orders.flatMap(({ cart }) => cart.codes))
  const inPlay = known.codePromotions.filter(({ code }) => code !== null && codes.has(code))
  const limits = await lockLimits(
    trx,
    [...known.rates.promotions, ...inPlay],
    orders.map(({ checkout }) => checkout.customerKey),
  )
  const decisions = orders.map(({ checkout, cart, priced }) => {
    const { orderId, customerKey } = checkout
    const exhausted = limits.exhaustedFor(customerKey)
    const decision =
      exhausted.size === 0 ? { decided: priced } : tryTo(() => decideOrder(cart, checkout, known, exhausted))
    if ('decided' in decision) limits.redeem({ orderId, customerKey, promotions: decision.decided.discounts })
    return decision
  })
  await limits.write(trx, now)
  return decisions
}

/** Places orders in one transaction, in a number of statements that does not grow with them: the carts locked
 * together, each order decided in memory, written in rows of many. Each cart and each key stands once among the
 * requests. A cart that another transaction holds is waited for with `wait`; without it its request is left over.
 * What one is refused for costs the others nothing; what is thrown undoes all. */
export const placeOrders = async (
  trx: Trx,
  checkouts: readonly Checkout[],
  pricedBy: PricedBy,
  { wait }: { wait: boolean },
): Promise<Placed[]> => {
  const placed = new Map<Checkout, Placed>()
  const carts = await lockCarts(
    trx,
    checkouts.map(({ cartId }) => cartId),
    { wait },
  ).catch((error: unknown) => {
    throw errnoOf(error) === LOCK_WAIT_TIMEOUT ? new IdempotencyRunning() : error
  })
  const cartOf = new Map(carts.map((cart) => [cart.id, cart]))
  let lines = 0
  const together = checkouts.filter(({ cartId }) => {
    lines += cartOf.get(cartId)?.lines.length ?? 0
    return wait || (cartOf.has(cartId) && lines <= MAX_LINES_TOGETHER)
  })
  const known = await readKnown(trx, checkouts, carts, pricedBy)

  const possible: { checkout: Checkout; cart: StoredCart; priced: PricedOrder }[] = []
  const refused: { checkout: Checkout; refusal: unknown }[] = []
  for (const checkout of together) {
    const cart = cartOf.get(checkout.cartId)
    const decision = tryTo(() => decideOrder(cart, checkout, known, NONE))
    if ('refusal' in decision) refused.push({ checkout, refusal: decision.refusal })
    else if (cart) possible.push({ checkout, cart, priced: decision.decided })
  }

  // A request whose key is known is a repeat, whatever has become of its cart since.
  const repeated = await findOutcomes(
    trx,
    refused.map(({ checkout }) => checkout.idempotency),
  )
  refused.forEach(({ checkout, refusal }, index) =>
    placed.set(checkout, answerOf(repeated[index]) ?? { refusal }),
  )
  const earlier = await claimKeys(
    trx,
    possible.map(({ checkout }) => checkout.idempotency),
  )
  possible.forEach(({ checkout }, index) => {
    const answer = answerOf(earlier[index])
    if (answer) placed.set(checkout, answer)
  })

  const claimed = possible.filter(({ checkout }) => !placed.has(checkout))
  const [first] = claimed
  if (first) {
    const decisions = await redeemWithinLimits(trx, claimed, known, first.checkout.now)
    const orders = claimed.flatMap(({ checkout, cart }, index) => {
      const decision = decisions[index]
      if (decision && 'decided' in decision) return { checkout, cart, priced: decision.decided }
      placed.set(checkout, { refusal: decision?.refusal })
      return []
    })
    await releaseKeys(
      trx,
      claimed.filter(({ checkout }) => placed.has(checkout)).map(({ checkout }) => checkout.idempotency),
    )
    await writeOrders(trx, orders, { placed, known, wait })
  }
  return checkouts.map((checkout) => placed.get(checkout) ?? 'alone')
}

const answerOf = (outcome: IdempotencyOutcome | Error | null | undefined): Placed | undefined => {
  if (!outcome) return undefined
  return outcome instanceof Error ? { refusal: outcome } : { earlier: outcome }
}

const writeOrders = async (
  trx: Trx,
  orders: readonly { checkout: Checkout; cart: StoredCart; priced: PricedOrder }[],
  { placed, known, wait }: { placed: Map<Checkout, Placed>; known: Known; wait: boolean },
) => {
  const [first] = orders
  if (!first) return
  const closed = await closeCarts(
    trx,
    orders.map(({ checkout: { cartId, orderId } }) => ({ cartId, orderId })),
    first.checkout.now,
  )
  if (closed !== orders.length) throw new Error('a locked cart was closed by somebody else')
  const views = await insertPlacedOrders(
    trx,
    orders.map(({ checkout, cart, priced }) => ({
      id: checkout.orderId,
      cartId: checkout.cartId,
      userId: checkout.userId,
      accessTokenHash: checkout.accessTokenHash,
      contact: contactFor(checkout, known.contacts.get(checkout.userId ?? '')),
      channel: checkout.channel,
      currency: cart.currency,
      shippingAddress: checkout.shippingAddress,
      billingAddress: checkout.billingAddress,
      shippingMethod: checkout.shippingMethod,
      payment: checkout.payment,
      placedAt: checkout.now,
      expiresAt: checkout.expiresAt,
      cause: checkout.cause,
      priced,
    })),
    { wait },
  )
  views.forEach((order, index) => {
    const written = orders[index]
    if (written) placed.set(written.checkout, { order })
  })
}
