import { Type, type Static, type TSchema, type TString } from 'typebox'

/** The largest amount of money and the largest count that the system takes; sums of 1,000 lines stay exact. */
export const MAX_AMOUNT = 1_000_000_000_000
export const MAX_QUANTITY = 1_000_000

/** The promises of events must not change, those of the HTTP API became stricter: `exact` is what events leave out. */
export const currency = (exact: { maxLength?: number } = {}) =>
  Type.String({ pattern: '^[A-Z]{3}$', ...exact, description: 'ISO 4217 code', examples: ['GBP'] })

/** Integer minor units (pence, cents) and their currency; never a float. */
export const moneyFrom = (minimum: number, code: TString, exact: { title?: string } = {}) =>
  Type.Object(
    {
      amount: Type.Integer({ minimum, maximum: MAX_AMOUNT, description: 'minor units' }),
      currency: code,
    },
    { additionalProperties: false, ...exact, examples: [{ amount: 1299, currency: 'GBP' }] },
  )

export const timestamp = ({ format, maxLength }: { format?: string; maxLength?: number } = {}) =>
  Type.String({
    ...(format && { format }),
    pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z$',
    ...(maxLength && { maxLength }),
    description: 'ISO 8601, UTC',
    examples: ['2026-01-31T09:30:00.000Z'],
  })

export const Currency = currency({ maxLength: 3 })
export const Money = moneyFrom(-MAX_AMOUNT, Currency, { title: 'Money' })
export type Money = Static<typeof Money>
export const Price = moneyFrom(0, Currency, { title: 'Price' })
export const Timestamp = timestamp({ format: 'date-time', maxLength: 27 })

/** A normalised SKU: upper case letters, digits and `. _ / -` inside, 1–64 characters. */
export const Sku = Type.String({
  pattern: '^[A-Z0-9](?:[A-Z0-9._/-]{0,62}[A-Z0-9])?$',
  maxLength: 64,
  examples: ['MUG-1'],
})

// No `/./` and no `/../`: servers and browsers resolve them, so that no path would reach the SKU.
const SKU_INPUT = /^\s*(?!.*\/\.{1,2}\/)[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?\s*$/u

/** A SKU as a client may write it; `normaliseSku` makes the stored form. */
export const SkuInput = Type.String({ pattern: SKU_INPUT.source, maxLength: 80, examples: ['MUG-1'] })

/** The one way from what a client wrote to a SKU: checked as it was sent, then trimmed and in upper case. Null where
 * it is none: the upper case of "ß" would be another article's. */
export const normaliseSku = (input: string): string | null =>
  SKU_INPUT.test(input) ? input.trim().toUpperCase() : null

/** How many SKUs one service may look up at another in one call. */
export const MAX_LOOKUP = 1_000
/** The body of a look-up by SKU between services: anything that is no SKU costs itself and not the others. */
export const SkuLookup = Type.Object({ skus: Type.Array(Type.String(), { maxItems: MAX_LOOKUP }) })
/** The distinct stored forms of what was looked up, without what cannot be a SKU. */
export const skusOf = ({ skus }: Static<typeof SkuLookup>): string[] => [
  ...new Set(skus.flatMap((sku) => normaliseSku(sku) ?? [])),
]

export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  maxLength: 36,
})

/** A text that people see: one line, without control, direction and invisible characters (`isOneLine`). */
export const Line = (
  maxLength: number,
  options: { minLength?: number; description?: string; examples?: string[] } = {},
) => Type.String({ minLength: 1, maxLength, format: 'line', ...options })

export const Quantity = Type.Integer({ minimum: 1, maximum: MAX_QUANTITY })

export const SkuQuantity = Type.Object({ sku: Sku, quantity: Quantity })
export type SkuQuantity = Static<typeof SkuQuantity>

export const StockStatus = Type.Union([
  Type.Literal('in_stock'),
  Type.Literal('low_stock'),
  Type.Literal('out_of_stock'),
])
export type StockStatus = Static<typeof StockStatus>

/** Room for the longest sort key: 254 characters of four bytes, an id and the list's name, in base64. */
export const MAX_CURSOR = 2_000

export const NextCursor = Type.Union(
  [Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: MAX_CURSOR }), Type.Null()],
  { description: 'for `cursor`; null on the last page' },
)

/** One page of a list; `nextCursor` is null on the last. Its example is made of the item's. */
export const Page = <Item extends TSchema>(item: Item, { maxItems = 100 }: { maxItems?: number } = {}) => {
  const examples: unknown = 'examples' in item ? item.examples : undefined
  const [example] = Array.isArray(examples) ? (examples as unknown[]) : []
  return Type.Object(
    { items: Type.Array(item, { maxItems }), nextCursor: NextCursor },
    example === undefined ? {} : { examples: [{ items: [example], nextCursor: null }] },
  )
}

export const UnpagedList = <Item extends TSchema>(item: Item, maxItems: number) => {
  const { items, nextCursor: _cursor } = Page(item, { maxItems }).properties
  const { examples } = Page(item) as { examples?: unknown[] }
  return Type.Object({ items, nextCursor: Type.Null() }, examples ? { examples } : {})
}
