import { Money, Price, Sku, SkuInput, StockStatus, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { MAX_VARIANTS } from './product.ts'
import { SLUG_PATTERN } from './slug.ts'

const NOT_BLANK = '\\S'

export const Name = Type.String({ minLength: 1, maxLength: 200, pattern: NOT_BLANK })

const Slug = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: SLUG_PATTERN,
  description: 'lower-case words joined by hyphens; made from the name when absent',
})

export const ATTRIBUTE_NAME = '^[A-Za-z][A-Za-z0-9 _.-]{0,62}$'
export const MAX_ATTRIBUTES = 50

export const Attributes = Type.Record(
  Type.String({ pattern: ATTRIBUTE_NAME }),
  Type.String({ maxLength: 255 }),
  { additionalProperties: false, maxProperties: MAX_ATTRIBUTES, examples: [{ colour: 'blue' }] },
)

const Description = Type.String({ maxLength: 20_000 })

/** Only what a browser fetches as a picture: no `javascript:`, no `data:`. */
const MediaUrl = Type.String({ maxLength: 2_048, pattern: '^https?://[^\\s<>"]+$' })

const Medium = Type.Object(
  { url: MediaUrl, alt: Type.Optional(Type.String({ maxLength: 200 })) },
  { additionalProperties: false },
)
const Media = Type.Array(Medium, { maxItems: 20 })

const CategoryIds = Type.Array(Uuid, { maxItems: 20, uniqueItems: true })

export const VariantInput = Type.Object(
  {
    sku: SkuInput,
    name: Type.Optional(Name),
    price: Price,
    attributes: Type.Optional(Attributes),
  },
  { additionalProperties: false },
)

export const ProductInput = Type.Object({
  name: Name,
  slug: Type.Optional(Slug),
  description: Type.Optional(Description),
  categoryIds: Type.Optional(CategoryIds),
  attributes: Type.Optional(Attributes),
  media: Type.Optional(Media),
  variants: Type.Optional(Type.Array(VariantInput, { maxItems: MAX_VARIANTS })),
})

export const ProductPatch = Type.Object(
  {
    name: Type.Optional(Name),
    slug: Type.Optional(Slug),
    description: Type.Optional(Description),
    categoryIds: Type.Optional(CategoryIds),
    attributes: Type.Optional(Attributes),
    media: Type.Optional(Media),
  },
  { minProperties: 1 },
)

export const VariantPatch = Type.Object(
  { name: Type.Optional(Name), attributes: Type.Optional(Attributes) },
  { minProperties: 1 },
)

export const PriceChangeInput = Type.Object({
  price: Price,
  effectiveAt: Type.Optional(
    Type.String({
      format: 'date-time',
      maxLength: 40,
      description: 'a later instant plans the change for then',
    }),
  ),
  reason: Type.Optional(Type.String({ maxLength: 200 })),
})

const LOWEST =
  'lowest price of the 30 days before the present price began: the prior price of Directive 98/6/EC, article 6a'

export const VariantView = Type.Object({
  sku: Sku,
  name: Type.String(),
  attributes: Type.Record(Type.String(), Type.String()),
  price: Money,
  lowestPrice30Days: Type.Object(Money.properties, { description: LOWEST }),
  stockStatus: StockStatus,
})

const summary = {
  id: Uuid,
  slug: Type.String(),
  name: Type.String(),
  status: Type.Union([Type.Literal('draft'), Type.Literal('published'), Type.Literal('archived')]),
  version: Type.Integer(),
  categoryIds: Type.Array(Uuid),
  attributes: Type.Record(Type.String(), Type.String()),
  media: Type.Array(Type.Object({ url: Type.String(), alt: Type.String() })),
  price: Type.Union([Money, Type.Null()], { description: 'of the cheapest variant' }),
  stockStatus: StockStatus,
  variants: Type.Array(VariantView),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  publishedAt: Type.Union([Timestamp, Type.Null()]),
}

/** A product in a list: everything but its description. */
export const ProductSummary = Type.Object(summary)

export const ProductDetail = Type.Object({ ...summary, description: Type.String() })
