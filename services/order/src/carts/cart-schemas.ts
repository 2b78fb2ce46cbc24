import { Currency, Money, Quantity, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from '../pricing/totals.ts'
import { aCartId, CartId, gbp, LineName, orNull, someTotals, TotalsSchema, Version } from '../schemas.ts'

export const CartParams = Type.Object({ id: { ...Uuid, examples: [aCartId] } })
export const CartItemParams = Type.Object({ ...CartParams.properties, sku: SkuInput })

export const NewCart = Type.Object(
  { currency: Type.Optional(Currency) },
  { title: 'NewCart', examples: [{ currency: 'GBP' }] },
)
export const ItemQuantity = Type.Object(
  { quantity: Quantity },
  { title: 'CartItemQuantity', examples: [{ quantity: 2 }] },
)
export const CartItems = Type.Object(
  {
    items: Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), { maxItems: MAX_LINES }),
  },
  { title: 'CartItems', examples: [{ items: [{ sku: 'MUG-1', quantity: 2 }] }] },
)

const Notice = Type.Enum(['priceChanged', 'unavailable', 'lowStock'], { title: 'CartNotice' })

const CartItem = Type.Object(
  {
    sku: Sku,
    name: LineName,
    quantity: Quantity,
    unitPrice: Money,
    total: Money,
    notices: Type.Array(Notice, { maxItems: 3, description: 'what changed since the line was added' }),
  },
  { title: 'CartItem' },
)

/** A cart as it is shown. */
export const Cart = Type.Object(
  {
    id: CartId,
    currency: Currency,
    status: Type.Enum(['open', 'ordered'], { title: 'CartStatus' }),
    orderId: orNull(Uuid, { description: 'the order that the cart became' }),
    version: Version,
    items: Type.Array(CartItem, { maxItems: MAX_LINES }),
    coupons: Type.Array(Type.Object({ code: Type.String({ maxLength: 64 }) }), { maxItems: 100 }),
    totals: TotalsSchema,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'Cart',
    examples: [
      {
        id: aCartId,
        currency: 'GBP',
        status: 'open',
        orderId: null,
        version: 2,
        items: [
          {
            sku: 'MUG-1',
            name: 'Mug, blue',
            quantity: 2,
            unitPrice: gbp(1299),
            total: gbp(2598),
            notices: [],
          },
        ],
        coupons: [],
        totals: someTotals,
        createdAt: '2026-01-31T09:28:00.000Z',
        updatedAt: '2026-01-31T09:29:00.000Z',
      },
    ],
  },
)
export type Cart = Static<typeof Cart>
