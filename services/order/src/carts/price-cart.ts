import { priceOrder, type PricedOrder } from '../pricing/price-order.ts'
import type { Rates } from '../rates/rates.ts'
import { findShippingMethod, type ShippingQuote, type ShippingRefusal } from '../rates/shipping.ts'
import type { CartAccess } from './cart-reader.ts'
import { priceOf } from './cart.ts'
import type { FoundCart } from './change-cart.ts'

/** Where and how a cart is to be sent, as far as that is known. */
export interface CartShipping {
  country: string
  postalCode: string | null
  method: string | null
  quote: ShippingQuote | null
  /** Why the chosen method cannot be had. */
  refusal: ShippingRefusal | null
}

/** A cart at the prices of now. */
export interface PricedCart extends FoundCart {
  /** Of the lines that can be bought. */
  order: PricedOrder
  shipping: CartShipping | null
}

/** The lines that can be bought, as pricing takes them. */
export const buyableLines = ({ cart, lines }: FoundCart) =>
  lines.flatMap(({ quantity, offer }) => {
    const unitPriceMinor = priceOf(offer, cart.currency)
    return offer && unitPriceMinor !== undefined ? { ...offer, quantity, unitPriceMinor } : []
  })

/** The chosen destination and method at its price for the cart's lines; null where none is chosen. */
export const findShipping = (found: FoundCart, rates: Pick<Rates, 'zones'>): CartShipping | null => {
  const { country, postalCode, shippingMethod: method, currency } = found.cart
  if (country === null) return null
  const nothing = { country, postalCode, method, quote: null, refusal: null }
  if (method === null) return nothing
  const lines = buyableLines(found)
  return { ...nothing, ...findShippingMethod(rates, { country, postalCode, method, currency, lines }) }
}

/** Prices a cart by the own copies of offers, promotions, rates and taxes, at most a second old. */
export const priceCart = async (
  { rates: { readRates, readPromotionsByCode }, readExhausted }: CartAccess,
  found: FoundCart,
  now: Date,
): Promise<PricedCart> => {
  const { cart } = found
  const { currency, codes, country, postalCode, userId, taxExempt } = cart
  const [rates, codePromotions] = await Promise.all([readRates(), readPromotionsByCode(codes)])
  const lines = buyableLines(found)
  const shipping = findShipping(found, rates)
  return {
    ...found,
    shipping,
    order: priceOrder({
      rates,
      currency,
      lines,
      codePromotions,
      exhausted: await readExhausted([...rates.promotions, ...codePromotions], userId),
      codes,
      taxExempt,
      destination: country === null ? null : { country, postalCode },
      shipping: shipping?.quote ?? null,
      now,
    }),
  }
}
