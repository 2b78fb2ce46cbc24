import { parseJson } from '@storewright/database'
import { sql, type RawBuilder, type UpdateObject } from 'kysely'
import type { Database, Trx } from '../database.ts'
import { beforeMoveTo, type OrderStatus } from './order.ts'

const version = sql<number>`version + 1`
const AUTHORIZED = {
  payment_status: 'authorized',
  payment_reason: null,
  payment_action: null,
  authorized_minor: sql<number>`total_minor`,
} as const

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

/** Locks in id order, so that batches which share orders queue up instead of deadlocking. */
const lockRows = (trx: Trx, ids: readonly string[]) =>
  trx
    .selectFrom('orders')
    .select([
      'id',
      'seq',
      'cart_id as cartId',
      'discounts',
      'user_id as userId',
      'status',
      'currency',
      'total_minor as totalMinor',
      'authorized_minor as authorizedMinor',
      'captured_minor as capturedMinor',
      'received_minor as receivedMinor',
      'version',
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

export interface LockedLine {
  sku: string
  quantity: number
}

export const lockOrderRows = (trx: Trx, ids: readonly string[]): Promise<LockedOrder[]> =>
  lockRows(trx, ids).execute()
export type LockedOrder = Awaited<ReturnType<ReturnType<typeof lockRows>['execute']>>[number] & {
  /** The quantities of its lines, where the step needs them. */
  lines?: LockedLine[]
}

/** As `lockOrderRows`, with the quantities of their lines, which never change. */
export const lockOrdersAndLines = async (trx: Trx, ids: readonly string[]) => {
  const rows = await lockRows(trx, ids)
    .select(
      sql<string | LockedLine[]>`(select json_arrayagg(json_object('sku', l.sku, 'quantity', l.quantity))
        from order_lines l where l.order_id = orders.id)`.as('lines'),
    )
    .execute()
  return rows.map((row) => ({ ...row, lines: parseJson(row.lines) }))
}

export const listOrderLines = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('order_lines')
    .select(['order_id as orderId', 'sku', 'quantity', 'shipped_quantity as shippedQuantity'])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id')
    .orderBy('position')
    .execute()

/** Moves those of the orders that may move to this status, and writes what comes with it. */
const moveOrders = (
  trx: Trx,
  ids: readonly string[],
  status: OrderStatus,
  values: Omit<UpdateObject<Database, 'orders'>, 'status' | 'version'>,
) =>
  trx
    .updateTable('orders')
    .set({ ...values, status, version })
    .where('id', 'in', ids)
    .where('status', 'in', beforeMoveTo(status))
    .execute()

export const markReserved = (trx: Trx, ids: readonly string[], now: Date, expiresAt: Date) =>
  // The payment attempt has the token now.
  moveOrders(trx, ids, 'reserved', { reserved_at: now, expires_at: expiresAt, payment_token: null })

const perOrder = <Value>(values: readonly { id: string; value: Value }[]): RawBuilder<Value> =>
  sql<Value>`case id ${sql.join(
    values.map(({ id, value }) => sql`when ${id} then ${value}`),
    sql` `,
  )} end`

export const markRejected = (
  trx: Trx,
  rejections: readonly { id: string; shortages: string; retryCartId: string | null }[],
  reason: string,
) =>
  moveOrders(trx, idsOf(rejections), 'rejected', {
    reason,
    shortages: perOrder(rejections.map(({ id, shortages }) => ({ id, value: shortages }))),
    retry_cart_id: perOrder(rejections.map(({ id, retryCartId }) => ({ id, value: retryCartId }))),
    expires_at: null,
    payment_token: null,
  })

/** Confirmed and authorized in one statement: the schema refuses the one without the other. */
export const markConfirmed = (trx: Trx, ids: readonly string[], now: Date) =>
  moveOrders(trx, ids, 'confirmed', { ...AUTHORIZED, confirmed_at: now, expires_at: null })

export const markDeclined = (trx: Trx, declines: readonly { id: string; reason: string }[]) =>
  trx
    .updateTable('orders')
    .set({
      // An order that ended meanwhile stays as it is.
      status: sql`if(status = 'reserved', 'awaiting_payment', status)`,
      payment_status: 'declined',
      payment_reason: perOrder(declines.map(({ id, reason }) => ({ id, value: reason }))),
      payment_action: null,
      version,
    })
    .where('id', 'in', idsOf(declines))
    .execute()

/** Their customers have to act: until then, or until the deadline, the orders await the payment. */
export const markActionRequired = (trx: Trx, actions: readonly { id: string; action: string }[]) =>
  trx
    .updateTable('orders')
    .set({
      status: 'awaiting_payment',
      payment_status: 'requires_action',
      payment_reason: null,
      payment_action: perOrder(actions.map(({ id, action }) => ({ id, value: action }))),
      version,
    })
    .where('id', 'in', idsOf(actions))
    .where('status', 'in', beforeMoveTo('confirmed'))
    .execute()

export const markCancelled = (
  trx: Trx,
  cancellations: readonly { id: string; reason: string; retryCartId: string | null }[],
  now: Date,
) =>
  trx
    .updateTable('orders')
    .set({
      // Of a partly shipped order only the rest is cancelled.
      status: sql`if(status = 'partly_shipped', 'shipped', 'cancelled')`,
      reason: perOrder(cancellations.map(({ id, reason }) => ({ id, value: reason }))),
      retry_cart_id: perOrder(cancellations.map(({ id, retryCartId }) => ({ id, value: retryCartId }))),
      cancelled_at: now,
      expires_at: null,
      payment_token: null,
      payment_action: null,
      payment_reason: sql`if(payment_status = 'requires_action', 'not-completed', payment_reason)`,
      payment_status: sql`if(payment_status = 'requires_action', 'declined', payment_status)`,
      version,
    })
    .where('id', 'in', idsOf(cancellations))
    .where('status', 'in', [...beforeMoveTo('cancelled'), 'partly_shipped'])
    .execute()

/** An authorization that came too late for its order: its amount is held until it is voided. */
export const markAuthorizedLate = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .updateTable('orders')
    .set({ ...AUTHORIZED, version })
    .where('id', 'in', orderIds)
    .execute()

/** Voided in full; what was captured before stays captured, and it is all that there is. */
export const markVoided = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .updateTable('orders')
    .set({
      payment_status: sql`if(captured_minor > 0, 'captured', 'voided')`,
      authorized_minor: sql`if(captured_minor > 0, authorized_minor, 0)`,
      version,
    })
    .where('id', 'in', orderIds)
    .execute()

export const markPaymentPending = (trx: Trx, orderId: string, provider: string) =>
  trx
    .updateTable('orders')
    .set({
      payment_status: 'pending',
      payment_reason: null,
      payment_action: null,
      payment_provider: provider,
      version,
    })
    .where('id', '=', orderId)
    .execute()

/** The order after a shipment left: its status, and what was captured with it. */
export const markOrderShipped = (
  trx: Trx,
  orderId: string,
  { complete, amountMinor }: { complete: boolean; amountMinor: number },
) =>
  trx
    .updateTable('orders')
    .set({
      status: complete ? 'shipped' : 'partly_shipped',
      captured_minor: sql`captured_minor + ${amountMinor}`,
      payment_status: sql`if(captured_minor = total_minor, 'captured', if(captured_minor > 0, 'partly_captured',
        payment_status))`,
      version,
    })
    .where('id', '=', orderId)
    .where('status', 'in', ['confirmed', 'partly_shipped'])
    .execute()

/** A shipment of these orders whose payment is being captured. */
export const findShipmentUnderWay = (trx: Trx, orderIds: readonly string[]) =>
  trx
    .selectFrom('shipments')
    .select('id')
    .where('order_id', 'in', orderIds)
    .where('status', '=', 'capturing')
    .limit(1)
    .executeTakeFirst()
