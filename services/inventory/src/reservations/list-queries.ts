import { sql } from 'kysely'
import type { Db } from '@storewright/database'
import type { Database, ReservationState } from '../database.ts'

export interface ReservationFilter {
  orderId?: string | undefined
  sku?: string | undefined
  state?: ReservationState | undefined
  /** Only orders that come before this one. */
  before: string | undefined
  limit: number
}

const listOrderIds = async (db: Db<Database>, { orderId, state, before, limit }: ReservationFilter) => {
  const rows = await db
    .selectFrom('reservations')
    .select('order_id as orderId')
    .$if(orderId !== undefined, (query) => query.where('order_id', '=', orderId ?? ''))
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'held'))
    .$if(before !== undefined, (query) => query.where('order_id', '<', before ?? ''))
    .orderBy('order_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.orderId)
}

/** Orders that want a SKU. Repeats are dropped here: with `distinct` the server would sort all lines of the SKU. */
const listOrderIdsBySku = async (db: Db<Database>, sku: string, filter: ReservationFilter) => {
  const { orderId, state, limit } = filter
  const orderIds = new Set<string>()
  for (let before = filter.before; ;) {
    const rows = await db
      .selectFrom('reservation_lines as line')
      .innerJoin('reservations as reservation', 'reservation.order_id', 'line.order_id')
      .modifyFront(sql`straight_join`)
      .select('line.order_id as orderId')
      .where('line.sku', '=', sku)
      .$if(orderId !== undefined, (query) => query.where('line.order_id', '=', orderId ?? ''))
      .$if(state !== undefined, (query) => query.where('reservation.state', '=', state ?? 'held'))
      .$if(before !== undefined, (query) => query.where('line.order_id', '<', before ?? ''))
      .orderBy('line.order_id', 'desc')
      .limit(limit)
      .execute()
    for (const row of rows) orderIds.add(row.orderId)
    if (rows.length < limit || orderIds.size >= limit) return [...orderIds].slice(0, limit)
    before = rows.at(-1)?.orderId
  }
}

/** Reservations with their lines, the newest orders first. */
export const listReservations = async (db: Db<Database>, filter: ReservationFilter) => {
  const { sku } = filter
  const orderIds =
    sku === undefined ? await listOrderIds(db, filter) : await listOrderIdsBySku(db, sku, filter)
  if (orderIds.length === 0) return []

  const reservations = await db
    .selectFrom('reservations')
    .select(['order_id as orderId', 'state', 'expires_at as expiresAt'])
    .select(['created_at as createdAt', 'updated_at as updatedAt'])
    .where('order_id', 'in', orderIds)
    .orderBy('order_id', 'desc')
    .execute()
  const lines = await db
    .selectFrom('reservation_lines')
    .innerJoin('locations', 'locations.id', 'reservation_lines.location_id')
    .select(['order_id as orderId', 'sku', 'locations.code as location', 'quantity', 'held', 'shipped'])
    .where('order_id', 'in', orderIds)
    .orderBy('sku')
    .orderBy('location_id')
    .execute()
  const byOrder = Map.groupBy(lines, (line) => line.orderId)
  return reservations.map((reservation) => ({
    ...reservation,
    lines: (byOrder.get(reservation.orderId) ?? []).map(({ orderId: _, ...line }) => line),
  }))
}

export type ListedReservation = Awaited<ReturnType<typeof listReservations>>[number]
