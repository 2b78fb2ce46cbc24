import { Type, type Static } from 'typebox'
import { about, defineEvent, unconsumed } from '../event.ts'
import { Quantity, Sku, Uuid } from '../shapes.ts'
import { Money, oneOf, orNull, Timestamp } from './shapes.ts'

/** A product's whole state after a change. Copies keep the highest aggregate version and ignore the rest. */
export const ProductChanged = defineEvent('catalog.product-changed.v1', about('productId'), {
  productId: Uuid,
  slug: Type.String(),
  name: Type.String(),
  status: oneOf('draft', 'published', 'archived', 'deleted'),
  categoryIds: Type.Array(Uuid),
  variants: Type.Array(
    Type.Object({
      sku: Sku,
      name: Type.String(),
      price: {
        ...Money,
        description: "in the shop's currency, or where it has none in it the first of `prices`",
      },
      prices: Type.Optional(
        Type.Array(Money, { description: 'in every currency; absent: `price` is the only one' }),
      ),
      weightGrams: Type.Optional(
        Type.Integer({ minimum: 0, description: 'of one unit, packed; absent: not known' }),
      ),
    }),
  ),
})
export type ProductChanged = Static<typeof ProductChanged.data>

/** A variant's price in one currency changed. ProductChanged with the whole new state is emitted beside it. */
export const PriceChanged = defineEvent('catalog.price-changed.v1', unconsumed('productId'), {
  productId: Uuid,
  sku: Sku,
  price: Money,
  previousPrice: orNull(Money),
  effectiveAt: Timestamp,
  reason: orNull(Type.String()),
})
export type PriceChanged = Static<typeof PriceChanged.data>

/** A category's whole state after a change. Copies keep the highest aggregate version and ignore the rest. */
export const CategoryChanged = defineEvent('catalog.category-changed.v1', about('categoryId'), {
  categoryId: Uuid,
  parentId: orNull(Uuid),
  slug: Type.String(),
  name: Type.String(),
  deleted: Type.Boolean(),
})
export type CategoryChanged = Static<typeof CategoryChanged.data>

const basisPoints = { minimum: 1, maximum: 10_000, description: 'hundredths of a per cent: 1250 is 12.5 %' }
const Count = Type.Integer({ minimum: 1 })

/** A promotion's whole state after a change. Copies keep the highest aggregate version and ignore the rest. */
export const PromotionChanged = defineEvent('catalog.promotion-changed.v1', about('promotionId'), {
  promotionId: Uuid,
  name: Type.String(),
  kind: oneOf('percentage', 'amount', 'free_shipping', 'buy_x_get_y'),
  basisPoints: orNull(Type.Integer(basisPoints), { description: 'of a percentage' }),
  amounts: Type.Array(Money, { description: 'of an amount, one per currency' }),
  per: oneOf('unit', 'order'),
  buy: orNull(Type.Object({ quantity: Quantity, skus: Type.Array(Sku) })),
  get: orNull(Type.Object({ quantity: Quantity, basisPoints: Type.Integer(basisPoints) })),
  productIds: Type.Array(Uuid, { description: 'with categoryIds empty too: the whole order' }),
  categoryIds: Type.Array(Uuid, { description: 'what is below them included' }),
  code: orNull(Type.String(), { description: 'NFKC, upper case' }),
  enabled: Type.Boolean(),
  startsAt: orNull(Timestamp),
  endsAt: orNull(Timestamp),
  minimums: Type.Array(Money, { description: 'one per currency' }),
  minimumQuantity: orNull(Count),
  limits: Type.Object({ total: orNull(Count), perCustomer: orNull(Count) }),
  priority: Type.Integer({ description: 'the lower one is applied first' }),
  exclusive: Type.Boolean(),
  deleted: Type.Boolean(),
})
export type PromotionChanged = Static<typeof PromotionChanged.data>
