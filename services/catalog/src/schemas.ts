import { Line, Money, Sku, SkuInput, StockStatus, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import {
  Attributes,
  AttributeValue,
  MAX_ATTRIBUTES,
  MAX_VARIANTS,
  Media,
  Metadata,
  Options,
  Seo,
  VariantOptions,
  VariantOptionsPatch,
  Weight,
} from './field-schemas.ts'
import { LOWEST, MAX_CURRENCIES, PricesInput, ShownMoney, VariantPrice } from './price-schemas.ts'
import { ProductPromotion } from './promotion-schema.ts'
import { SLUG_PATTERN } from './slug.ts'

export const JSON_TYPE = 'application/json; charset=utf-8'

/** Public; those with catalog:write, people or machines, see more. */
export const forAnyone = [{}, { bearer: [] }, { apiKey: [] }]

export const ProductParams = Type.Object({
  id: { ...Uuid, examples: ['01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'] },
})
export const SkuParams = Type.Object({ sku: SkuInput })

export const ProductStatus = Type.Union(
  [Type.Literal('draft'), Type.Literal('published'), Type.Literal('archived')],
  { title: 'ProductStatus' },
)

export const Name = Line(200, { examples: ['Mug'] })

const Slug = Type.String({
  minLength: 1,
  maxLength: 120,
  pattern: SLUG_PATTERN,
  description: 'lower-case words joined by hyphens; made from the name when absent',
  examples: ['mug'],
})

const MAX_DESCRIPTION = 20_000
const Description = Type.String({ maxLength: MAX_DESCRIPTION, examples: ['Holds 300 ml.'] })

const CategoryIds = Type.Array(Uuid, { maxItems: 20, uniqueItems: true })

const price = { amount: 1299, currency: 'GBP' }
const options = [{ name: 'Colour', values: ['blue', 'green'] }]
const blueMug = {
  sku: 'MUG-1',
  name: 'Mug, blue',
  price,
  attributes: { 'weight in g': 310 },
  options: { Colour: 'blue' },
  weightGrams: 350,
}

export const VariantInput = Type.Object(
  {
    sku: SkuInput,
    name: Type.Optional(Name),
    ...PricesInput,
    attributes: Type.Optional(Attributes),
    options: Type.Optional(VariantOptions),
    weightGrams: Type.Optional(Weight),
  },
  { additionalProperties: false, title: 'NewVariant', examples: [blueMug] },
)

export const ProductInput = Type.Object(
  {
    name: Name,
    slug: Type.Optional(Slug),
    description: Type.Optional(Description),
    categoryIds: Type.Optional(CategoryIds),
    attributes: Type.Optional(Attributes),
    options: Type.Optional(Options),
    media: Type.Optional(Media),
    seo: Type.Optional(Seo),
    metadata: Type.Optional(Metadata),
    variants: Type.Optional(Type.Array(VariantInput, { maxItems: MAX_VARIANTS })),
  },
  {
    title: 'NewProduct',
    examples: [
      {
        name: 'Mug',
        description: 'Holds 300 ml.',
        attributes: { material: 'stoneware' },
        options,
        variants: [blueMug],
      },
    ],
  },
)

export const ProductPatch = Type.Object(
  {
    name: Type.Optional({
      ...Name,
      description: 'variants that are named as the product are renamed with it',
    }),
    slug: Type.Optional(Slug),
    description: Type.Optional(Description),
    categoryIds: Type.Optional(CategoryIds),
    attributes: Type.Optional(Attributes),
    options: Type.Optional(Options),
    media: Type.Optional(Media),
    seo: Type.Optional(Seo),
    metadata: Type.Optional(Metadata),
    variants: Type.Optional(
      Type.Array(VariantOptionsPatch, {
        minItems: 1,
        maxItems: MAX_VARIANTS,
        description:
          'values for changed options; a variant that is not named gets the first value of a new one',
      }),
    ),
  },
  { title: 'ProductPatch', minProperties: 1, examples: [{ description: 'Holds 330 ml.' }] },
)

export const VariantPatch = Type.Object(
  {
    name: Type.Optional(Name),
    prices: PricesInput.prices,
    attributes: Type.Optional(Attributes),
    options: Type.Optional(VariantOptions),
    weightGrams: Type.Optional(Type.Union([Weight, Type.Null()])),
  },
  { title: 'VariantPatch', minProperties: 1, examples: [{ name: 'Mug, sky blue' }] },
)

// Responses: what an import or an older version wrote may not fit the rules of today's requests.
const ShownAttributes = Type.Record(Type.String(), AttributeValue, {
  maxProperties: MAX_ATTRIBUTES,
  examples: [{ material: 'stoneware' }],
})
const ShownName = Type.String({ maxLength: 200, examples: ['Mug'] })
export const ShownSlug = Type.String({ maxLength: 120, pattern: SLUG_PATTERN, examples: ['mug'] })
export const Version = Type.Integer({
  minimum: 1,
  maximum: 2_147_483_647,
  description: 'grows with every change; the ETag holds it',
})

const shownVariant = {
  ...blueMug,
  compareAtPrice: null,
  lowestPrice30Days: { amount: 1199, currency: 'GBP' },
  prices: [{ ...price, compareAtPrice: null, lowestPrice30Days: { amount: 1199, currency: 'GBP' } }],
  stockStatus: 'in_stock',
}

const Variant = Type.Object(
  {
    sku: Sku,
    name: ShownName,
    attributes: ShownAttributes,
    options: VariantOptions,
    price: { ...ShownMoney, description: 'null where it has none in this currency' },
    compareAtPrice: ShownMoney,
    lowestPrice30Days: { ...ShownMoney, description: LOWEST },
    prices: Type.Array(VariantPrice, { maxItems: MAX_CURRENCIES, description: 'one for each currency' }),
    promotion: Type.Optional(ProductPromotion),
    weightGrams: Type.Optional(Weight),
    stockStatus: StockStatus,
  },
  { title: 'Variant', examples: [shownVariant] },
)

export const ProductVariant = Type.Object(
  { productId: Uuid, ...Variant.properties },
  {
    title: 'ProductVariant',
    examples: [{ productId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69', ...shownVariant }],
  },
)

const summary = {
  id: Uuid,
  slug: ShownSlug,
  name: ShownName,
  status: ProductStatus,
  version: Version,
  categoryIds: Type.Array(Uuid, { maxItems: 20 }),
  attributes: ShownAttributes,
  options: Options,
  media: Type.Array(
    Type.Object(
      {
        url: Type.String({ format: 'uri', maxLength: 2_048 }),
        alt: Type.String({ maxLength: 200, examples: ['A blue mug'] }),
      },
      { title: 'Media' },
    ),
    { maxItems: 20, description: 'in the order in which they are shown' },
  ),
  price: { ...ShownMoney, description: 'of the cheapest variant; null where none has one in this currency' },
  compareAtPrice: { ...ShownMoney, description: 'of the cheapest variant' },
  prices: Type.Array(Money, {
    maxItems: MAX_CURRENCIES,
    description: 'of the cheapest variant in each currency',
  }),
  promotion: Type.Optional(ProductPromotion),
  stockStatus: StockStatus,
  variants: Type.Array(Variant, { maxItems: MAX_VARIANTS }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  publishedAt: Type.Union([Timestamp, Type.Null()]),
}

const mug = {
  id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  slug: 'mug',
  name: 'Mug',
  status: 'published',
  version: 3,
  categoryIds: ['01990a3b-11d2-7b60-8b2a-5f0f0d3c9e21'],
  attributes: { material: 'stoneware' },
  options,
  media: [{ url: 'https://images.example.com/mug.jpg', alt: 'A blue mug' }],
  price,
  compareAtPrice: null,
  prices: [price],
  stockStatus: 'in_stock',
  variants: [shownVariant],
  createdAt: '2026-01-30T16:02:11.000Z',
  updatedAt: '2026-01-31T09:30:00.000Z',
  publishedAt: '2026-01-31T09:30:00.000Z',
}

/** A product in a list: everything but its description, SEO fields and metadata. */
export const ProductSummary = Type.Object(summary, { title: 'ProductSummary', examples: [mug] })

export const Product = Type.Object(
  {
    ...summary,
    description: Type.String({ maxLength: MAX_DESCRIPTION, examples: ['Holds 300 ml.'] }),
    seo: Seo,
    metadata: Metadata,
  },
  {
    title: 'Product',
    examples: [{ ...mug, description: 'Holds 300 ml.', seo: {}, metadata: { erpId: 4711 } }],
  },
)
