import { sql, type RawBuilder } from 'kysely'
import type { Trx } from '../database.ts'
import { beforeMoveTo } from '../orders/order.ts'

const version = sql<number>`version + 1`

/** Locks in id order, so that batches which share orders queue up instead of deadlocking. */
export const lockOrderRows = (trx: Trx, ids: readonly string[]) =>
  trx
    .selectFrom('orders')
    .select([
      'id',
      'seq',
      'user_id as userId',
      'status',
      'currency',
      'total_minor as totalMinor',
      'authorized_minor as authorizedMinor',
      'captured_minor as capturedMinor',
      'shipping_minor as shippingMinor',
      'payment_status as paymentStatus',
      'payment_provider as paymentProvider',
      'payment_token as paymentToken',
      'cancelled_at as cancelledAt',
      'expires_at as expiresAt',
      'correlation_id as correlationId',
    ])
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
export type LockedOrder = Awaited<ReturnType<typeof lockOrderRows>>[number]

export const listOrderLines = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('order_lines')
    .select(['order_id as orderId', 'sku', 'quantity', 'shipped_quantity as shippedQuantity'])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id')
    .orderBy('position')
    .execute()

export const markReserved = (trx: Trx, ids: readonly string[], now: Date, expiresAt: Date) =>
  trx
    .updateTable('orders')
    .set({
      status: 'reserved',
      reserved_at: now,
      expires_at: expiresAt,
      // The payment attempt has it now, and nobody else needs it.
      payment_token: null,
      version,
    })
    .where('id', 'in', ids)
    .where('status', 'in', beforeMoveTo('reserved'))
    .execute()

/** A value per order in one statement. */
const perOrder = <Value>(values: readonly { id: string; value: Value }[]): RawBuilder<Value> =>
  sql<Value>`case id ${sql.join(
    values.map(({ id, value }) => sql`when ${id} then ${value}`),
    sql` `,
  )} end`

export const markRejected = (
  trx: Trx,
  rejections: readonly { id: string; shortages: string }[],
  reason: string,
) =>
  trx
    .updateTable('orders')
    .set({
      status: 'rejected',
      reason,
      shortages: perOrder(rejections.map(({ id, shortages }) => ({ id, value: shortages }))),
      expires_at: null,
      payment_token: null,
      version,
    })
    .where(
      'id',
      'in',
      rejections.map(({ id }) => id),
    )
    .where('status', 'in', beforeMoveTo('rejected'))
    .execute()

/** Confirmed and authorized in one statement: the schema refuses the one without the other. */
export const markConfirmed = (trx: Trx, ids: readonly string[], now: Date) =>
  trx
    .updateTable('orders')
    .set({
      status: 'confirmed',
      confirmed_at: now,
      expires_at: null,
      payment_status: 'authorized',
      payment_reason: null,
      authorized_minor: sql`total_minor`,
      version,
    })
    .where('id', 'in', ids)
    .where('status', 'in', beforeMoveTo('confirmed'))
    .execute()

export const markDeclined = (trx: Trx, declines: readonly { id: string; reason: string }[]) =>
  trx
    .updateTable('orders')
    .set({
      // An order that ended meanwhile stays as it is.
      status: sql`if(status = 'reserved', 'awaiting_payment', status)`,
      payment_status: 'declined',
      payment_reason: perOrder(declines.map(({ id, reason }) => ({ id, value: reason }))),
      version,
    })
    .where(
      'id',
      'in',
      declines.map(({ id }) => id),
    )
    .execute()

export const markCancelled = (
  trx: Trx,
  cancellations: readonly { id: string; reason: string }[],
  now: Date,
) =>
  trx
    .updateTable('orders')
    .set({
      // What has left the house stays sold: the rest of a partly shipped order is cancelled.
      status: sql`if(status = 'partly_shipped', 'shipped', 'cancelled')`,
      reason: perOrder(cancellations.map(({ id, reason }) => ({ id, value: reason }))),
      cancelled_at: now,
      expires_at: null,
      payment_token: null,
      version,
    })
    .where(
      'id',
      'in',
      cancellations.map(({ id }) => id),
    )
    .where('status', 'in', [...beforeMoveTo('cancelled'), 'partly_shipped'])
    .execute()

/**
 * Orders past their deadline, locked, the longest overdue first; what another replica is at work on is left to
 * it. An order that is `reserved`, or whose payment is `pending` again, has an attempt on its way and waits for
 * the outcome.
 */
export const lockOverdue = (trx: Trx, now: Date, limit: number) =>
  trx
    .selectFrom('orders')
    .select('id')
    .where('expires_at', '<=', now)
    .where((eb) =>
      eb.or([
        eb('status', '=', 'pending'),
        eb.and([eb('status', '=', 'awaiting_payment'), eb('payment_status', '=', 'declined')]),
      ]),
    )
    .orderBy('expires_at')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

/** Of these orders, one whose shipment waits for its money at this moment. */
export const findShipmentUnderWay = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('shipments')
    .select('id')
    .where('order_id', 'in', orderIds)
    .where('status', '=', 'capturing')
    .limit(1)
    .executeTakeFirst()
