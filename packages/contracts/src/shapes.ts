import { Type, type Static } from 'typebox'

/** The largest amount of money and the largest count that the system takes; sums of 1,000 lines stay exact. */
export const MAX_AMOUNT = 1_000_000_000_000
export const MAX_QUANTITY = 1_000_000

/** ISO 4217 code. */
export const Currency = Type.String({
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217 code',
  examples: ['GBP'],
})

/** Integer minor units (pence, cents) and their currency; never a float. */
export const Money = Type.Object(
  {
    amount: Type.Integer({ minimum: -MAX_AMOUNT, maximum: MAX_AMOUNT, description: 'minor units' }),
    currency: Currency,
  },
  { additionalProperties: false, examples: [{ amount: 1299, currency: 'GBP' }] },
)
export type Money = Static<typeof Money>

/** A price: money that is not negative. */
export const Price = Type.Object(
  {
    amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'minor units' }),
    currency: Currency,
  },
  { additionalProperties: false, examples: [{ amount: 1299, currency: 'GBP' }] },
)

const SKU = /^[A-Z0-9](?:[A-Z0-9._/-]{0,62}[A-Z0-9])?$/

/** A normalised SKU: upper case letters, digits and `. _ / -` inside, 1–64 characters. */
export const Sku = Type.String({ pattern: SKU.source, maxLength: 64, examples: ['MUG-1'] })

/** A SKU as a client may write it; `normaliseSku` makes the stored form. */
export const SkuInput = Type.String({
  pattern: '^\\s*[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,62}[A-Za-z0-9])?\\s*$',
  maxLength: 80,
  examples: ['MUG-1'],
})

/** Trimmed and upper case; null where the result is not a SKU. "abc" and "ABC " are the same article. */
export const normaliseSku = (input: string): string | null => {
  const sku = input.trim().toUpperCase()
  return SKU.test(sku) ? sku : null
}

export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  maxLength: 36,
})

/** ISO 8601, UTC. */
export const Timestamp = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z$',
  description: 'ISO 8601, UTC',
  examples: ['2026-01-31T09:30:00.000Z'],
})

/** How many of one SKU: a whole number from 1. */
export const Quantity = Type.Integer({ minimum: 1, maximum: MAX_QUANTITY })

export const SkuQuantity = Type.Object({ sku: Sku, quantity: Quantity })
export type SkuQuantity = Static<typeof SkuQuantity>

export const StockStatus = Type.Union([
  Type.Literal('in_stock'),
  Type.Literal('low_stock'),
  Type.Literal('out_of_stock'),
])
export type StockStatus = Static<typeof StockStatus>

/** A service's receipt for an erasure: what it held about the person is gone. */
export const ErasureReceipt = Type.Object({
  erasureId: Uuid,
  userId: Uuid,
  records: Type.Integer({ minimum: 0, description: 'how many records the person was taken out of' }),
  erasedAt: Timestamp,
})
