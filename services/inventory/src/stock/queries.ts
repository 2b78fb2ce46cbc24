import { sql } from 'kysely'
import { insertRows, nowSql, type Db, type Trx } from '@storewright/database'
import { inChunks, MAIN_LOCATION_ID, readInChunks, type Database, type MovementKind } from '../database.ts'
import type { StockLevel } from './stock.ts'

/** A subquery: with a join the optimizer starts from the small table and sorts every result. */
const codeOf = (table: 'stock' | 'movements') =>
  sql<string>`(select code from locations where id = ${sql.ref(`${table}.location_id`)})`.as('location')

const priority = sql<number>`(select priority from locations where id = stock.location_id)`

/** What every location has of each SKU, sorted by SKU and priority; unknown SKUs are left out. */
export const listStockLevels = (db: Db<Database>, skus: string[]) =>
  db
    .selectFrom('stock')
    .select(['sku', codeOf('stock'), 'on_hand as onHand', 'reserved'])
    .where('sku', 'in', skus)
    .orderBy('sku')
    .orderBy(priority)
    .orderBy('location_id')
    .execute()

export const listKnownSkus = async (db: Db<Database>, skus: readonly string[]): Promise<Set<string>> => {
  const atMain = db.selectFrom('stock').select('sku').where('location_id', '=', MAIN_LOCATION_ID)
  const rows = await readInChunks(skus, (chunk) => atMain.where('sku', 'in', chunk).execute())
  return new Set(rows.map(({ sku }) => sku))
}

/** A page of the known SKUs, or of those named. */
export const listSkusAfter = (
  db: Db<Database>,
  { after, limit, skus }: { after: string; limit: number; skus: string[] | null },
) =>
  db
    .selectFrom('stock')
    .select('sku')
    .where('location_id', '=', MAIN_LOCATION_ID)
    .where('sku', '>', after)
    .$if(skus !== null, (query) => query.where('sku', 'in', skus ?? []))
    .orderBy('sku')
    .limit(limit)
    .execute()

