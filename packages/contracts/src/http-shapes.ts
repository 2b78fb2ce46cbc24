import { Type, type Static, type TSchema } from 'typebox'
import { MAX_AMOUNT } from './shapes.ts'

// The shapes of the HTTP API where it says more than events do: their promises must not change, documents may. These
// are the ones that the package exports under these names.

/** ISO 4217 code. */
export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  maxLength: 3,
  description: 'ISO 4217 code',
  examples: ['GBP'],
})

const amount = (minimum: number) => Type.Integer({ minimum, maximum: MAX_AMOUNT, description: 'minor units' })

/** Integer minor units (pence, cents) and their currency; never a float. */
export const Money = Type.Object(
  { amount: amount(-MAX_AMOUNT), currency: Currency },
  { additionalProperties: false, title: 'Money', examples: [{ amount: 1299, currency: 'GBP' }] },
)
export type Money = Static<typeof Money>

/** A price: money that is not negative. */
export const Price = Type.Object(
  { amount: amount(0), currency: Currency },
  { additionalProperties: false, title: 'Price', examples: [{ amount: 1299, currency: 'GBP' }] },
)

/** ISO 8601, UTC. */
export const Timestamp = Type.String({
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z$',
  maxLength: 27,
  description: 'ISO 8601, UTC',
  examples: ['2026-01-31T09:30:00.000Z'],
})

/** How a list tells where its next page begins. */
export const NextCursor = Type.Union(
  [Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 1_000 }), Type.Null()],
  {
    description: 'for `cursor`; null on the last page',
  },
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

/** A list that is always whole. */
export const UnpagedList = <Item extends TSchema>(item: Item, maxItems: number) => {
  const { items, nextCursor: _cursor } = Page(item, { maxItems }).properties
  const { examples } = Page(item) as { examples?: unknown[] }
  return Type.Object({ items, nextCursor: Type.Null() }, examples ? { examples } : {})
}
