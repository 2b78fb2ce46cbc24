import { Price, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { MAX_CURRENCIES, PricesInput } from '../price-schemas.ts'
import { ProductVariant } from '../schemas.ts'

export const PriceInput = Type.Object(
  {
    ...PricesInput,
    effectiveAt: Type.Optional(
      Type.String({
        format: 'date-time',
        maxLength: 40,
        description: 'a later instant schedules the change for then',
        examples: ['2026-11-27T00:00:00Z'],
      }),
    ),
    reason: Type.Optional(Type.String({ maxLength: 200, examples: ['autumn sale'] })),
  },
  { title: 'NewPrice', examples: [{ price: { amount: 999, currency: 'GBP' }, reason: 'autumn sale' }] },
)

const CompareAt = Type.Union([Price, Type.Null()])

/** A price change that waits for its time, or could not be made. */
export const ScheduledPrice = Type.Object(
  {
    id: Uuid,
    price: Price,
    compareAtPrice: CompareAt,
    effectiveAt: Timestamp,
    reason: Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
    state: Type.Union([Type.Literal('waiting'), Type.Literal('failed')]),
    failure: Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()], {
      description: 'why it could not be applied',
    }),
  },
  {
    title: 'ScheduledPrice',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a6a',
        price: { amount: 999, currency: 'GBP' },
        compareAtPrice: { amount: 1299, currency: 'GBP' },
        effectiveAt: '2026-11-27T00:00:00.000Z',
        reason: 'autumn sale',
        state: 'waiting',
        failure: null,
      },
    ],
  },
)
export const MAX_SCHEDULED_PRICES = 1_000

const example = {
  productId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  sku: 'MUG-1',
  name: 'Mug, blue',
  attributes: { colour: 'blue' },
  options: {},
  price: { amount: 1299, currency: 'GBP' },
  compareAtPrice: null,
  lowestPrice30Days: { amount: 1199, currency: 'GBP' },
  prices: [
    {
      amount: 1299,
      currency: 'GBP',
      compareAtPrice: null,
      lowestPrice30Days: { amount: 1199, currency: 'GBP' },
    },
  ],
  stockStatus: 'in_stock',
  scheduled: {
    price: { amount: 999, currency: 'GBP' },
    effectiveAt: '2026-11-27T00:00:00.000Z',
    prices: [{ price: { amount: 999, currency: 'GBP' }, compareAtPrice: null }],
  },
}

/** The variant as it is, and the price that it will have. */
export const VariantWithScheduledPrice = Type.Object(
  {
    ...ProductVariant.properties,
    scheduled: Type.Object({
      price: { ...Price, description: 'the first of `prices`' },
      effectiveAt: Timestamp,
      prices: Type.Array(Type.Object({ price: Price, compareAtPrice: CompareAt }), {
        maxItems: MAX_CURRENCIES,
      }),
    }),
  },
  {
    title: 'VariantWithScheduledPrice',
    description: 'Scheduled; the price of today is unchanged',
    examples: [example],
  },
)
