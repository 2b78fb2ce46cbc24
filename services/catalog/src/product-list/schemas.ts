import { Currency, MAX_AMOUNT, Money, Page } from '@storewright/contracts'
import { PageQuery } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { ProductStatus, ProductSummary } from '../schemas.ts'
import { MAX_EXACT, sorts, type Sort } from './product-list.ts'

const Minor = Type.Integer({
  minimum: 0,
  maximum: MAX_AMOUNT,
  description: 'minor units of `currency`, or of the currency of the shop',
})

/** Each is an index that is looked into. */
export const MAX_ATTRIBUTE_FILTERS = 5

const AttributeFilter = Type.Array(Type.String({ maxLength: 255 }), {
  minItems: 1,
  maxItems: 20,
  description:
    'products that have the attribute NAME, or a variant or option with it, with this value. Put the name of an attribute for NAME. Repeated: one of the values; several attributes: all of them. Case and accents do not count. Of an attribute that is a number also a range, both ends included: `10..20`, `10..`, `..20`.',
  examples: [['blue']],
})

export const ListQuery = Type.Object(
  {
    ...PageQuery.properties,
    q: Type.Optional(
      Type.String({
        maxLength: 200,
        description:
          'what a customer types: each word is, or begins, a word of the names, SKUs, attributes or categories of the product, whatever its case and accents; where nothing is found, with a typing error',
        examples: ['red mug'],
      }),
    ),
    category: Type.Optional(
      Type.String({ maxLength: 120, description: 'id or slug; its descendants included' }),
    ),
    minPrice: Type.Optional(Minor),
    maxPrice: Type.Optional(Minor),
    currency: Type.Optional({
      ...Currency,
      description:
        'the currency of prices, price filters, order and facets; products without a price in it are left out. By default that of the shop',
    }),
    inStock: Type.Optional(
      Type.Boolean({ description: 'true: only what can be bought; false: only what cannot' }),
    ),
    'attr.NAME': Type.Optional(AttributeFilter),
    facets: Type.Optional(
      Type.Array(Type.String({ maxLength: 600 }), {
        maxItems: 10,
        description:
          'what to count among all matches, separated by commas: `category` (those directly below), `price` (lowest and highest), `inStock`, `attr.NAME`, `attributes` (the commonest, but those that categories define as not filterable)',
        examples: [['category,attr.colour']],
      }),
    ),
    total: Type.Optional(Type.Boolean({ description: 'true: also how many products match' })),
    sort: Type.Optional(
      Type.Unsafe<Sort>(
        Type.String({
          enum: [...sorts],
          description:
            'popular: most units sold; relevance: the default with `q`, without it the same as newest',
        }),
      ),
    ),
    status: Type.Union(ProductStatus.anyOf, {
      default: 'published',
      description: 'others than published need catalog:write',
    }),
  },
  { patternProperties: { '^attr\\..': AttributeFilter }, additionalProperties: false },
)

const FacetValue = Type.Object(
  {
    value: Type.String({ maxLength: 255, description: 'for the parameter', examples: ['blue'] }),
    label: Type.String({ maxLength: 255, description: 'for people', examples: ['blue'] }),
    count: Type.Integer({ minimum: 0, maximum: 1_000_000_000, examples: [12] }),
  },
  { title: 'FacetValue' },
)

const Facet = Type.Object(
  {
    name: Type.String({
      maxLength: 610,
      description: 'the parameter that filters by it; `price` stands for minPrice and maxPrice',
      examples: ['attr.colour'],
    }),
    values: Type.Array(FacetValue, {
      maxItems: 100,
      description: 'choices in the order of their definition, numbers by size, others the commonest first',
    }),
    min: Type.Optional({ ...Money, description: 'of `price`: the lowest of the matches' }),
    max: Type.Optional({ ...Money, description: 'of `price`: the highest of the matches' }),
    unit: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'of a number, where categories define one',
        examples: ['ml'],
      }),
    ),
  },
  {
    title: 'Facet',
    examples: [{ name: 'attr.colour', values: [{ value: 'blue', label: 'blue', count: 12 }] }],
  },
)

const { examples, properties } = Page(ProductSummary) as ReturnType<typeof Page<typeof ProductSummary>> & {
  examples?: object[]
}

export const ProductPage = Type.Object(
  {
    ...properties,
    total: Type.Optional(
      Type.Union([Type.Integer({ minimum: 0, maximum: 1_000_000_000 }), Type.Null()], {
        description: `with \`total=true\`; null where the category and each filter by itself (stock and price range together) have more than ${MAX_EXACT} products`,
      }),
    ),
    facets: Type.Optional(
      Type.Array(Facet, {
        maxItems: 60,
        description: 'with `facets`; each counts without its own filter, to show what else could be chosen',
      }),
    ),
    facetsComplete: Type.Optional(
      Type.Boolean({
        description: `false where facets are left out, because the category and each other filter by itself have more than ${MAX_EXACT} products, or where there are more values than are shown`,
      }),
    ),
  },
  { title: 'ProductPage', ...(examples && { examples }) },
)
