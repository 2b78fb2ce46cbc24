import { Currency, Money, Quantity, Sku, SkuInput, Timestamp } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from './cart.ts'

export const CartParams = Type.Object({ id: Type.String({ maxLength: 64 }) })
export const CartItemParams = Type.Object({ id: Type.String({ maxLength: 64 }), sku: SkuInput })

export const NewCart = Type.Object({ currency: Type.Optional(Currency) })
export const ItemQuantity = Type.Object({ quantity: Quantity })
export const CartItems = Type.Object({
  items: Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), { maxItems: MAX_LINES }),
})

export const TotalsShape = Type.Object({
  subtotal: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  total: Money,
})

const Notice = Type.Union([
  Type.Literal('priceChanged'),
  Type.Literal('unavailable'),
  Type.Literal('lowStock'),
])

/** A cart as it is shown. */
export const CartShape = Type.Object({
  id: Type.String(),
  currency: Currency,
  status: Type.Union([Type.Literal('open'), Type.Literal('ordered')]),
  orderId: Type.Union([Type.String(), Type.Null()], { description: 'the order that the cart became' }),
  version: Type.Integer(),
  items: Type.Array(
    Type.Object({
      sku: Sku,
      name: Type.String(),
      quantity: Type.Integer(),
      unitPrice: Money,
      total: Money,
      notices: Type.Array(Notice, { description: 'what changed since the line was added' }),
    }),
  ),
  coupons: Type.Array(Type.Object({ code: Type.String() })),
  totals: TotalsShape,
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type CartShape = Static<typeof CartShape>
