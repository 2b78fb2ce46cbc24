import { isCurrency } from '@storewright/contracts'
import { Problem } from '@storewright/service-kit/http'

/** A currency that a query names; ends the request where there is none such. */
export const requireCurrency = (currency: string): string => {
  if (isCurrency(currency)) return currency
  throw new Problem('unprocessable', `There is no currency ${currency}.`, {
    errors: [{ path: 'currency', message: 'is no ISO 4217 currency' }],
  })
}
