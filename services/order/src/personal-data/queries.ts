import { OrderCancelled } from '@storewright/contracts'
import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** Some of the user's orders, locked; an order that is just being placed is waited for. */
export const lockOrdersOf = (trx: Trx, userId: string, limit: number) =>
  trx
    .selectFrom('orders')
    .select(['id', 'correlation_id as correlationId'])
    .where('user_id', '=', userId)
    .orderBy('placed_at')
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()

const ERASED = 'Erased'
/** Reasons of our own; all others are a customer's words. */
const OWN_REASONS = ['cancelled-on-request', 'expired', 'hold-expired', 'insufficient-stock']

/** Takes the person out of orders: of the address the country stays, which tax depends on. */
export const anonymiseOrders = async (trx: Trx, ids: readonly string[], now: Date) => {
  await trx
    .updateTable('orders')
    .set({
      user_id: null,
      access_token_hash: null,
      email: null,
      shipping_address: sql<string>`json_object('name', ${ERASED}, 'line1', ${ERASED}, 'city', ${ERASED},
        'postalCode', '', 'country', json_unquote(json_extract(shipping_address, '$.country')))`,
      billing_address: null,
      reason: sql`if(reason is null or reason in (${sql.join(OWN_REASONS)}), reason, 'cancelled-on-request')`,
      // What is still to be paid can be.
      payment_token: sql`if(status = 'pending', payment_token, null)`,
      erased_at: now,
      version: sql`version + 1`,
    })
    .where('id', 'in', ids)
    .execute()
  const reason = sql<string>`json_unquote(json_extract(data, '$.reason'))`
  await trx
    .updateTable('order_timeline')
    .set({ data: sql<string>`json_set(data, '$.reason', 'cancelled-on-request')` })
    .where('order_id', 'in', ids)
    .where('type', '=', OrderCancelled.type)
    .where(reason, 'not in', OWN_REASONS)
    .execute()
  // What staff wrote down of a receipt may name who paid.
  await trx
    .updateTable('payment_receipts')
    .set({ reference: null })
    .where('order_id', 'in', ids)
    .where('reference', 'is not', null)
    .execute()
  await trx
    .updateTable('order_timeline')
    .set({ data: sql<string>`json_remove(data, '$.reference')` })
    .where('order_id', 'in', ids)
    .where('type', '=', 'payment-received')
    .execute()
  await trx
    .updateTable('payment_attempts')
    .set({ token: null })
    .where('order_id', 'in', ids)
    .where('state', '!=', 'open')
    .where('token', 'is not', null)
    .execute()
}

/** Deletes some of the user's carts; returns how many. */
export const deleteCartsOf = async (trx: Trx, userId: string, limit: number): Promise<number> => {
  const carts = await trx
    .selectFrom('carts')
    .select('id')
    .where('user_id', '=', userId)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()
  if (carts.length === 0) return 0
  const ids = carts.map(({ id }) => id)
  await trx.deleteFrom('carts').where('id', 'in', ids).execute()
  return ids.length
}

export const listStepsOf = (db: Db, orderIds: readonly string[]) =>
  db
    .selectFrom('order_timeline')
    .select(['order_id as orderId', 'at', 'type', 'done_by as by', 'summary', 'data'])
    .where('order_id', 'in', orderIds)
    .orderBy('id')
    .execute()

export const listPaymentsOf = (db: Db, orderIds: readonly string[]) =>
  db
    .selectFrom('payment_attempts')
    .select([
      'id',
      'order_id as orderId',
      'kind',
      'provider',
      'amount_minor as amountMinor',
      'currency',
      'state',
      'reference',
      'reason',
      'created_at as createdAt',
      'resolved_at as resolvedAt',
    ])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id')
    .orderBy('id')
    .execute()

export const listCartsOf = async (
  db: Db,
  { userId, after, limit }: { userId: string; after: string; limit: number },
) => {
  const rows = await db
    .selectFrom('carts')
    .select(['id', 'currency', 'status', 'order_id as orderId', 'lines', 'codes', 'country'])
    .select(['postal_code as postalCode', 'shipping_method as shippingMethod'])
    .select(['created_at as createdAt', 'updated_at as updatedAt'])
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => ({ ...row, lines: parseJson(row.lines), codes: parseJson(row.codes) }))
}
