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

/** Reservations, the newest orders first, each with where its goods lie. */
export const listReservations = async (
  db: Db<Database>,
  { orderId, sku, state, before, limit }: ReservationFilter,
) => {
  const reservations = await db
    .selectFrom('reservations')
    .select(['order_id as orderId', 'state', 'expires_at as expiresAt'])
    .select(['created_at as createdAt', 'updated_at as updatedAt'])
    .$if(orderId !== undefined, (query) => query.where('order_id', '=', orderId ?? ''))
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'held'))
    .$if(before !== undefined, (query) => query.where('order_id', '<', before ?? ''))
    .$if(sku !== undefined, (query) =>
      query.where('order_id', 'in', (lines) =>
        lines
          .selectFrom('reservation_lines')
          .select('reservation_lines.order_id')
          .where('sku', '=', sku ?? ''),
      ),
    )
    .orderBy('order_id', 'desc')
    .limit(limit)
    .execute()
  if (reservations.length === 0) return []

  const lines = await db
    .selectFrom('reservation_lines')
    .innerJoin('locations', 'locations.id', 'reservation_lines.location_id')
    .select(['order_id as orderId', 'sku', 'locations.code as location', 'quantity', 'held', 'shipped'])
    .where(
      'order_id',
      'in',
      reservations.map((reservation) => reservation.orderId),
    )
    .orderBy('sku')
    .orderBy('location_id')
    .execute()
  const byOrder = Map.groupBy(lines, (line) => line.orderId)
  return reservations.map((reservation) => ({
    ...reservation,
    lines: (byOrder.get(reservation.orderId) ?? []).map(({ orderId: _, ...line }) => line),
  }))
}
