import { Currency, Money, Quantity, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from './cart.ts'

const aCartId = '0d5f7d5e-6b0c-4d0a-9a53-2f3f6a1f1c55'

export const CartId = Type.String({ minLength: 1, maxLength: 64, examples: [aCartId] })
export const CartParams = Type.Object({ id: CartId })
export const CartItemParams = Type.Object({ id: CartId, sku: SkuInput })

export const NewCart = Type.Object({ currency: Type.Optional(Currency) }, { examples: [{ currency: 'GBP' }] })
export const ItemQuantity = Type.Object({ quantity: Quantity }, { examples: [{ quantity: 2 }] })
export const CartItems = Type.Object(
  {
    items: Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), { maxItems: MAX_LINES }),
  },
  { examples: [{ items: [{ sku: 'MUG-1', quantity: 2 }] }] },
)

const gbp = (amount: number) => ({ amount, currency: 'GBP' })

export const someTotals = {
  subtotal: gbp(2598),
  discount: gbp(0),
  shipping: gbp(0),
  tax: gbp(0),
  total: gbp(2598),
}
export const TotalsShape = Type.Object(
  { subtotal: Money, discount: Money, shipping: Money, tax: Money, total: Money },
  { title: 'Totals', examples: [someTotals] },
)

const Notice = Type.Union([
  Type.Literal('priceChanged'),
  Type.Literal('unavailable'),
  Type.Literal('lowStock'),
])

/** Names as the catalogue gave them: a product's with its variant's. */
export const LineName = Type.String({ maxLength: 600, examples: ['Mug, blue'] })
export const Version = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  description: 'grows with every change; the ETag holds it',
})

/** A cart as it is shown. */
export const CartShape = Type.Object(
  {
    id: CartId,
    currency: Currency,
    status: Type.Union([Type.Literal('open'), Type.Literal('ordered')]),
    orderId: Type.Union([Uuid, Type.Null()], { description: 'the order that the cart became' }),
    version: Version,
    items: Type.Array(
      Type.Object({
        sku: Sku,
        name: LineName,
        quantity: Quantity,
        unitPrice: Money,
        total: Money,
        notices: Type.Array(Notice, { maxItems: 3, description: 'what changed since the line was added' }),
      }),
      { maxItems: MAX_LINES },
    ),
    coupons: Type.Array(Type.Object({ code: Type.String({ maxLength: 64 }) }), { maxItems: 100 }),
    totals: TotalsShape,
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
export type CartShape = Static<typeof CartShape>
