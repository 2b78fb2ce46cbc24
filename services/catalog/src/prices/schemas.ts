import { Price, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { ProductVariant } from '../schemas.ts'

export const PriceInput = Type.Object(
  {
    price: Price,
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

/** A price change that waits for its time, or could not be made. */
export const ScheduledPrice = Type.Object(
  {
    id: Uuid,
    price: Price,
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
        effectiveAt: '2026-11-27T00:00:00.000Z',
        reason: 'autumn sale',
        state: 'waiting',
        failure: null,
      },
    ],
  },
)
export const MAX_SCHEDULED_PRICES = 10_000

const example = {
  productId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  sku: 'MUG-1',
  name: 'Mug, blue',
  attributes: { colour: 'blue' },
  price: { amount: 1299, currency: 'GBP' },
  lowestPrice30Days: { amount: 1199, currency: 'GBP' },
  stockStatus: 'in_stock',
  scheduled: { price: { amount: 999, currency: 'GBP' }, effectiveAt: '2026-11-27T00:00:00.000Z' },
}

/** The variant as it is, and the price that it will have. */
export const VariantWithScheduledPrice = Type.Object(
  {
    ...ProductVariant.properties,
    scheduled: Type.Object({ price: Price, effectiveAt: Timestamp }),
  },
  {
    title: 'VariantWithScheduledPrice',
    description: 'Scheduled; the price of today is unchanged',
    examples: [example],
  },
)
