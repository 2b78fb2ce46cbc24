import { Currency, Money, Quantity, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import { MAX_LINES } from '../pricing/totals.ts'
import { CouponReason } from '../problems.ts'
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

export const CouponCode = Type.String({
  minLength: 1,
  maxLength: 100,
  description: 'as the customer typed it: letters count alike whether large or small',
  examples: ['SUMMER26'],
})
const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  maxLength: 2,
  description: 'ISO 3166-1 alpha-2',
  examples: ['GB'],
})
const PostalCode = Type.String({ minLength: 1, maxLength: 20, pattern: '\\S', examples: ['LS1 1AA'] })
const MethodId = Type.String({ minLength: 1, maxLength: 40, examples: ['standard'] })
export const CartShippingChoice = Type.Object(
  { country: Country, postalCode: Type.Optional(PostalCode), method: Type.Optional(MethodId) },
  { title: 'CartShippingChoice', examples: [{ country: 'GB', postalCode: 'LS1 1AA', method: 'standard' }] },
)

const Notice = Type.Enum(['priceChanged', 'unavailable', 'lowStock'], { title: 'CartNotice' })

const CartItem = Type.Object(
  {
    sku: Sku,
    name: LineName,
    quantity: Quantity,
    unitPrice: Money,
    previousUnitPrice: Type.Optional({
      ...Money,
      description: 'with `priceChanged`: what the last change of the cart showed',
    }),
    discount: Money,
    tax: { ...Money, description: 'once the country is known' },
    taxIncluded: { ...Money, description: 'the part of the tax that the price contains' },
    total: { ...Money, description: 'with discount and tax; nothing for what cannot be bought' },
    notices: Type.Array(Notice, {
      maxItems: 3,
      description: 'what changed since the last change of the cart, and what cannot be had, or not for long',
    }),
  },
  { title: 'CartItem' },
)

const Days = orNull(Type.Integer({ minimum: 0, maximum: 1_000 }))

const CartShipping = Type.Object(
  {
    country: Country,
    postalCode: orNull(Type.String({ maxLength: 20 })),
    method: orNull(MethodId),
    price: orNull(Money, { description: 'of the method for these lines, before promotions' }),
    discount: { ...Money, description: 'what promotions take off it' },
    minDays: Days,
    maxDays: Days,
    refusal: orNull(
      Type.Enum(['country-not-served', 'unknown-method', 'no-price'], { title: 'ShippingRefusal' }),
      { description: 'why the method cannot be had any more' },
    ),
  },
  { title: 'CartShipping' },
)

const Discount = Type.Object(
  {
    promotionId: Uuid,
    name: Type.String({ maxLength: 200 }),
    code: Type.Optional(CouponCode),
    amount: { ...Money, description: 'taken off lines and shipping' },
  },
  { title: 'CartDiscount' },
)

const NotApplied = Type.Object(
  { code: CouponCode, reason: CouponReason, message: Type.String({ maxLength: 200 }) },
  { title: 'CouponNotApplied' },
)

export const Cart = Type.Object(
  {
    id: CartId,
    currency: Currency,
    status: Type.Enum(['open', 'ordered'], { title: 'CartStatus' }),
    orderId: orNull(Uuid, { description: 'the order that the cart became' }),
    version: Version,
    items: Type.Array(CartItem, { maxItems: MAX_LINES }),
    coupons: Type.Array(Type.Object({ code: CouponCode }), { maxItems: 20 }),
    shipping: orNull(CartShipping, { description: 'null until a country was chosen' }),
    discounts: Type.Array(Discount, { maxItems: 250, description: 'in the order of application' }),
    notApplied: Type.Array(NotApplied, {
      maxItems: 20,
      description: 'the codes that take nothing off, and why',
    }),
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
            discount: gbp(0),
            tax: gbp(0),
            taxIncluded: gbp(0),
            total: gbp(2598),
            notices: [],
          },
        ],
        coupons: [],
        shipping: null,
        discounts: [],
        notApplied: [],
        totals: someTotals,
        createdAt: '2026-01-31T09:28:00.000Z',
        updatedAt: '2026-01-31T09:29:00.000Z',
      },
    ],
  },
)
export type Cart = Static<typeof Cart>
