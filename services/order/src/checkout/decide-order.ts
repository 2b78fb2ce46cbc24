import type { Money } from '@storewright/contracts'
import type { Promotion } from '@storewright/promotions/promotion'
import { openFor } from '../carts/cart-access.ts'
import { findUnavailable, linesWith, type CartLine } from '../carts/cart.ts'
import type { StoredCart } from '../carts/order-carts.ts'
import type { Contact } from '../contacts/contacts.ts'
import type { Offer } from '../offers/offer-reader.ts'
import { priceOrder, type LimitReason, type PricedOrder } from '../pricing/price-order.ts'
import { isTooLarge, totalsView } from '../pricing/totals.ts'
import { Problem } from '../problems.ts'
import type { Rates } from '../rates/rates.ts'
import { findShippingMethod, type ShippingRefusal } from '../rates/shipping.ts'
import type { Address } from '../schemas.ts'

export interface Wanted {
  cartId: string
  userId: string | null
  shippingAddress: Address
  shippingMethod: string
  expectedTotal: Money | undefined
  now: Date
}

/** What an order is priced by, read for all of a batch. */
export interface Known {
  rates: Rates
  offers: ReadonlyMap<string, Offer>
  /** Of the codes of all carts. */
  codePromotions: readonly Promotion[]
  /** Of the signed-in customers among them, by account. */
  contacts: ReadonlyMap<string, Contact>
}

/** The limited promotions of a customer that are used up, by promotion. */
export type Exhausted = ReadonlyMap<string, LimitReason>

const refuseAt = (
  kind: ConstructorParameters<typeof Problem>[0],
  path: string,
  message: string,
  detail: string,
) => new Problem(kind, detail, { errors: [{ path, message }] })

const checkLines = (lines: readonly CartLine[], currency: string) => {
  if (lines.length === 0)
    throw refuseAt('cart-empty', 'cartId', 'names a cart without lines', 'Put something into the cart first.')
  const skus = findUnavailable(lines, currency).map(({ sku }) => sku)
  if (skus.length === 0) return
  throw new Problem(
    'product-unavailable',
    `Take what is not on sale out of the cart: ${skus.slice(0, 5).join(', ')}.`,
    { errors: skus.slice(0, 100).map((sku) => ({ path: 'cartId', message: `${sku} is not on sale` })), skus },
  )
}

const SHIPPING_REFUSALS: Record<ShippingRefusal, (country: string, currency: string) => string> = {
  'country-not-served': (country) => `is for no parcel to ${country}, where the shop does not deliver`,
  'unknown-method': (country) => `is no method for ${country}`,
  'no-price': (_country, currency) => `has no price in ${currency} for this parcel`,
}

const findShipping = (wanted: Wanted, currency: string, lines: readonly ShippedCartLine[], rates: Rates) => {
  const { country, postalCode } = wanted.shippingAddress
  const request = { country, postalCode, method: wanted.shippingMethod, currency, lines }
  const found = findShippingMethod(rates, request)
  if ('quote' in found) return found.quote
  const message = SHIPPING_REFUSALS[found.refusal](country, currency)
  throw refuseAt('unknown-shipping-method', 'shippingMethod', message, 'Choose another shipping method.')
}
type ShippedCartLine = Parameters<typeof findShippingMethod>[1]['lines'][number]

const checkTotal = ({ totals, notApplied }: PricedOrder, currency: string, expected: Money | undefined) => {
  if (isTooLarge(totals)) {
    const detail = 'The total is more than an order may cost.'
    throw refuseAt('unprocessable', 'cartId', 'names a cart that costs too much', detail)
  }
  if (!expected) return
  if (expected.currency !== currency) {
    const detail = `The cart is in ${currency}.`
    throw refuseAt('currency-mismatch', 'expectedTotal.currency', `must be ${currency}`, detail)
  }
  if (expected.amount !== totals.totalMinor) {
    throw new Problem('total-changed', 'The total has changed; show it to the customer first.', {
      totals: totalsView(totals, currency),
      notApplied,
    })
  }
}

/** What ordering a cart comes to now; throws why it cannot be ordered. Pure, so that limits may be tried out. */
export const decideOrder = (
  cart: StoredCart | undefined,
  wanted: Wanted,
  { rates, offers, codePromotions, contacts }: Known,
  exhausted: Exhausted,
): PricedOrder => {
  const { currency, codes, lines: cartLines } = openFor(cart, wanted.userId, wanted.cartId)
  const lines = linesWith(cartLines, offers)
  checkLines(lines, currency)
  const toPrice = lines.flatMap(({ sku, quantity, offer }) => {
    const unitPriceMinor = offer?.prices.get(currency)
    return offer && unitPriceMinor !== undefined ? { ...offer, sku, quantity, unitPriceMinor } : []
  })
  const { country, postalCode } = wanted.shippingAddress
  const order = priceOrder({
    rates,
    currency,
    lines: toPrice,
    codePromotions: codePromotions.filter(({ code }) => code !== null && codes.includes(code)),
    exhausted,
    codes,
    destination: { country, postalCode },
    shipping: findShipping(wanted, currency, toPrice, rates),
    taxExempt: contacts.get(wanted.userId ?? '')?.taxExempt ?? false,
    now: wanted.now,
  })
  checkTotal(order, currency, wanted.expectedTotal)
  return order
}
