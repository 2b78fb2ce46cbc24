import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { Claim } from './shipment.ts'

export interface NewShipment {
  id: string
  orderId: string
  carrier: string
  trackingNumber: string
  amountMinor: number
}

export const listShippableLines = (trx: Trx, orderId: string) =>
  trx
    .selectFrom('order_lines')
    .select([
      'position',
      'sku',
      'quantity',
      'shipped_quantity as shippedQuantity',
      'total_minor as totalMinor',
    ])
    .where('order_id', '=', orderId)
    .orderBy('position')
    .execute()

export const listShipmentAmounts = (trx: Trx, orderId: string) =>
  trx
    .selectFrom('shipments')
    .select(['amount_minor as amountMinor', 'status'])
    .where('order_id', '=', orderId)
    .where('status', '!=', 'failed')
    .execute()

export const insertShipment = (trx: Trx, shipment: NewShipment, now: Date) =>
  trx
    .insertInto('shipments')
    .values({
      id: shipment.id,
      order_id: shipment.orderId,
      status: 'capturing',
      carrier: shipment.carrier,
      tracking_number: shipment.trackingNumber,
      amount_minor: shipment.amountMinor,
      created_at: now,
    })
    .execute()

export const insertShipmentLines = (trx: Trx, shipmentId: string, claims: readonly Claim[]) =>
  trx
    .insertInto('shipment_lines')
    .values(
      claims.map(({ position, sku, quantity }) => ({ shipment_id: shipmentId, position, sku, quantity })),
    )
    .execute()

/** Moves the claimed quantities on or, with `sign` -1, back; the schema refuses more than was ordered. */
export const claimQuantities = (trx: Trx, orderId: string, claims: readonly Claim[], sign: 1 | -1) =>
  trx
    .updateTable('order_lines')
    .set({
      shipped_quantity: sql`shipped_quantity + case position ${sql.join(
        claims.map(({ position, quantity }) => sql`when ${position} then ${sign * quantity}`),
        sql` `,
      )} end`,
    })
    .where('order_id', '=', orderId)
    .where(
      'position',
      'in',
      claims.map(({ position }) => position),
    )
    .execute()

export const findShipment = (db: Db | Trx, id: string) =>
  db
    .selectFrom('shipments')
    .select([
      'id',
      'order_id as orderId',
      'status',
      'reason',
      'carrier',
      'tracking_number as trackingNumber',
      'created_at as createdAt',
      'shipped_at as shippedAt',
    ])
    .where('id', '=', id)
    .executeTakeFirst()

export const listShipmentLines = (db: Db | Trx, shipmentId: string) =>
  db
    .selectFrom('shipment_lines')
    .select(['position', 'sku', 'quantity'])
    .where('shipment_id', '=', shipmentId)
    .orderBy('position')
    .execute()

export const markShipped = (trx: Trx, id: string, now: Date) =>
  trx.updateTable('shipments').set({ status: 'shipped', shipped_at: now }).where('id', '=', id).execute()

export const markFailed = (trx: Trx, id: string, reason: string) =>
  trx.updateTable('shipments').set({ status: 'failed', reason }).where('id', '=', id).execute()

/** Whether goods are not shipped yet: not claimed by a shipment, or claimed by one that is not captured yet. */
export const hasGoodsLeft = async (trx: Trx, orderId: string) => {
  const unclaimed = trx
    .selectFrom('order_lines')
    .select('position')
    .where('order_id', '=', orderId)
    .whereRef('shipped_quantity', '<', 'quantity')
  const capturing = trx.selectFrom('shipments').select('id').where('order_id', '=', orderId)
  const { left } = await trx
    .selectNoFrom((eb) =>
      eb
        .or([eb.exists(unclaimed), eb.exists(capturing.where('status', '=', 'capturing'))])
        .$castTo<number>()
        .as('left'),
    )
    .executeTakeFirstOrThrow()
  return left === 1
}
