import type { Db, Trx } from '../database.ts'
import type { Step } from './timeline.ts'

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
