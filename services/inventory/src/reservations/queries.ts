import { sql } from 'kysely'
import { nowSql, type Db, type Trx } from '@storewright/database'
import { inChunks, readInChunks, type Database, type ReservationState } from '../database.ts'
import { CANCELLED_EARLY, type Reservation, type ReservationLine } from './reservation.ts'

const listLines = (db: Db<Database>, orderIds: readonly string[]): Promise<ReservationLine[]> =>
  readInChunks(orderIds, (chunk) =>
    db
      .selectFrom('reservation_lines')
      .select(['order_id as orderId', 'sku', 'location_id as locationId', 'quantity', 'held', 'shipped'])
      .where('order_id', 'in', chunk)
      .orderBy('order_id')
      .orderBy('sku')
      .orderBy('location_id')
      .execute(),
  )

const withLines = async (
  db: Db<Database>,
  rows: { orderId: string; state: ReservationState }[],
): Promise<Reservation[]> => {
  const lines = Map.groupBy(
    await listLines(
      db,
      rows.map(({ orderId }) => orderId),
    ),
    ({ orderId }) => orderId,
  )
  return rows.map((row) => ({ ...row, lines: lines.get(row.orderId) ?? [] }))
}

/** In key order, so that batches that share orders queue up instead of deadlocking. */
const lockRows = (trx: Trx<Database>, orderIds: readonly string[]) =>
  trx
    .selectFrom('reservations')
    .select(['order_id as orderId', 'state'])
    .where('order_id', 'in', [...orderIds].sort())
    .orderBy('order_id')
    .forUpdate()
    .execute()

/** Locks the orders' reservations and returns their states by order; orders without one are left out. */
export const lockStates = async (trx: Trx<Database>, orderIds: readonly string[]) => {
  const rows = await lockRows(trx, orderIds)
  return new Map(rows.map(({ orderId, state }) => [orderId, state]))
}

/** Locks what orders hold, by order id; the lines need no lock of their own, since nobody writes them without this one. */
export const lockReservations = async (trx: Trx<Database>, orderIds: readonly string[]) => {
  const rows = await lockRows(trx, orderIds)
  const reservations = await withLines(trx, rows)
  return new Map(reservations.map((reservation) => [reservation.orderId, reservation]))
}

/** The database's clock decides: a process whose own is wrong expires nothing too early or too late. */
const overdue = (db: Db<Database>, limit: number) =>
  db
    .selectFrom('reservations')
    .select(['order_id as orderId', 'state'])
    .where('expires_at', '<=', nowSql)
    .orderBy('expires_at')
    .limit(limit)

export const listOverdue = (db: Db<Database>, limit: number) => overdue(db, limit).execute()

/** Locks unconfirmed reservations that are overdue, skipping rows locked by others. */
export const lockExpired = async (
  trx: Trx<Database>,
  { limit, orderIds }: { limit: number; orderIds?: string[] },
) =>
  withLines(
    trx,
    await overdue(trx, limit)
      .$if(orderIds !== undefined, (query) => query.where('order_id', 'in', orderIds ?? []))
      .forUpdate()
      .skipLocked()
      .execute(),
  )

/** Lets the sweep look at an overdue reservation again only after a while. */
export const postponeExpiry = (db: Db<Database>, orderId: string, seconds: number) =>
  db
    .updateTable('reservations')
    .set({ expires_at: sql<Date>`${nowSql} + interval ${sql.lit(seconds)} second` })
    .where('order_id', '=', orderId)
    .where('expires_at', '<=', nowSql)
    .execute()

export interface NewReservation extends Reservation {
  readonly expiresAt: Date | null
}

const lineRow = ({ orderId, locationId, ...line }: ReservationLine) => ({
  ...line,
  order_id: orderId,
  location_id: locationId,
})

export const insertReservations = async (trx: Trx<Database>, reservations: readonly NewReservation[]) => {
  const sorted = reservations.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1))
  await inChunks(sorted, (chunk) =>
    trx
      .insertInto('reservations')
      .values(
        chunk.map(({ orderId, state, expiresAt }) => ({
          order_id: orderId,
          state,
          expires_at: expiresAt,
          created_at: nowSql,
          updated_at: nowSql,
        })),
      )
      .execute(),
  )
  await insertLines(
    trx,
    sorted.flatMap(({ lines }) => lines),
  )
}

const insertLines = (trx: Trx<Database>, lines: readonly ReservationLine[]) =>
  inChunks(lines, (chunk) => trx.insertInto('reservation_lines').values(chunk.map(lineRow)).execute())

export const updateState = async (
  trx: Trx<Database>,
  orderIds: readonly string[],
  state: ReservationState,
) => {
  if (orderIds.length === 0) return
  await trx
    .updateTable('reservations')
    // Whatever is decided about a hold, the sweep need not look at it again.
    .set({ state, expires_at: null, updated_at: nowSql })
    .where('order_id', 'in', [...orderIds].sort())
    .execute()
}

/** Writes states and lines as they are in memory; the reservations are locked, so they have not changed since. */
export const updateReservations = async (trx: Trx<Database>, reservations: readonly Reservation[]) => {
  for (const [state, group] of Map.groupBy(reservations, (reservation) => reservation.state)) {
    await updateState(
      trx,
      group.map(({ orderId }) => orderId),
      state,
    )
  }
  await inChunks(
    reservations.flatMap(({ lines }) => lines),
    (chunk) =>
      trx
        .insertInto('reservation_lines')
        .values(chunk.map(lineRow))
        .onDuplicateKeyUpdate({ held: sql`values(held)`, shipped: sql`values(shipped)` })
        .execute(),
  )
}

/** What was cancelled of orders before they were reserved, by order. */
export const listCancelledEarly = async (trx: Trx<Database>, orderIds: readonly string[]) => {
  const rows = await readInChunks(orderIds, (chunk) =>
    trx
      .selectFrom('reservation_lines')
      .select(['order_id as orderId', 'sku', 'quantity'])
      .where('order_id', 'in', chunk)
      .where('location_id', '=', CANCELLED_EARLY)
      .execute(),
  )
  return Map.groupBy(rows, ({ orderId }) => orderId)
}

/** Deletes reservations that hold nothing, so that their orders can be decided again; what was cancelled early stays. */
export const deleteReservations = async (trx: Trx<Database>, orderIds: readonly string[]) => {
  if (orderIds.length === 0) return
  await trx
    .deleteFrom('reservation_lines')
    .where('order_id', 'in', orderIds)
    .where('location_id', '<>', CANCELLED_EARLY)
    .execute()
  await trx.deleteFrom('reservations').where('order_id', 'in', orderIds).execute()
}

export const listShipmentsSold = async (trx: Trx<Database>, shipmentIds: readonly string[]) => {
  const rows = await trx
    .selectFrom('movements')
    .select('shipment_id as shipmentId')
    .distinct()
    .where('shipment_id', 'in', shipmentIds)
    .execute()
  return new Set(rows.map(({ shipmentId }) => shipmentId))
}
