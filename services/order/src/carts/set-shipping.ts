import { parseDestination } from '@storewright/people/address'
import { zoneOf, type ShippingRefusal } from '../rates/shipping.ts'
import { Problem } from '../problems.ts'
import type { CartAccess } from './cart-reader.ts'
import { linesWith } from './cart.ts'
import { changeCart, type CartChange, type FoundCart } from './change-cart.ts'
import { findShipping } from './price-cart.ts'

export interface SetShipping extends CartChange {
  country: string
  postalCode: string | null
  method: string | null
}

const REFUSALS: Record<ShippingRefusal, { path: 'country' | 'method'; message: string }> = {
  'country-not-served': { path: 'country', message: 'is not a country that the shop delivers to' },
  'unknown-method': { path: 'method', message: 'is not a method for this country' },
  'no-price': { path: 'method', message: 'has no price for this cart' },
}

/** Chooses where and how a cart is to be sent, so that its totals hold shipping and tax. */
export const setShipping = async (carts: CartAccess, choice: SetShipping): Promise<FoundCart> => {
  const { country, postalCode } = parseDestination(choice)
  const { method } = choice
  const rates = await carts.rates.readRates()
  return changeCart(carts, choice, [], (cart, offers) => {
    const chosen = { country, postalCode, shippingMethod: method }
    const found = { cart: { ...cart, ...chosen }, lines: linesWith(cart.lines, offers) }
    const refusal = zoneOf(rates.zones, country) ? findShipping(found, rates)?.refusal : 'country-not-served'
    if (refusal) {
      const { path, message } = REFUSALS[refusal]
      throw new Problem('unknown-shipping-method', `The ${path} ${message}.`, { errors: [{ path, message }] })
    }
    return chosen
  })
}
