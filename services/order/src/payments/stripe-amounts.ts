import { minorDigitsOf } from '@storewright/contracts'

// https://docs.stripe.com/currencies: the ariary has no minor unit there; króna and shilling are sent with two digits.
const STRIPE_DIGITS: ReadonlyMap<string, number> = new Map([
  ['MGA', 0],
  ['ISK', 2],
  ['UGX', 2],
])

/** An amount of ours as Stripe takes it; null where it cannot be charged there, as five thousandths of a dinar cannot. */
export const toStripeAmount = (amountMinor: number, currency: string): number | null => {
  const digits = minorDigitsOf(currency)
  if (digits === undefined) return null
  const amount = amountMinor * 10 ** ((STRIPE_DIGITS.get(currency) ?? digits) - digits)
  // Of three digits the last must be zero.
  return Number.isSafeInteger(amount) && (digits < 3 || amount % 10 === 0) ? amount : null
}
