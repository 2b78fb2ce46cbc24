import { defineProblems } from '@storewright/service-kit/http'

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
