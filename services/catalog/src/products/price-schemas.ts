import { Money, Price, Timestamp, Uuid } from '@storewright/contracts'
import { Type } from 'typebox'
import { VariantAnswer } from './schemas.ts'

const Reason = Type.Union([Type.String({ maxLength: 200 }), Type.Null()])

/** A price that a variant had, or has. */
export const PastPrice = Type.Object(
  {
    price: Money,
    previousPrice: Type.Union([Money, Type.Null()]),
    lowestPrice30Days: { ...Money, description: 'of the 30 days before this price began' },
    effectiveAt: Timestamp,
    reason: Type.Optional({ ...Reason, description: 'with catalog:write' }),
  },
  {
    title: 'PastPrice',
    examples: [
      {
        price: { amount: 1299, currency: 'GBP' },
        previousPrice: { amount: 1199, currency: 'GBP' },
        lowestPrice30Days: { amount: 1199, currency: 'GBP' },
        effectiveAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

/** A price change that waits for its time, or could not be made. */
export const Plan = Type.Object(
  {
    id: Uuid,
    price: Price,
    effectiveAt: Timestamp,
    reason: Reason,
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

const planned = {
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
export const Planned = Type.Object(
  {
    ...VariantAnswer.properties,
    scheduled: Type.Object({ price: Price, effectiveAt: Timestamp }),
  },
  { description: 'Planned; the price of now is unchanged', examples: [planned] },
)
