import { insertRows } from '@storewright/database'
import type { Actor, Db, Trx } from '../database.ts'

/** One step of an order, as customers and support read it. */
export interface Step {
  orderId: string
  /** The event's type where the step is one, so that the timeline and the event feed name the same thing. */
  type: string
  by: Actor
  /** In English, money in major units; what a program needs stands in `data`. */
  summary: string
  /** By type: money as `{ amount, currency }`, times in ISO 8601. A customer's own words: only `reason`. */
  data: Readonly<Record<string, unknown>>
  correlationId: string
}

export const insertSteps = (trx: Trx, steps: readonly (Step & { at: Date })[]) =>
  insertRows(
    trx,
    'order_timeline',
    steps.map(({ orderId, at, type, by, summary, data, correlationId }) => ({
      order_id: orderId,
      at,
      type,
      done_by: by,
      summary,
      data: JSON.stringify(data),
      correlation_id: correlationId,
    })),
  )

export const listSteps = (db: Db, orderId: string) =>
  db
    .selectFrom('order_timeline')
    .select(['at', 'type', 'done_by as by', 'summary', 'data', 'correlation_id as correlationId'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
