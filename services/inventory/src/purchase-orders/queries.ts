import { insertRows, type Db, type Trx } from '@storewright/database'
import { sql } from 'kysely'
import { readInChunks, type Database, type PurchaseOrderStatus } from '../database.ts'

export interface OrderLine {
  sku: string
  locationId: number
  location: string
  ordered: number
  received: number
}

const orders = (db: Db<Database>) =>
  db
    .selectFrom('purchase_orders as o')
    .select(['o.id', 'o.seq', 'o.status', 'o.automatic', 'o.supplier_id as supplierId', 'o.version'])
    .select(sql<string | null>`(select name from suppliers where id = o.supplier_id)`.as('supplierName'))
    .select(['o.created_at as createdAt', 'o.submitted_at as submittedAt', 'o.expected_at as expectedAt'])
    .select(['o.ended_at as endedAt', 'o.updated_at as updatedAt'])

type OrderRow = Awaited<ReturnType<ReturnType<typeof orders>['execute']>>[number]
export type PurchaseOrder = OrderRow & { lines: OrderLine[] }

const withLines = async (db: Db<Database>, rows: readonly OrderRow[]): Promise<PurchaseOrder[]> => {
  if (rows.length === 0) return []
  const lines = await db
    .selectFrom('purchase_order_lines')
    .select(['order_id as orderId', 'sku', 'location_id as locationId', 'ordered', 'received'])
    .select(sql<string>`(select code from locations where id = location_id)`.as('location'))
    .where(
      'order_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('order_id')
    .orderBy('sku')
    .orderBy('location_id')
    .execute()
  const byOrder = Map.groupBy(lines, ({ orderId }) => orderId)
  return rows.map((row) => ({
    ...row,
    lines: (byOrder.get(row.id) ?? []).map(({ orderId: _, ...line }) => line),
  }))
}

export const findPurchaseOrder = async (db: Db<Database>, id: string) => {
  const rows = await orders(db).where('o.id', '=', id).execute()
  return (await withLines(db, rows))[0]
}

/** Who changes an order locks it first, and then the stock of its lines. */
export const lockPurchaseOrder = async (trx: Trx<Database>, id: string) => {
  const rows = await orders(trx).where('o.id', '=', id).forUpdate().execute()
  return (await withLines(trx, rows))[0]
}

export interface OrderFilter {
  status?: PurchaseOrderStatus | undefined
  supplierId?: string | undefined
  sku?: string | undefined
  /** Only orders that were made before this one. */
  before: string | undefined
  limit: number
}

/** By the lines of a SKU in their order: an order that has it at several locations counts once. */
const listIdsBySku = async (db: Db<Database>, { sku, status, supplierId, before, limit }: OrderFilter) => {
  const rows = await db
    .selectFrom('purchase_order_lines as l')
    .innerJoin('purchase_orders as o', 'o.id', 'l.order_id')
    .modifyFront(sql`straight_join`)
    .select('l.order_id as id')
    .where('l.sku', '=', sku ?? '')
    .$if(status !== undefined, (query) => query.where('o.status', '=', status ?? 'draft'))
    .$if(supplierId !== undefined, (query) => query.where('o.supplier_id', '=', supplierId ?? ''))
    .$if(before !== undefined, (query) => query.where('l.order_id', '<', before ?? ''))
    .groupBy('l.order_id')
    .orderBy('l.order_id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** The newest first. */
export const listPurchaseOrders = async (db: Db<Database>, filter: OrderFilter) => {
  const { sku, status, supplierId, before, limit } = filter
  const ids = sku === undefined ? undefined : await listIdsBySku(db, filter)
  if (ids?.length === 0) return []
  const rows = await orders(db)
    .$if(ids !== undefined, (query) => query.where('o.id', 'in', ids ?? []))
    .$if(status !== undefined, (query) => query.where('o.status', '=', status ?? 'draft'))
    .$if(supplierId !== undefined, (query) => query.where('o.supplier_id', '=', supplierId ?? ''))
    .$if(before !== undefined, (query) => query.where('o.id', '<', before ?? ''))
    .orderBy('o.id', 'desc')
    .limit(limit)
    .execute()
  return withLines(db, rows)
}

export interface NewOrder {
  id: string
  status: 'draft' | 'submitted'
  automatic: boolean
  supplierId: string | null
  createdBy: string | null
  submittedAt: Date | null
  expectedAt: Date | null
  lines: readonly Omit<OrderLine, 'received'>[]
}

/** Inserts orders with their lines; returns the place of each in the sequence of numbers. */
export const insertPurchaseOrders = async (trx: Trx<Database>, made: readonly NewOrder[], now: Date) => {
  await insertRows(
    trx,
    'purchase_orders',
    made.map((order) => ({
      id: order.id,
      status: order.status,
      automatic: Number(order.automatic),
      supplier_id: order.supplierId,
      created_by: order.createdBy,
      created_at: now,
      submitted_at: order.submittedAt,
      expected_at: order.expectedAt,
      updated_at: now,
    })),
  )
  await insertRows(
    trx,
    'purchase_order_lines',
    made.flatMap(({ id, automatic, lines }) =>
      lines.map(({ sku, locationId, ordered }) => ({
        order_id: id,
        sku,
        location_id: locationId,
        ordered,
        open_sku: sku,
        automatic_sku: automatic ? sku : null,
      })),
    ),
  )
  const rows = await readInChunks(
    made.map(({ id }) => id),
    (chunk) => trx.selectFrom('purchase_orders').select(['id', 'seq']).where('id', 'in', chunk).execute(),
  )
  return new Map(rows.map(({ id, seq }) => [id, seq]))
}

/** Moves a locked order on; only an end sets when it ended. */
export const updatePurchaseOrder = (
  trx: Trx<Database>,
  id: string,
  change: { status: PurchaseOrderStatus; supplierId?: string; submittedAt?: Date; expectedAt?: Date | null },
  now: Date,
) =>
  trx
    .updateTable('purchase_orders')
    .set({
      status: change.status,
      ...(change.supplierId !== undefined && { supplier_id: change.supplierId }),
      ...(change.submittedAt && { submitted_at: change.submittedAt, expected_at: change.expectedAt ?? null }),
      ended_at: change.status === 'received' || change.status === 'cancelled' ? now : null,
      version: sql<number>`version + 1`,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute()

/** Writes what has been received of a locked order's lines; a full one is not open any more. */
export const updateReceived = (trx: Trx<Database>, orderId: string, lines: readonly OrderLine[]) =>
  insertRows(
    trx,
    'purchase_order_lines',
    lines.map(({ sku, locationId, ordered, received }) => ({
      order_id: orderId,
      sku,
      location_id: locationId,
      ordered,
      received,
      open_sku: null,
      automatic_sku: null,
    })),
    {
      onDuplicate: `received = values(received), open_sku = if(values(received) < ordered, open_sku, null),
        automatic_sku = if(values(received) < ordered, automatic_sku, null)`,
    },
  )

export const closeLines = (trx: Trx<Database>, orderId: string) =>
  trx
    .updateTable('purchase_order_lines')
    .set({ open_sku: null, automatic_sku: null })
    .where('order_id', '=', orderId)
    .execute()

/** What is still to come of SKUs, at every location, drafts too. */
export const listOpenLines = (db: Db<Database>, skus: readonly string[]) =>
  readInChunks(skus, (chunk) =>
    db
      .selectFrom('purchase_order_lines as l')
      .innerJoin('purchase_orders as o', 'o.id', 'l.order_id')
      .select(['l.sku', 'l.location_id as locationId', 'o.id', 'o.seq', 'o.status'])
      .select(['o.expected_at as expectedAt', sql<number>`l.ordered - l.received`.as('outstanding')])
      .where('l.open_sku', 'in', chunk)
      .orderBy('o.id')
      .execute(),
  )
