import { Type, type Static } from 'typebox'
import { about, defineEvent, internal, unconsumed } from '../event.ts'
import { Quantity, Sku, SkuQuantity, Uuid } from '../shapes.ts'
import { erasureReceipt, Lines, Money, oneOf, orNull, Shortages, Timestamp } from './shapes.ts'

const TaxIncluded = { ...Money, description: 'the part of `tax` that prices contain; absent: none' }
const OrderLine = Type.Object({
  lineId: Uuid,
  sku: Sku,
  name: Type.String(),
  quantity: Quantity,
  unitPrice: Money,
  discount: Money,
  tax: Money,
  taxIncluded: Type.Optional(TaxIncluded),
  total: Money,
})
const Totals = Type.Object({
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  taxIncluded: Type.Optional(TaxIncluded),
  total: Money,
})

/** A cart became an order; it is `pending` until inventory answers. */
export const OrderPlaced = defineEvent('order.order-placed.v1', about('orderId'), {
  orderId: Uuid,
  number: Type.String(),
  userId: orNull(Uuid),
  country: Type.String(),
  lines: Type.Array(OrderLine, { minItems: 1 }),
  totals: Totals,
  placedAt: Timestamp,
  channel: Type.Optional(orNull(Type.String(), { description: 'the client app, where it named itself' })),
  promotions: Type.Optional(
    Type.Array(Type.Object({ promotionId: Uuid, code: orNull(Type.String()), amount: Money }), {
      description: 'what each took off, lines and shipping',
    }),
  ),
  shippingMethod: Type.Optional(Type.String()),
})
export type OrderPlaced = Static<typeof OrderPlaced.data>

/** Whom to write to about an order, the last one holds. */
export const OrderContactSet = defineEvent(
  'order.order-contact-set.v1',
  { ...internal('orderId', 'contact'), consumerOptional: true },
  {
    orderId: Uuid,
    email: Type.String({ minLength: 3, maxLength: 254, description: 'where the mail goes' }),
    name: orNull(Type.String({ maxLength: 200 }), { description: 'how to address them' }),
    locale: orNull(Type.String({ maxLength: 35 }), { description: "BCP 47; null is the shop's own" }),
  },
)
export type OrderContactSet = Static<typeof OrderContactSet.data>

/** Stock is reserved and the payment is authorized: the order will be fulfilled. */
export const OrderConfirmed = defineEvent('order.order-confirmed.v1', about('orderId'), {
  orderId: Uuid,
  lines: Type.Array(SkuQuantity, { minItems: 1, description: 'the demand, summed per SKU' }),
  total: Money,
  confirmedAt: Timestamp,
})
export type OrderConfirmed = Static<typeof OrderConfirmed.data>

/** The order could not be accepted; nothing is reserved for it. */
export const OrderRejected = defineEvent('order.order-rejected.v1', unconsumed('orderId'), {
  orderId: Uuid,
  reason: Type.String(),
  shortages: Shortages,
})
export type OrderRejected = Static<typeof OrderRejected.data>

/** The order ended before everything was shipped; `lines` is what to release. */
export const OrderCancelled = defineEvent('order.order-cancelled.v1', about('orderId'), {
  orderId: Uuid,
  reason: Type.String(),
  by: oneOf('customer', 'staff', 'system'),
  lines: Type.Array(SkuQuantity),
  userId: Type.Optional(orNull(Uuid, { description: 'whose order it was' })),
  number: Type.Optional(Type.String({ description: 'the same as in OrderPlaced' })),
})
export type OrderCancelled = Static<typeof OrderCancelled.data>

/** A shipment left: this part of the reservation is a sale. */
export const OrderShipped = defineEvent('order.order-shipped.v1', about('orderId'), {
  orderId: Uuid,
  shipmentId: Uuid,
  lines: Lines,
  carrier: Type.String(),
  trackingNumber: Type.String(),
  complete: Type.Boolean({ description: 'nothing of the order is left to ship' }),
})
export type OrderShipped = Static<typeof OrderShipped.data>

const payment = { orderId: Uuid, attemptId: Uuid, provider: Type.String(), amount: Money }
const aboutPayment = unconsumed('orderId')

/** The provider authorized the order's total. */
export const PaymentAuthorized = defineEvent('order.payment-authorized.v1', aboutPayment, payment)
export type PaymentAuthorized = Static<typeof PaymentAuthorized.data>

/** The money for a shipment was captured. */
export const PaymentCaptured = defineEvent('order.payment-captured.v1', aboutPayment, payment)
export type PaymentCaptured = Static<typeof PaymentCaptured.data>

/** An authorization was voided; after a partial capture, its rest. */
export const PaymentVoided = defineEvent('order.payment-voided.v1', aboutPayment, payment)
export type PaymentVoided = Static<typeof PaymentVoided.data>

/** The provider declined: after an authorization the order waits for another payment until its deadline. Of a capture
 * or a void also where the provider does not answer; it is tried on. */
export const PaymentFailed = defineEvent('order.payment-failed.v1', aboutPayment, {
  ...payment,
  kind: Type.Optional(
    Type.Enum(['authorize', 'capture', 'void'], {
      description: 'what failed; authorize where it is missing',
    }),
  ),
  reason: Type.String(),
})
export type PaymentFailed = Static<typeof PaymentFailed.data>

const cartState = {
  cartKey: Type.String({ description: 'a hash of the id of the cart, which is a secret', maxLength: 64 }),
  userId: orNull(Uuid),
  currency: Type.String(),
  lines: Type.Array(
    Type.Object({
      sku: Sku,
      quantity: Quantity,
      unitPrice: Type.Object({ ...Money.properties }, { description: 'as the customer saw it last' }),
    }),
  ),
  changedAt: Timestamp,
}
const aboutCarts = { ...internal('stream'), consumerOptional: true }

/** A cart was changed; at most once in ten seconds for each, and all events are one sequence. */
export const CartActivity = defineEvent('order.cart-activity.v1', aboutCarts, {
  stream: Type.Literal('cart-activity'),
  ...cartState,
})
export type CartActivity = Static<typeof CartActivity.data>

/** A cart with something in it was left alone for some time; once for each cart, and all events are one sequence. */
export const CartAbandoned = defineEvent('order.cart-abandoned.v1', aboutCarts, {
  stream: Type.Literal('cart-abandoned'),
  ...cartState,
})
export type CartAbandoned = Static<typeof CartAbandoned.data>

/** Orders and carts hold nothing about this person any more. */
export const OrderPersonalDataErased = defineEvent(
  'order.personal-data-erased.v1',
  internal('erasureId'),
  erasureReceipt,
)
export type OrderPersonalDataErased = Static<typeof OrderPersonalDataErased.data>
