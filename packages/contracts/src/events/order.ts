import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { ErasureReceipt, Money, Quantity, Sku, SkuQuantity, Timestamp, Uuid } from '../shapes.ts'

const OrderLine = Type.Object({
  lineId: Uuid,
  sku: Sku,
  name: Type.String(),
  quantity: Quantity,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  total: Money,
})

const Totals = Type.Object({
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  total: Money,
})

/** A cart became an order; it is `pending` until inventory answers. */
export const OrderPlaced = defineEvent(
  'order.order-placed.v1',
  Type.Object({
    orderId: Uuid,
    number: Type.String(),
    userId: Type.Union([Uuid, Type.Null()]),
    country: Type.String(),
    lines: Type.Array(OrderLine, { minItems: 1 }),
    totals: Totals,
    placedAt: Timestamp,
  }),
  {
    subject: (data) => data.orderId,
  },
)
export type OrderPlaced = Static<typeof OrderPlaced.data>

/** Stock is reserved and the payment is authorized: the order will be fulfilled. */
export const OrderConfirmed = defineEvent(
  'order.order-confirmed.v1',
  Type.Object({
    orderId: Uuid,
    lines: Type.Array(SkuQuantity, { minItems: 1, description: 'the demand, summed per SKU' }),
    total: Money,
    confirmedAt: Timestamp,
  }),
  {
    subject: (data) => data.orderId,
  },
)
export type OrderConfirmed = Static<typeof OrderConfirmed.data>

/** The order could not be accepted; nothing is reserved for it. */
export const OrderRejected = defineEvent(
  'order.order-rejected.v1',
  Type.Object({
    orderId: Uuid,
    reason: Type.String(),
    shortages: Type.Array(
      Type.Object({ sku: Sku, wanted: Type.Integer(), available: Type.Integer({ minimum: 0 }) }),
    ),
  }),
  {
    subject: (data) => data.orderId,
    consumerOptional: true,
  },
)
export type OrderRejected = Static<typeof OrderRejected.data>

/** The order ended before everything was shipped; `lines` is what to release. */
export const OrderCancelled = defineEvent(
  'order.order-cancelled.v1',
  Type.Object({
    orderId: Uuid,
    reason: Type.String(),
    by: Type.Union([Type.Literal('customer'), Type.Literal('staff'), Type.Literal('system')]),
    lines: Type.Array(SkuQuantity),
    userId: Type.Optional(Type.Union([Uuid, Type.Null()], { description: 'whose order it was' })),
    number: Type.Optional(Type.String({ description: 'the same as in OrderPlaced' })),
  }),
  {
    subject: (data) => data.orderId,
  },
)
export type OrderCancelled = Static<typeof OrderCancelled.data>

/** A shipment left: this part of the reservation is a sale. */
export const OrderShipped = defineEvent(
  'order.order-shipped.v1',
  Type.Object({
    orderId: Uuid,
    shipmentId: Uuid,
    lines: Type.Array(SkuQuantity, { minItems: 1 }),
    carrier: Type.String(),
    trackingNumber: Type.String(),
    complete: Type.Boolean({ description: 'nothing of the order is left to ship' }),
  }),
  {
    subject: (data) => data.orderId,
  },
)
export type OrderShipped = Static<typeof OrderShipped.data>

const PaymentFact = {
  orderId: Uuid,
  attemptId: Uuid,
  provider: Type.String(),
  amount: Money,
}

const paymentEvent = (fact: string) =>
  defineEvent(`order.payment-${fact}.v1`, Type.Object(PaymentFact), {
    subject: (data) => data.orderId,
    consumerOptional: true,
  })

/** The provider authorized the order's total. */
export const PaymentAuthorized = paymentEvent('authorized')
export type PaymentAuthorized = Static<typeof PaymentAuthorized.data>

/** The money for a shipment was captured. */
export const PaymentCaptured = paymentEvent('captured')
export type PaymentCaptured = Static<typeof PaymentCaptured.data>

/** An authorization was voided unused. */
export const PaymentVoided = paymentEvent('voided')
export type PaymentVoided = Static<typeof PaymentVoided.data>

/** The provider declined; the order waits for another payment until its deadline. */
export const PaymentFailed = defineEvent(
  'order.payment-failed.v1',
  Type.Object({ ...PaymentFact, reason: Type.String() }),
  {
    subject: (data) => data.orderId,
    consumerOptional: true,
  },
)
export type PaymentFailed = Static<typeof PaymentFailed.data>

/** Orders and carts hold nothing about this person any more. */
export const OrderPersonalDataErased = defineEvent('order.personal-data-erased.v1', ErasureReceipt, {
  subject: (data) => data.erasureId,
  visibility: 'internal',
})
export type OrderPersonalDataErased = Static<typeof OrderPersonalDataErased.data>
