import { MAX_QUANTITY, Money, Quantity, Sku, Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from '../pricing/totals.ts'
import { Shortage } from '../problems.ts'
import {
  Address,
  aCartId,
  anAddress,
  CartId,
  gbp,
  LineName,
  orNull,
  OrderStatusSchema,
  PaymentStatusSchema,
  someTotals,
  TotalsSchema,
  Version,
} from '../schemas.ts'

const anOrderId = '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70'

export const OrderParams = Type.Object({ id: { ...Uuid, examples: [anOrderId] } })

/** How a guest shows that an order is theirs; in a link or an event stream as `?token=`. */
export const OrderTokenHeader = {
  'x-order-token': Type.Optional(Type.String({ maxLength: 200, description: "a guest order's accessToken" })),
}
export const OrderTokenQuery = {
  token: Type.Optional(Type.String({ maxLength: 200, description: 'as X-Order-Token, for links' })),
}
/** The owner, the guest who holds the order's token, and staff or machines with the permission. */
export const orderAccess = [{ bearer: [] }, { orderToken: [] }, { apiKey: [] }]

const count = (description?: string) =>
  Type.Integer({ minimum: 0, maximum: MAX_QUANTITY, ...(description ? { description } : {}) })
const Reason = (description: string) => orNull(Type.String({ maxLength: 100, description }))

const aShipment = {
  id: '01990a3d-1b7a-7e52-8c0d-3a5b7c9d1e2f',
  orderId: anOrderId,
  status: 'shipped',
  reason: null,
  carrier: 'Royal Mail',
  trackingNumber: 'RM123456785GB',
  lines: [{ sku: 'MUG-1', quantity: 2 }],
  createdAt: '2026-02-01T08:00:00.000Z',
  shippedAt: '2026-02-01T08:00:01.000Z',
}
export const Shipment = Type.Object(
  {
    id: Uuid,
    orderId: Uuid,
    status: Type.Enum(['capturing', 'shipped', 'failed'], { title: 'ShipmentStatus' }),
    reason: Reason('why it failed'),
    carrier: Type.String({ maxLength: 100 }),
    trackingNumber: Type.String({ maxLength: 100 }),
    lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity }, { title: 'ShipmentLine' }), {
      maxItems: MAX_LINES,
    }),
    createdAt: Timestamp,
    shippedAt: orNull(Timestamp),
  },
  { title: 'Shipment', examples: [aShipment] },
)
export type Shipment = Static<typeof Shipment>

const anOrder = {
  id: anOrderId,
  number: 'SW-100042',
  status: 'confirmed',
  reason: null,
  shortages: [],
  cartId: aCartId,
  retryCartId: null,
  channel: null,
  userId: null,
  email: 'ada@example.com',
  lines: [
    {
      id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a72',
      sku: 'MUG-1',
      name: 'Mug, blue',
      quantity: 2,
      unitPrice: gbp(1299),
      discount: gbp(0),
      tax: gbp(433),
      taxIncluded: gbp(433),
      total: gbp(2598),
      shippedQuantity: 0,
    },
  ],
  totals: someTotals,
  discounts: [],
  payment: {
    status: 'authorized',
    provider: 'sandbox',
    reason: null,
    authorized: gbp(2598),
    captured: gbp(0),
    refunded: gbp(0),
    received: gbp(0),
    nextAction: null,
  },
  shippingMethod: 'standard',
  shippingAddress: anAddress,
  billingAddress: null,
  shipments: [],
  placedAt: '2026-01-31T09:30:00.000Z',
  expiresAt: null,
  version: 4,
}

const OrderLine = Type.Object(
  {
    id: Uuid,
    sku: Sku,
    name: LineName,
    quantity: Quantity,
    unitPrice: Money,
    discount: Money,
    tax: Money,
    taxIncluded: { ...Money, description: 'the part of `tax` that the price contains' },
    total: Money,
    shippedQuantity: count('on its way, or being made ready'),
  },
  { title: 'OrderLine' },
)

const OrderPayment = Type.Object(
  {
    status: PaymentStatusSchema,
    provider: Type.String({ maxLength: 20, examples: ['sandbox'] }),
    reason: Reason('why the last attempt was declined'),
    authorized: { ...Money, description: 'held for the order, including what was captured of it' },
    captured: Money,
    refunded: Money,
    received: { ...Money, description: 'of a manual payment: what staff recorded as received' },
    nextAction: orNull(
      Type.Union([
        Type.Object({ type: Type.Literal('redirect'), url: Type.String({ maxLength: 1_000 }) }),
        Type.Object({ type: Type.Literal('stripe'), clientSecret: Type.String({ maxLength: 500 }) }),
      ]),
      {
        description: 'what the customer has to do before `expiresAt`, while the status is `requires_action`',
      },
    ),
  },
  { title: 'OrderPayment' },
)

/** An order as its owner and staff see it. */
export const Order = Type.Object(
  {
    id: Uuid,
    number: Type.String({ pattern: '^SW-[0-9]+$', maxLength: 24, examples: ['SW-100042'] }),
    status: OrderStatusSchema,
    reason: Reason('why it was rejected or cancelled'),
    shortages: Type.Array(Shortage, {
      maxItems: MAX_LINES,
      description: 'what there was too little of, where it was rejected for that',
    }),
    cartId: CartId,
    retryCartId: orNull(CartId, {
      description: 'an open cart with what can still be bought of a rejected or expired order',
    }),
    channel: orNull(Type.String({ maxLength: 40, description: 'what the client app called itself' })),
    userId: orNull(Uuid),
    email: orNull(Type.String({ maxLength: 320 })),
    lines: Type.Array(OrderLine, { maxItems: MAX_LINES }),
    totals: TotalsSchema,
    discounts: Type.Array(
      Type.Object(
        {
          promotionId: Uuid,
          name: Type.String({ maxLength: 200 }),
          code: orNull(Type.String({ maxLength: 50 })),
          amount: Money,
        },
        { title: 'OrderDiscount' },
      ),
      { maxItems: 1_000, description: 'what each promotion took off, lines and shipping' },
    ),
    payment: OrderPayment,
    shippingMethod: Type.String({ maxLength: 40, examples: ['standard'] }),
    shippingAddress: Address,
    billingAddress: orNull(Address),
    shipments: Type.Array(Shipment, { maxItems: MAX_LINES }),
    placedAt: Timestamp,
    expiresAt: orNull(Timestamp),
    version: Version,
    accessToken: Type.Optional(
      Type.String({
        maxLength: 200,
        description: "only in the answer to a guest's POST /v1/orders: opens this order",
      }),
    ),
  },
  { title: 'Order', examples: [anOrder] },
)
export type Order = Static<typeof Order>
