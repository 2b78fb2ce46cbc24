import { Money } from '@storewright/contracts'
import { AddressParts } from '@storewright/people/address'
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

export const anAddress = {
  name: 'Ada Shopper',
  line1: '1 High Street',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
}

const { name, company, line1, line2, city, region, postalCode, country, phone } = AddressParts
const optional = {
  company: Type.Optional(company),
  line2: Type.Optional(line2),
  region: Type.Optional(region),
  phone: Type.Optional(phone),
}

/** Where goods or bills are to go; `parseAddress` checks it by the rules of its country. */
export const NewAddress = Type.Object(
  { name, line1, country, city: Type.Optional(city), postalCode: Type.Optional(postalCode), ...optional },
  { title: 'NewPostalAddress', examples: [anAddress] },
)

/** Where goods or bills go; of a country that needs no city or postal code these may be empty. */
export const Address = Type.Object(
  { name, line1, city, postalCode, country, ...optional },
  { title: 'PostalAddress', examples: [anAddress] },
)
export type Address = Static<typeof Address>
