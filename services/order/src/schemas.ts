import { Money } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { ORDER_STATUSES, PAYMENT_STATUSES } from './orders/order.ts'

export const OrderStatusSchema = Type.Enum([...ORDER_STATUSES], { title: 'OrderStatus' })
export const PaymentStatusSchema = Type.Enum([...PAYMENT_STATUSES], { title: 'PaymentStatus' })

export const aCartId = '0d5f7d5e-6b0c-4d0a-9a53-2f3f6a1f1c55'
export const CartId = Type.String({ minLength: 1, maxLength: 64, examples: [aCartId] })

/** Names as the catalog service sent them: a product's with its variant's. */
export const LineName = Type.String({ maxLength: 600, examples: ['Mug, blue'] })

export const Version = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  description: 'grows with every change; the ETag holds it',
})

export const gbp = (amount: number) => ({ amount, currency: 'GBP' })

export const someTotals = {
  subtotal: gbp(2598),
  discount: gbp(0),
  shipping: gbp(0),
  tax: gbp(433),
  taxIncluded: gbp(433),
  total: gbp(2598),
}
export const TotalsSchema = Type.Object(
  {
    subtotal: Money,
    discount: { ...Money, description: 'of the lines' },
    shipping: { ...Money, description: 'what promotions leave of it' },
    tax: { ...Money, description: 'of lines and shipping' },
    taxIncluded: {
      ...Money,
      description:
        'the part of `tax` that prices contain: total = subtotal − discount + shipping + tax − taxIncluded',
    },
    total: Money,
  },
  { title: 'Totals', examples: [someTotals] },
)

export const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(
  type: T,
  options: { description?: string } = {},
) => Type.Union([type, Type.Null()], options)

const text = (maxLength: number, ...examples: string[]) =>
  Type.String({ minLength: 1, maxLength, pattern: '\\S', ...(examples.length > 0 ? { examples } : {}) })

export const anAddress = {
  name: 'Ada Shopper',
  line1: '1 High Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}

/** Where goods or bills go. */
export const Address = Type.Object(
  {
    name: text(200, 'Ada Shopper'),
    company: Type.Optional(text(200)),
    line1: text(200, '1 High Street'),
    line2: Type.Optional(text(200)),
    city: text(100, 'Leeds'),
    region: Type.Optional(text(100)),
    postalCode: Type.String({ maxLength: 20, examples: ['LS1 1AA'] }),
    country: Type.String({
      pattern: '^[A-Z]{2}$',
      maxLength: 2,
      description: 'ISO 3166-1 alpha-2',
      examples: ['GB'],
    }),
    phone: Type.Optional(text(40)),
  },
  { title: 'PostalAddress', examples: [anAddress] },
)
export type Address = Static<typeof Address>
