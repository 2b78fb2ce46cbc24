import fc from 'fast-check'
import type { Line, Promotion } from '../src/promotion.ts'

export const NOW = new Date('2026-06-30T12:00:00Z')
export const gbp = (amount: number) => ({ amount, currency: 'GBP' })
export const inHours = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000).toISOString()

let counter = 0

/** Ten per cent off the order, for everybody. */
export const aPromotion = (change: Partial<Promotion> = {}): Promotion => ({
  promotionId: `promotion-${String((counter += 1)).padStart(6, '0')}`,
  name: 'Sale',
  kind: 'percentage',
  basisPoints: change.kind === undefined || change.kind === 'percentage' ? 1_000 : null,
  amounts: [],
  per: 'order',
  buy: null,
  get: null,
  productIds: [],
  categoryIds: [],
  code: null,
  enabled: true,
  startsAt: null,
  endsAt: null,
  minimums: [],
  minimumQuantity: null,
  limits: { total: null, perCustomer: null },
  priority: 0,
  exclusive: false,
  ...change,
})

/** One unit at 10.00, of the product with the name of the SKU, in no category. */
export const aLine = (sku: string, change: Partial<Line> = {}): Line => ({
  sku,
  productId: sku.toLowerCase(),
  categoryIds: [],
  quantity: 1,
  unitPrice: 1_000,
  ...change,
})

const PRODUCTS = ['mug', 'bowl', 'pan', 'pot', 'cup']
const CATEGORIES = ['kitchen', 'tea', 'garden']
const CODES = ['SUMMER', 'VIP']

const some = <T>(values: readonly T[]) => fc.subarray([...values], { maxLength: 2 })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 2 })
const amounts = fc.array(fc.integer({ min: 1, max: 5_000 }).map(gbp), { maxLength: 1 })
const kinds = ['percentage', 'amount', 'free_shipping', 'buy_x_get_y'] as const
const basisPoints = fc.integer({ min: 1, max: 10_000 })

/** Lines with one SKU each, at prices from nothing to far too much. */
export const anyLines = fc
  .uniqueArray(
    fc.record({
      sku: fc.constantFrom(
        ...PRODUCTS.flatMap((id) => [`${id}-1`, `${id}-2`].map((sku) => sku.toUpperCase())),
      ),
      categoryIds: some(CATEGORIES),
      quantity: fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 1_000_000 })),
      unitPrice: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.constantFrom(0, 1, 333, 1_000_000)),
    }),
    { selector: ({ sku }) => sku, maxLength: 6 },
  )
  .map((lines) => lines.map((line): Line => ({ ...line, productId: line.sku.toLowerCase().slice(0, -2) })))

export const anyPromotion = fc
  .record({
    kind: fc.constantFrom(...kinds),
    basisPoints,
    amounts,
    per: fc.constantFrom('unit', 'order'),
    buy: fc.record({ quantity: fc.integer({ min: 1, max: 4 }), skus: some(['MUG-1', 'BOWL-1', 'PAN-2']) }),
    get: fc.record({ quantity: fc.integer({ min: 1, max: 3 }), basisPoints }),
    productIds: some(PRODUCTS),
    categoryIds: some(CATEGORIES),
    code: maybe(fc.constantFrom(...CODES)),
    enabled: fc.boolean(),
    startsAt: maybe(fc.constantFrom(inHours(-1), inHours(1))),
    endsAt: maybe(fc.constantFrom(inHours(-1), inHours(2))),
    minimums: amounts,
    minimumQuantity: maybe(fc.integer({ min: 1, max: 5 })),
    priority: fc.integer({ min: 0, max: 2 }),
    exclusive: fc.boolean(),
  })
  .map((change) => aPromotion(change as Partial<Promotion>))

export const anyContext = fc.record({
  now: fc.constant(NOW),
  currency: fc.constant('GBP'),
  codes: fc.subarray([...CODES, 'NOBODY']),
  shipping: fc.option(fc.integer({ min: 0, max: 2_000 }), { nil: undefined }),
})
