import { Sku, Uuid } from '@storewright/contracts'
import { defineProblems } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { OrderStatusSchema } from './orders/order-schemas.ts'
import { MAX_LINES } from './pricing/totals.ts'
import { TotalsSchema } from './schemas.ts'

const Shortage = Type.Object(
  {
    sku: Sku,
    wanted: Type.Integer({ minimum: 1, maximum: 2_147_483_647, examples: [3] }),
    available: Type.Integer({ minimum: 0, maximum: 2_147_483_647, examples: [1] }),
  },
  { title: 'Shortage' },
)

/** The problems of carts, orders and payments besides those of every service. */
export const { Problem, problemResponses } = defineProblems({
  'unknown-sku': { status: 422, title: 'There is no such SKU' },
  'product-unavailable': {
    status: 422,
    title: 'The product cannot be bought',
    extra: Type.Object({
      skus: Type.Optional(Type.Array(Sku, { maxItems: MAX_LINES, description: 'of the cart' })),
    }),
  },
  'currency-mismatch': { status: 422, title: 'The currencies differ' },
  'insufficient-stock': {
    status: 409,
    title: 'Not enough stock',
    extra: Type.Object(
      { shortages: Type.Array(Shortage, { maxItems: MAX_LINES }) },
      { title: 'CartShortageProblem' },
    ),
  },
  'cart-empty': { status: 422, title: 'The cart is empty' },
  'cart-ordered': {
    status: 409,
    title: 'The cart was ordered already',
    extra: Type.Object({
      orderId: Type.Union([{ ...Uuid, examples: ['01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'] }, Type.Null()]),
    }),
  },
  'total-changed': {
    status: 409,
    title: 'The total is not the expected one',
    extra: Type.Object({ totals: TotalsSchema }),
  },
  'unknown-shipping-method': { status: 422, title: 'There is no such shipping method' },
  'unknown-payment-provider': { status: 422, title: 'There is no such payment provider' },
  'wrong-state': {
    status: 409,
    title: 'Not possible in the present state',
    extra: Type.Object({ orderStatus: Type.Optional(OrderStatusSchema) }, { title: 'OrderStateProblem' }),
  },
  'payment-unresolved': { status: 409, title: 'A payment attempt is still unresolved' },
})
