import { Line, SkuInput } from '@storewright/contracts'
import { Type } from 'typebox'
import type { AttributeValue as Value } from './attributes.ts'
import { MAX_METADATA_BYTES, MAX_METADATA_DEPTH, type Metadata as MetadataType } from './metadata.ts'

export const MAX_ATTRIBUTES = 50
export const MAX_VARIANTS = 100
const MAX_OPTIONS = 10
/** So that every number is stored and read exactly. */
const MAX_NUMBER = 1e15

/** Letters and digits of any script inside; blanks around it are taken off. Needs the flag `u`. */
export const ATTRIBUTE_NAME =
  "^\\s{0,20}[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N}\\s_.\\-/'’()&%+\\u200c\\u200d]{0,62}\\s{0,20}$"

const AttributeText = Type.String({ maxLength: 255 })
export const AttributeValue = Type.Unsafe<Value>(
  Type.Union(
    [
      AttributeText,
      Type.Number({ minimum: -MAX_NUMBER, maximum: MAX_NUMBER }),
      Type.Boolean(),
      Type.Array(Type.String({ minLength: 1, maxLength: 255 }), { maxItems: 50, uniqueItems: true }),
    ],
    {
      title: 'AttributeValue',
      description: 'text, number, yes or no, or a list of choices; categories may define which',
      examples: ['blue'],
    },
  ),
)

export const Attributes = Type.Record(Type.String({ pattern: ATTRIBUTE_NAME }), AttributeValue, {
  additionalProperties: false,
  maxProperties: MAX_ATTRIBUTES,
  description:
    'names in letters of any script; names that differ in case, accents or blanks alone are one name, and refused twice',
  examples: [{ material: 'stoneware', 'volume in ml': 300, dishwasher: true }],
})

const OptionName = Type.String({ maxLength: 103, pattern: ATTRIBUTE_NAME, examples: ['Colour'] })
const OptionValue = Line(100, { examples: ['blue'] })

const Option = Type.Object(
  {
    name: OptionName,
    values: Type.Array(OptionValue, { minItems: 1, maxItems: MAX_VARIANTS, description: 'in their order' }),
  },
  { title: 'ProductOption', additionalProperties: false },
)
export const Options = Type.Array(Option, {
  maxItems: MAX_OPTIONS,
  description: 'what a customer chooses a variant by, in their order; each variant names a value of each',
  examples: [[{ name: 'Colour', values: ['blue', 'green'] }]],
})

export const VariantOptions = Type.Record(Type.String({ pattern: ATTRIBUTE_NAME }), OptionValue, {
  additionalProperties: false,
  maxProperties: MAX_OPTIONS,
  description: 'a value for each option of the product; no two variants have the same ones',
  examples: [{ Colour: 'blue' }],
})

/** Of one unit, packed: what shipping rates by weight go by. */
export const MAX_WEIGHT = 10_000_000
export const Weight = Type.Integer({
  minimum: 0,
  maximum: MAX_WEIGHT,
  description: 'grams, packed',
  examples: [350],
})

export const VariantOptionsPatch = Type.Object(
  { sku: SkuInput, options: VariantOptions },
  { title: 'VariantOptionsPatch', additionalProperties: false },
)

const seo = {
  title: Type.Optional(Type.String({ maxLength: 200, examples: ['Blue stoneware mug, 300 ml'] })),
  description: Type.Optional(
    Type.String({ maxLength: 500, examples: ['A mug that keeps tea warm, made by hand.'] }),
  ),
}
export const Seo = Type.Object(seo, {
  title: 'Seo',
  additionalProperties: false,
  description: 'what search engines are shown in place of the name and the description',
})
export type Seo = { title?: string | undefined; description?: string | undefined }

export const Metadata = Type.Unsafe<MetadataType>(
  Type.Object(
    {},
    {
      additionalProperties: true,
      maxProperties: 500,
      description:
        `whatever integrators want to keep with a product: ${MAX_METADATA_BYTES / 1024} KiB of JSON, ` +
        `${MAX_METADATA_DEPTH} levels deep; everybody who reads the product sees it`,
      examples: [{ erpId: 4711 }],
    },
  ),
)

/** Only what a browser fetches as a picture: no `javascript:`, no `data:`. */
const MediaUrl = Type.String({
  maxLength: 2_048,
  pattern: '^https?://[^\\s<>"]+$',
  examples: ['https://images.example.com/mug.jpg'],
})

const Medium = Type.Object(
  { url: MediaUrl, alt: Type.Optional(Type.String({ maxLength: 200, examples: ['A blue mug'] })) },
  { additionalProperties: false, title: 'NewMedia' },
)
export const Media = Type.Array(Medium, { maxItems: 20, description: 'shown in this order' })
