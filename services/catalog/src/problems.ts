import { isCurrency } from '@storewright/contracts'
import { defineProblems, IfMatchHeaders } from '@storewright/service-kit/http'
import { Type } from 'typebox'

/** The problems of the catalogue besides those of every service. */
export const { Problem, problemResponses } = defineProblems({
  'slug-taken': { status: 409, title: 'The slug is taken' },
  'sku-taken': { status: 409, title: 'The SKU is taken' },
  'code-taken': { status: 409, title: 'The coupon code is taken' },
  'unknown-category': { status: 422, title: 'There is no such category' },
  'category-cycle': { status: 422, title: 'A category cannot be below itself' },
  'category-in-use': { status: 409, title: 'The category is in use' },
  'already-scheduled': { status: 409, title: 'Another price is scheduled for this instant' },
  'products-do-not-fit': { status: 409, title: 'Products do not fit the attributes' },
  'wrong-state': { status: 409, title: 'Not possible in the present state' },
})

/** A currency that a query names; ends the request where there is none such. */
export const requireCurrency = (currency: string): string => {
  if (isCurrency(currency)) return currency
  throw new Problem('unprocessable', `There is no currency ${currency}.`, {
    errors: [{ path: 'currency', message: 'is no ISO 4217 currency' }],
  })
}

/** What every DELETE of something with a version has in common. */
export const deletion = (...kinds: Parameters<typeof problemResponses>) => ({
  headers: IfMatchHeaders,
  response: { 204: Type.Null({ description: 'Deleted' }), ...problemResponses(...kinds, 'stale-version') },
})
