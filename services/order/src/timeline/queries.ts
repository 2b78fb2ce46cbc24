import type { Actor, Db, Trx } from '../database.ts'

/** One step of an order, as customers and support read it. */
export interface Step {
  orderId: string
  /** The event's type where the step is one, so that the timeline and the event feed name the same thing. */
  type: string
  by: Actor
  summary: string
  correlationId: string
}

export const insertSteps = (trx: Trx, steps: readonly Step[], at: Date) =>
  trx
    .insertInto('order_timeline')
    .values(
      steps.map(({ orderId, type, by, summary, correlationId }) => ({
        order_id: orderId,
        at,
        type,
        done_by: by,
        summary,
        correlation_id: correlationId,
      })),
    )
    .execute()

export const listSteps = (db: Db, orderId: string) =>
  db
    .selectFrom('order_timeline')
    .select(['at', 'type', 'done_by as by', 'summary', 'correlation_id as correlationId'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
