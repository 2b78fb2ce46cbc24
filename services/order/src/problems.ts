import { MAX_QUANTITY, Sku, Uuid } from '@storewright/contracts'
import { reasons } from '@storewright/promotions/evaluate'
import { defineProblems } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from './pricing/totals.ts'
import { OrderStatusSchema, TotalsSchema } from './schemas.ts'

const count = Type.Integer({ minimum: 0, maximum: MAX_QUANTITY })

export const Shortage = Type.Object({ sku: Sku, wanted: count, available: count }, { title: 'Shortage' })

/** Why a coupon code takes nothing off. */
export const CouponReason = Type.Enum([...reasons, 'exhausted', 'used-by-customer'], {
  title: 'CouponReason',
  description: 'stable',
})

/** The problems of this service, besides the general ones. */
export const { Problem, problemResponses } = defineProblems({
  'unknown-sku': { status: 422, title: 'There is no such SKU' },
  'currency-mismatch': { status: 422, title: 'The currencies differ' },
  'insufficient-stock': {
    status: 409,
    title: 'Not enough stock',
    extra: Type.Object(
      { shortages: Type.Optional(Type.Array(Shortage, { maxItems: MAX_LINES })) },
      { title: 'CartShortageProblem' },
    ),
  },
  'product-unavailable': {
    status: 422,
    title: 'The product cannot be bought',
    extra: Type.Object({ skus: Type.Optional(Type.Array(Sku, { maxItems: MAX_LINES })) }),
  },
  'coupon-not-applicable': {
    status: 422,
    title: 'The coupon code does not apply',
    extra: Type.Object({ code: Type.String({ maxLength: 100, examples: ['SUMMER'] }), reason: CouponReason }),
  },
  'cart-empty': { status: 422, title: 'The cart is empty' },
  'cart-ordered': {
    status: 409,
    title: 'The cart was ordered already',
    extra: Type.Object({ orderId: Type.Union([Uuid, Type.Null()]) }),
  },
  'total-changed': {
    status: 409,
    title: 'The total is not the expected one',
    extra: Type.Object({
      totals: TotalsSchema,
      notApplied: Type.Optional(
        Type.Array(
          Type.Object({
            code: Type.String({ maxLength: 50 }),
            reason: Type.String({ maxLength: 50 }),
            message: Type.String({ maxLength: 300 }),
          }),
          { maxItems: 100, description: 'coupon codes of the cart that take nothing off, and why' },
        ),
      ),
    }),
  },
  'unknown-shipping-method': { status: 422, title: 'There is no such shipping method' },
  'unknown-payment-provider': { status: 422, title: 'There is no such payment provider' },
  'wrong-state': {
    status: 409,
    title: 'Not possible in the present state',
    extra: Type.Object({ orderStatus: Type.Optional(OrderStatusSchema) }, { title: 'OrderStateProblem' }),
  },
  'payment-tries-exhausted': {
    status: 409,
    title: 'The order was tried to be paid too often',
    extra: Type.Object({ orderStatus: Type.Optional(OrderStatusSchema) }, { title: 'PaymentTriesProblem' }),
  },
  'payment-unresolved': { status: 409, title: 'A payment attempt is still unresolved' },
})

export const captureUnderWay = ({ status }: { status: Static<typeof OrderStatusSchema> }) =>
  new Problem('wrong-state', 'The payment of a shipment is being captured; try again in a moment.', {
    orderStatus: status,
    retryAfter: 1,
  })
