import { isCurrency, type Money } from '@storewright/contracts'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { StatedPrice } from './variant-prices.ts'

/** Prices as a client sends them: `price` alone, `prices`, or both. */
export interface PricesInput {
  price?: Money
  compareAtPrice?: Money | null
  prices?: (Money & { compareAtPrice?: Money | null })[]
}

const findFaults = (price: Money, compareAt: Money | null, paths: { price: string; compareAt: string }) => {
  const errors: FieldError[] = []
  if (!isCurrency(price.currency))
    errors.push({ path: `${paths.price}currency`, message: 'is no ISO 4217 currency' })
  if (compareAt && compareAt.currency !== price.currency)
    errors.push({ path: `${paths.compareAt}.currency`, message: `must be ${price.currency}, as the price` })
  else if (compareAt && compareAt.amount <= price.amount)
    errors.push({ path: `${paths.compareAt}.amount`, message: 'must be above the price' })
  return errors
}

/** Reads the prices of a request, one for each currency, and what is wrong with them by field; `prefix` ends in a dot. */
export const readPrices = (
  { price, compareAtPrice = null, prices = [] }: PricesInput,
  prefix = '',
): { prices: StatedPrice[]; errors: FieldError[] } => {
  const errors = price
    ? findFaults(price, compareAtPrice, { price: `${prefix}price.`, compareAt: `${prefix}compareAtPrice` })
    : []
  if (!price && compareAtPrice)
    errors.push({ path: `${prefix}compareAtPrice`, message: 'needs a price beside it' })
  const stated: StatedPrice[] = price ? [{ ...price, compareAt: compareAtPrice?.amount ?? null }] : []
  prices.forEach(({ amount, currency, compareAtPrice: compareAt = null }, index) => {
    const path = `${prefix}prices.${index}.`
    errors.push(
      ...findFaults({ amount, currency }, compareAt, { price: path, compareAt: `${path}compareAtPrice` }),
    )
    if (stated.some((other) => other.currency === currency))
      errors.push({ path: `${path}currency`, message: 'stands twice: there is one price for each currency' })
    stated.push({ amount, currency, compareAt: compareAt?.amount ?? null })
  })
  return { prices: stated, errors }
}

/** The prices of a request; ends it where there is none, or where some make no sense. */
export const requirePrices = (...inputs: { input: PricesInput; prefix: string }[]): StatedPrice[][] => {
  const missing = inputs.flatMap(({ input, prefix }) =>
    input.price || input.prices ? [] : [{ path: `${prefix}price`, message: 'is required, or prices' }],
  )
  if (missing.length > 0) throw new Problem('invalid-request', 'A price is required.', { errors: missing })
  const read = inputs.map(({ input, prefix }) => readPrices(input, prefix))
  const errors = read.flatMap((one) => one.errors)
  if (errors.length > 0) throw new Problem('unprocessable', 'These prices make no sense.', { errors })
  return read.map(({ prices }) => prices)
}
