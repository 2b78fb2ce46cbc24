import { isCurrency, type Money } from '@storewright/contracts'
import { Problem, type FieldError } from '@storewright/service-kit'
import { findFaults, type Product } from './product.ts'

/** Ends the request when a product breaks a rule. */
export const refuseFaults = (product: Product) => {
  const [first, ...rest] = findFaults(product)
  if (!first) return
  const errors = [first, ...rest].map(({ path, message }) => ({ path, message }))
  throw new Problem(first.kind, `${first.message[0]?.toUpperCase()}${first.message.slice(1)}.`, { errors })
}

/** Ends the request when a price is in no currency of ISO 4217. */
export const refuseUnknownCurrencies = (prices: { path: string; price: Money }[]) => {
  const errors: FieldError[] = prices.flatMap(({ path, price }) =>
    isCurrency(price.currency) ? [] : [{ path: `${path}.currency`, message: 'is no ISO 4217 currency' }],
  )
  if (errors.length > 0) throw new Problem('unprocessable', 'There is no such currency.', { errors })
}