/** A page of the known SKUs, each with the number of its last event. */
export const listSkuVersions = (db: Db<Database>, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('stock')
    .select([
      'sku',
      sql<number>`coalesce((select version from event_sequences where subject = stock.sku), 0)`.as('version'),
    ])
    .where('location_id', '=', MAIN_LOCATION_ID)
    .where('sku', '>', after)
    .orderBy('sku')
    .limit(limit)
    .execute()

/** Makes SKUs known, with nothing in stock. Reads first: rows that exist may be hot and must not be locked for this. */
export const insertUnknownSkus = async (trx: Trx<Database>, skus: Iterable<string>) => {
  const wanted = [...new Set(skus)].sort()
  const known = await listKnownSkus(trx, wanted)
  const rows = wanted
    .filter((sku) => !known.has(sku))
    .map((sku) => ({ sku, location_id: MAIN_LOCATION_ID, on_hand: 0, reserved: 0 }))
  await inChunks(rows, (chunk) =>
    trx
      .insertInto('stock')
      .values(chunk)
      // Another replica may make the same row at the same time.
      .onDuplicateKeyUpdate({ sku: sql`values(sku)` })
      .execute(),
  )
}

const readWatchedLevels = async (db: Db<Database>, skus: Iterable<string>, lock = sql``) => {
  const wanted = [...new Set(skus)].sort()
  if (wanted.length === 0) return []
  const { rows } = await sql<StockLevel & { now: Date }>`
    select sku, location_id as locationId, ${priority} as priority, on_hand as onHand, reserved,
      counted_at as countedAt, low_stock_threshold as lowStockThreshold, alert, alerted_at as alertedAt,
      reorder_point as reorderPoint, reorder_state as reorderState, ${nowSql} as now
    from stock force index (primary)
    where sku in (${sql.join(wanted)})
    order by sku, location_id
    ${lock}`.execute(db)
  return rows
}

/** Locks in key order, against deadlocks; without the forced index a small table is scanned, and other rows block. */
export const lockStockLevels = (trx: Trx<Database>, skus: Iterable<string>) =>
  readWatchedLevels(trx, skus, sql`for update`)

/** The same without locks. */
export const listWatchedLevels = (db: Db<Database>, skus: readonly string[]): Promise<StockLevel[]> =>
  readWatchedLevels(db, skus)

/** Writes levels as they are in memory; their SKUs are locked, so nobody else has changed them. */
export const upsertStockLevels = (trx: Trx<Database>, levels: readonly StockLevel[]) =>
  inChunks(levels, (chunk) =>
    trx
      .insertInto('stock')
      .values(
        chunk.map((level) => ({
          sku: level.sku,
          location_id: level.locationId,
          on_hand: level.onHand,
          reserved: level.reserved,
          counted_at: level.countedAt,
          low_stock_threshold: level.lowStockThreshold,
          alert: level.alert,
          alerted_at: level.alertedAt,
          reorder_point: level.reorderPoint,
          reorder_state: level.reorderState,
        })),
      )
      .onDuplicateKeyUpdate({
        on_hand: sql`values(on_hand)`,
        reserved: sql`values(reserved)`,
        counted_at: sql`values(counted_at)`,
        low_stock_threshold: sql`values(low_stock_threshold)`,
        alert: sql`values(alert)`,
        alerted_at: sql`values(alerted_at)`,
        reorder_point: sql`values(reorder_point)`,
        reorder_state: sql`values(reorder_state)`,
      })
      .execute(),
  )

export interface NewMovement {
  readonly id: string
  readonly sku: string
  readonly locationId: number
  readonly kind: MovementKind
  readonly delta: number
  /** On hand at the location afterwards. */
  readonly balance: number
  readonly reason: string
  readonly reference?: string | undefined
  readonly orderId?: string
  readonly shipmentId?: string
  readonly recordedBy?: string
  readonly correlationId?: string | undefined
}

export const insertMovements = (trx: Trx<Database>, movements: readonly NewMovement[], now: Date) =>
  inChunks(movements, (chunk) =>
    trx
      .insertInto('movements')
      .values(
        chunk.map((movement) => ({
          id: movement.id,
          sku: movement.sku,
          location_id: movement.locationId,
          kind: movement.kind,
          delta: movement.delta,
          balance: movement.balance,
          reason: movement.reason,
          reference: movement.reference ?? null,
          order_id: movement.orderId ?? null,
          shipment_id: movement.shipmentId ?? null,
          recorded_by: movement.recordedBy ?? null,
          correlation_id: movement.correlationId?.slice(0, 128) ?? null,
          recorded_at: now,
        })),
      )
      .execute(),
  )

export interface MovementFilter {
  location?: string | undefined
  /** Only what came before this one. */
  before: number | undefined
  limit: number
}

/** The ledger of a SKU, newest first. */
export const listMovements = (db: Db<Database>, sku: string, { location, before, limit }: MovementFilter) =>
  db
    .selectFrom('movements')
    .select(['seq', 'id', 'kind', 'delta', 'balance', 'reason', 'reference'])
    .select(['order_id as orderId', 'shipment_id as shipmentId'])
    .select(['recorded_by as recordedBy', 'recorded_at as recordedAt', 'correlation_id as correlationId'])
    .select(codeOf('movements'))
    .where('sku', '=', sku)
    .$if(location !== undefined, (query) =>
      query.where('location_id', '=', sql<number>`(select id from locations where code = ${location})`),
    )
    .$if(before !== undefined, (query) => query.where('seq', '<', before ?? 0))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()

export type ListedMovement = Awaited<ReturnType<typeof listMovements>>[number]

interface CountedLine {
  sku: string
  location: string
  line: number
}

/** On which earlier lines of an import these SKUs were counted, at each location. */
export const listCountedLines = (
  trx: Trx<Database>,
  importId: string,
  skus: readonly string[],
): Promise<CountedLine[]> =>
  readInChunks([...new Set(skus)], (chunk) =>
    trx
      .selectFrom('stocktake_lines')
      .select(['sku', 'location', 'line'])
      .where('import_id', '=', importId)
      .where('sku', 'in', chunk)
      .execute(),
  )

export const insertCountedLines = (trx: Trx<Database>, importId: string, lines: readonly CountedLine[]) =>
  insertRows(
    trx,
    'stocktake_lines',
    lines.map(({ sku, location, line }) => ({ import_id: importId, sku, location, line })),
  )
