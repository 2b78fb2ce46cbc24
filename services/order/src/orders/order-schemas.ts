import { Money, Sku, Timestamp } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { TotalsShape } from '../carts/cart-schemas.ts'
import { Address } from './address.ts'

export const OrderStatusShape = Type.Enum([
  'pending',
  'reserved',
  'awaiting_payment',
  'confirmed',
  'partly_shipped',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
  'returned',
])

const PaymentStatusShape = Type.Enum([
  'pending',
  'authorized',
  'declined',
  'captured',
  'partly_refunded',
  'refunded',
  'voided',
])

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()])

export const OrderParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

/** How a guest shows that an order is theirs; in a link or an event stream as `?token=`. */
export const OrderTokenHeader = {
  'x-order-token': Type.Optional(Type.String({ maxLength: 200, description: "a guest order's accessToken" })),
}
export const OrderTokenQuery = {
  token: Type.Optional(Type.String({ maxLength: 200, description: 'as X-Order-Token, for links' })),
}

export const ShipmentShape = Type.Object({
  id: Type.String(),
  orderId: Type.String(),
  status: Type.Enum(['capturing', 'shipped', 'failed']),
  reason: orNull(Type.String()),
  carrier: Type.String(),
  trackingNumber: Type.String(),
  lines: Type.Array(Type.Object({ sku: Sku, quantity: Type.Integer() })),
  createdAt: Timestamp,
  shippedAt: orNull(Timestamp),
})
export type ShipmentShape = Static<typeof ShipmentShape>

/** An order as its owner and staff see it. */
export const OrderShape = Type.Object({
  id: Type.String(),
  number: Type.String({ examples: ['SW-100042'] }),
  status: OrderStatusShape,
  reason: orNull(Type.String({ description: 'why it was rejected or cancelled' })),
  shortages: Type.Array(Type.Object({ sku: Sku, wanted: Type.Integer(), available: Type.Integer() })),
  cartId: Type.String(),
  userId: orNull(Type.String()),
  email: orNull(Type.String()),
  lines: Type.Array(
    Type.Object({
      id: Type.String(),
      sku: Sku,
      name: Type.String(),
      quantity: Type.Integer(),
      unitPrice: Money,
      discount: Money,
      tax: Money,
      total: Money,
      shippedQuantity: Type.Integer({ description: 'on its way, or being made ready' }),
    }),
  ),
  totals: TotalsShape,
  payment: Type.Object({
    status: PaymentStatusShape,
    provider: Type.String(),
    reason: orNull(Type.String({ description: 'why the last attempt was declined' })),
  }),
  shippingMethod: Type.String(),
  shippingAddress: Address,
  billingAddress: orNull(Address),
  shipments: Type.Array(ShipmentShape),
  placedAt: Timestamp,
  expiresAt: orNull(Timestamp),
  version: Type.Integer(),
  accessToken: Type.Optional(
    Type.String({ description: "only in the answer to a guest's POST /v1/orders: opens this order" }),
  ),
})
export type OrderShape = Static<typeof OrderShape>
