import { minorDigitsOf, Timestamp, type Money } from '@storewright/contracts'
import { beforeCommit, parseJson } from '@storewright/database'
import { Type } from 'typebox'
import type { Db, Trx } from '../database.ts'
import { insertSteps, listSteps, type Step } from './queries.ts'

export type { Step } from './queries.ts'

const recordedIn = new WeakMap<Trx, (Step & { at: Date })[]>()

/** Puts the steps on their orders' timelines: all those of a transaction in one statement, right before its commit. */
export const recordSteps = async (trx: Trx, steps: readonly Step[], at: Date) => {
  if (steps.length === 0) return
  const rows = steps.map((step) => ({ ...step, at }))
  const earlier = recordedIn.get(trx)
  if (earlier) return void earlier.push(...rows)
  recordedIn.set(trx, rows)
  beforeCommit(trx, async () => {
    recordedIn.delete(trx)
    await insertSteps(trx, rows)
  })
}

/** A step that an order takes by itself. */
export const systemStep = (
  orderId: string,
  { type }: { type: string },
  { summary, data }: Pick<Step, 'summary' | 'data'>,
  { correlationId }: { correlationId: string },
): Step => ({ orderId, type, by: 'system', summary, data, correlationId })

/** Money as a summary writes it, in major units: `12.99 GBP`. */
export const inWords = ({ amount, currency }: Money) => {
  const digits = minorDigitsOf(currency) ?? 0
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency}`
}

/** What a step's data is, as the database gives it. */
export const stepData = (data: unknown) =>
  parseJson<Record<string, unknown> | null>(data as Record<string, unknown> | string | null) ?? {}

const TimelineEntry = Type.Object(
  {
    at: Timestamp,
    type: Type.String({ pattern: '^[a-z0-9.-]+$', maxLength: 100, examples: ['order.order-placed.v1'] }),
    by: Type.Enum(['customer', 'system', 'staff']),
    summary: Type.String({ maxLength: 500, examples: ['The order was placed.'] }),
    data: Type.Object(
      {},
      { additionalProperties: true, maxProperties: 20, description: 'what the step is about, by its type' },
    ),
    correlationId: Type.String({
      maxLength: 255,
      description: 'what caused it: the X-Request-Id of a request',
    }),
  },
  {
    title: 'TimelineEntry',
    examples: [
      {
        at: '2026-01-31T09:30:00.000Z',
        type: 'order.order-placed.v1',
        by: 'customer',
        summary: 'The order was placed.',
        data: { total: { amount: 1299, currency: 'GBP' } },
        correlationId: '01990a3c-8f00-7b11-a1d2-9c8b7a6d5e4f',
      },
    ],
  },
)
export const Timeline = Type.Object({ items: Type.Array(TimelineEntry, { maxItems: 10_000 }) })

/** What happened to an order, oldest first. */
export const readTimeline = async (db: Db, orderId: string) => {
  const steps = await listSteps(db, orderId)
  return { items: steps.map((step) => ({ ...step, at: step.at.toISOString(), data: stepData(step.data) })) }
}
