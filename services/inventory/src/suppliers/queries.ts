import { parseJson, type Db, type Trx } from '@storewright/database'
import { sql } from 'kysely'
import type { Database } from '../database.ts'

export interface Supplier {
  id: string
  name: string
  /** From an order to its receipt. */
  leadTimeDays: number
  /** How many come together, ascending; without any the supplier sells every quantity. */
  packSizes: number[]
  version: number
  createdAt: Date
  updatedAt: Date
}

const suppliers = (db: Db<Database>) =>
  db
    .selectFrom('suppliers')
    .select(['id', 'name', 'lead_time_days as leadTimeDays', 'pack_sizes as packSizes', 'version'])
    .select(['created_at as createdAt', 'updated_at as updatedAt'])
    .where('deleted', '=', 0)

type Row = Awaited<ReturnType<ReturnType<typeof suppliers>['execute']>>[number]
const toSupplier = (row: Row): Supplier => ({ ...row, packSizes: parseJson<number[]>(row.packSizes) })

export const findSupplier = async (db: Db<Database>, id: string) => {
  const row = await suppliers(db).where('id', '=', id).executeTakeFirst()
  return row && toSupplier(row)
}

/** By name would need an index of text; ids rise with the time of their making. */
export const listSuppliers = async (
  db: Db<Database>,
  { after, limit }: { after: string; limit: number },
): Promise<Supplier[]> =>
  (await suppliers(db).where('id', '>', after).orderBy('id').limit(limit).execute()).map(toSupplier)

export const lockSupplier = async (trx: Trx<Database>, id: string) => {
  const row = await suppliers(trx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toSupplier(row)
}

/** Keeps suppliers from being deleted or changed until the transaction ends; by id, deleted ones left out. */
export const lockSuppliersShared = async (trx: Trx<Database>, ids: Iterable<string>) => {
  const wanted = [...new Set(ids)].sort()
  if (wanted.length === 0) return new Map<string, Supplier>()
  const rows = await suppliers(trx)
    .where('id', 'in', wanted)
    .orderBy('id')
    .modifyEnd(sql`lock in share mode`)
    .execute()
  return new Map(rows.map((row) => [row.id, toSupplier(row)]))
}

const columnsOf = ({ name, leadTimeDays, packSizes, version, updatedAt }: Supplier) => ({
  name,
  lead_time_days: leadTimeDays,
  pack_sizes: JSON.stringify(packSizes),
  version,
  updated_at: updatedAt,
})

export const insertSupplier = (trx: Trx<Database>, supplier: Supplier) =>
  trx
    .insertInto('suppliers')
    .values({ id: supplier.id, created_at: supplier.createdAt, ...columnsOf(supplier) })
    .execute()

export const updateSupplier = (trx: Trx<Database>, supplier: Supplier) =>
  trx.updateTable('suppliers').set(columnsOf(supplier)).where('id', '=', supplier.id).execute()

export const markDeleted = (trx: Trx<Database>, id: string, now: Date) =>
  trx.updateTable('suppliers').set({ deleted: 1, updated_at: now }).where('id', '=', id).execute()

/** A number of an open order with the supplier, and a SKU whose rule names it, where there are any. */
export const findUse = async (trx: Trx<Database>, supplierId: string) => {
  const order = await trx
    .selectFrom('purchase_orders')
    .select('seq')
    .where('supplier_id', '=', supplierId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  const rule = await trx
    .selectFrom('reorder_rules')
    .select('sku')
    .where('supplier_id', '=', supplierId)
    .limit(1)
    .executeTakeFirst()
  return { openOrder: order?.seq, ruleOf: rule?.sku }
}
