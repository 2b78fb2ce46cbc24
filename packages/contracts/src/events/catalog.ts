import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { Money, Sku, Timestamp, Uuid } from '../shapes.ts'

const ProductStatus = Type.Union([
  Type.Literal('draft'),
  Type.Literal('published'),
  Type.Literal('archived'),
  Type.Literal('deleted'),
])

/** A product's whole state after a change. Copies keep the highest aggregate version and ignore the rest. */
export const ProductChanged = defineEvent(
  'catalog.product-changed.v1',
  Type.Object({
    productId: Uuid,
    slug: Type.String(),
    name: Type.String(),
    status: ProductStatus,
    categoryIds: Type.Array(Uuid),
    variants: Type.Array(Type.Object({ sku: Sku, name: Type.String(), price: Money })),
  }),
  {
    subject: (data) => data.productId,
  },
)
export type ProductChanged = Static<typeof ProductChanged.data>

/** A variant's price changed. ProductChanged with the whole new state is emitted beside it. */
export const PriceChanged = defineEvent(
  'catalog.price-changed.v1',
  Type.Object({
    productId: Uuid,
    sku: Sku,
    price: Money,
    previousPrice: Type.Union([Money, Type.Null()]),
    effectiveAt: Timestamp,
    reason: Type.Union([Type.String(), Type.Null()]),
  }),
  {
    subject: (data) => data.productId,
    consumerOptional: true,
  },
)
export type PriceChanged = Static<typeof PriceChanged.data>

/** A category's whole state after a change. */
export const CategoryChanged = defineEvent(
  'catalog.category-changed.v1',
  Type.Object({
    categoryId: Uuid,
    parentId: Type.Union([Uuid, Type.Null()]),
    slug: Type.String(),
    name: Type.String(),
    deleted: Type.Boolean(),
  }),
  {
    subject: (data) => data.categoryId,
    consumerOptional: true,
  },
)
export type CategoryChanged = Static<typeof CategoryChanged.data>
