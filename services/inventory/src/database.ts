import { idempotencyMigrations, loadMigrations } from '@storewright/database'
import { messagingMigrations } from '@storewright/messaging'
import type { ColumnType, Generated } from 'kysely'

type Instant = ColumnType<Date, Date, Date>
type MaybeInstant = ColumnType<Date | null, Date | null | undefined, Date | null>

export type MovementKind = 'receipt' | 'sale' | 'return' | 'adjustment' | 'count' | 'transfer'
export type StockAlert = 'low' | 'out'
export type ReorderState = 'due' | 'ordered'
export type ReorderPolicy = 'fixed' | 'up_to' | 'computed'
export type PurchaseOrderStatus = 'draft' | 'submitted' | 'partly_received' | 'received' | 'cancelled'
export type ReservationState = 'held' | 'confirmed' | 'committed' | 'cancelled' | 'expired' | 'rejected'

export interface LocationsTable {
  id: Generated<number>
  code: string
  name: string
  /** Orders take from the lower ones first, of equal ones from the lower id. */
  priority: number
  version: Generated<number>
  created_at: Instant
}

export interface StockTable {
  sku: string
  location_id: number
  on_hand: number
  reserved: number
  counted_at: MaybeInstant
  low_stock_threshold: ColumnType<number | null, number | null | undefined, number | null>
  alert: ColumnType<StockAlert | null, StockAlert | null | undefined, StockAlert | null>
  alerted_at: MaybeInstant
  reorder_point: ColumnType<number | null, number | null | undefined, number | null>
  reorder_state: ColumnType<ReorderState | null, ReorderState | null | undefined, ReorderState | null>
}

export interface MovementsTable {
  seq: Generated<number>
  id: string
  sku: string
  location_id: number
  kind: MovementKind
  delta: number
  balance: number
  reason: string
  reference: string | null
  order_id: string | null
  shipment_id: string | null
  recorded_by: string | null
  /** Of the request or the event that caused it; null where it is older than the column. */
  correlation_id: string | null
  recorded_at: Instant
}

export interface ReservationsTable {
  order_id: string
  state: ReservationState
  expires_at: MaybeInstant
  created_at: Instant
  updated_at: Instant
}

export interface ReservationLinesTable {
  order_id: string
  sku: string
  location_id: number
  quantity: number
  held: number
  shipped: number
}

export interface SuggestionsTable {
  sku: string
  /** 0: all locations together. */
  location_id: number
  window_days: number
  units_sold: number
  per_day: number
  deviation: number
  on_hand: number
  available: number
  days_of_cover: number | null
  lead_time_days: number
  safety_stock: number
  reorder_point: number
  economic_quantity: number | null
  reorder_quantity: number
  yearly_value: number
  abc: 'A' | 'B' | 'C'
  stock_state: 'slow' | 'dead' | null
  slow: number
  computed_at: Instant
}

interface ListPricesTable {
  sku: string
  product_id: string
  version: number
  prices: ColumnType<string | Record<string, number>, string, string>
  /** 1 where the SKU is not sold any more. */
  discontinued: Generated<number>
}

interface StocktakeLinesTable {
  import_id: string
  sku: string
  location: string
  line: number
}

interface SuppliersTable {
  id: string
  name: string
  lead_time_days: number
  pack_sizes: ColumnType<string | number[], string, string>
  version: number
  deleted: Generated<number>
  created_at: Instant
  updated_at: Instant
}

interface ReorderRulesTable {
  sku: string
  location_id: number
  policy: ReorderPolicy
  reorder_point: number | null
  reorder_quantity: number | null
  up_to: number | null
  automatic: number
  supplier_id: string | null
  lead_time_days: number | null
  low_stock_threshold: number | null
  version: number
  created_at: Instant
  updated_at: Instant
}

interface PurchaseOrdersTable {
  id: string
  seq: Generated<number>
  status: PurchaseOrderStatus
  automatic: number
  supplier_id: string | null
  created_by: string | null
  version: Generated<number>
  created_at: Instant
  submitted_at: MaybeInstant
  expected_at: MaybeInstant
  ended_at: MaybeInstant
  updated_at: Instant
}

interface PurchaseOrderLinesTable {
  order_id: string
  sku: string
  location_id: number
  ordered: number
  received: Generated<number>
  open_sku: string | null
  automatic_sku: string | null
}

export interface Database {
  locations: LocationsTable
  stock: StockTable
  movements: MovementsTable
  reservations: ReservationsTable
  reservation_lines: ReservationLinesTable
  stocktake_lines: StocktakeLinesTable
  suggestions: SuggestionsTable
  list_prices: ListPricesTable
  suppliers: SuppliersTable
  reorder_rules: ReorderRulesTable
  purchase_orders: PurchaseOrdersTable
  purchase_order_lines: PurchaseOrderLinesTable
}

/** The default location: made by the first migration, where every known SKU has a row, and where no other is named. */
export const MAIN_LOCATION_ID = 1
export const MAIN_LOCATION = 'main'

/** Enough rows that a statement's fixed cost is nothing, few enough for any server's packet limit. */
const ROWS_PER_STATEMENT = 1_000

/** Passes values on in chunks that fit one statement; without values there is no statement. */
export const inChunks = async <Value>(
  values: readonly Value[],
  use: (chunk: Value[]) => Promise<unknown>,
): Promise<void> => {
  for (let from = 0; from < values.length; from += ROWS_PER_STATEMENT) {
    await use(values.slice(from, from + ROWS_PER_STATEMENT))
  }
}

/** The rows that queries by chunks of values return, in their order. */
export const readInChunks = async <Value, Row>(
  values: readonly Value[],
  read: (chunk: Value[]) => Promise<Row[]>,
): Promise<Row[]> => {
  const rows: Row[] = []
  await inChunks(values, async (chunk) => rows.push(...(await read(chunk))))
  return rows
}

/** All that makes the service's schema. */
export const allMigrations = async () => ({
  ...messagingMigrations,
  ...idempotencyMigrations,
  ...(await loadMigrations(new URL('../migrations/', import.meta.url))),
})
