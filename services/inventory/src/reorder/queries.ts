import type { Db, Trx } from '@storewright/database'
import { sql } from 'kysely'
import { readInChunks, type Database, type ReorderPolicy, type StockAlert } from '../database.ts'

export interface ReorderRule {
  sku: string
  locationId: number
  policy: ReorderPolicy
  /** Units; null on a computed rule that waits for its first suggestion. */
  reorderPoint: number | null
  reorderQuantity: number | null
  upTo: number | null
  /** 1 where the rule makes purchase orders. */
  automatic: number
  supplierId: string | null
  leadTimeDays: number | null
  lowStockThreshold: number | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const rules = (db: Db<Database>) =>
  db
    .selectFrom('reorder_rules')
    .select(['sku', 'location_id as locationId', 'policy', 'reorder_point as reorderPoint'])
    .select(['reorder_quantity as reorderQuantity', 'up_to as upTo', 'automatic'])
    .select(['supplier_id as supplierId', 'lead_time_days as leadTimeDays'])
    .select(['low_stock_threshold as lowStockThreshold', 'version'])
    .select(['created_at as createdAt', 'updated_at as updatedAt'])

export const findRule = (db: Db<Database>, sku: string, location: string): Promise<ReorderRule | undefined> =>
  rules(db)
    .where('sku', '=', sku)
    .where('location_id', '=', sql<number>`(select id from locations where code = ${location})`)
    .executeTakeFirst()

/** Rules are written only under the lock of their SKU's stock, which who reads them to act on them has. */
export const listRules = (db: Db<Database>, skus: readonly string[]): Promise<ReorderRule[]> =>
  readInChunks([...new Set(skus)], (chunk) => rules(db).where('sku', 'in', chunk).execute())

export const upsertRule = (trx: Trx<Database>, rule: ReorderRule) => {
  const columns = {
    policy: rule.policy,
    reorder_point: rule.reorderPoint,
    reorder_quantity: rule.reorderQuantity,
    up_to: rule.upTo,
    automatic: rule.automatic,
    supplier_id: rule.supplierId,
    lead_time_days: rule.leadTimeDays,
    low_stock_threshold: rule.lowStockThreshold,
    version: rule.version,
    updated_at: rule.updatedAt,
  }
  return trx
    .insertInto('reorder_rules')
    .values({ sku: rule.sku, location_id: rule.locationId, created_at: rule.createdAt, ...columns })
    .onDuplicateKeyUpdate(columns)
    .execute()
}

export const deleteRuleRow = (trx: Trx<Database>, sku: string, locationId: number) =>
  trx.deleteFrom('reorder_rules').where('sku', '=', sku).where('location_id', '=', locationId).execute()

/** Writes points and quantities that were computed; a version counts only what people change. */
export const updateComputed = (trx: Trx<Database>, changed: readonly ReorderRule[]) =>
  sql`insert into reorder_rules
      (sku, location_id, policy, reorder_point, reorder_quantity, automatic, created_at, updated_at)
    values ${sql.join(
      changed.map(
        (rule) =>
          sql`(${rule.sku}, ${rule.locationId}, ${rule.policy}, ${rule.reorderPoint}, ${rule.reorderQuantity},
            ${rule.automatic}, ${rule.createdAt}, ${rule.updatedAt})`,
      ),
    )}
    on duplicate key update reorder_point = values(reorder_point), reorder_quantity = values(reorder_quantity)`.execute(
    trx,
  )

/** What the last run of the job suggests for a SKU at a location. */
export const findSuggested = (db: Db<Database>, sku: string, locationId: number) =>
  db
    .selectFrom('suggestions')
    .select(['reorder_point as reorderPoint', 'reorder_quantity as reorderQuantity'])
    .where('sku', '=', sku)
    .where('location_id', '=', locationId)
    .executeTakeFirst()

/** Levels that have reached their reorder point and were not looked at, of what is still sold, in key order; nothing is locked. */
export const listDue = (
  db: Db<Database>,
  after: { sku: string; locationId: number } | undefined,
  limit: number,
) =>
  db
    .selectFrom('stock')
    .select(['sku', 'location_id as locationId'])
    .select(sql<string>`(select code from locations where id = stock.location_id)`.as('location'))
    .where('reorder_state', '=', 'due')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('list_prices as p')
            .select('p.sku')
            .whereRef('p.sku', '=', 'stock.sku')
            .where('p.discontinued', '=', 1),
        ),
      ),
    )
    .$if(after !== undefined, (query) =>
      query
        .where('sku', '>=', after?.sku ?? '')
        .where(({ eb, or }) =>
          or([eb('sku', '>', after?.sku ?? ''), eb('location_id', '>', after?.locationId ?? 0)]),
        ),
    )
    .orderBy('sku')
    .orderBy('location_id')
    .limit(limit)
    .execute()

export type DueLevel = Awaited<ReturnType<typeof listDue>>[number]

interface AlertFilter {
  level: StockAlert | undefined
  /** Only what comes after this one in the list. */
  before: { at: Date; sku: string; locationId: number } | undefined
  limit: number
}

/** Open alerts, the latest first; of one time by SKU and location, as the index has them. */
export const listAlerts = async (db: Db<Database>, { level, before, limit }: AlertFilter) => {
  const rows = await db
    .selectFrom('stock')
    .select(['sku', 'location_id as locationId', 'alert as level', 'alerted_at as since'])
    .select(['low_stock_threshold as threshold', sql<number>`on_hand - reserved`.as('available')])
    .select(sql<string>`(select code from locations where id = stock.location_id)`.as('location'))
    .$if(level !== undefined, (query) => query.where('alert', '=', level ?? 'low'))
    .where('alerted_at', 'is not', null)
    .$if(before !== undefined, (query) => {
      const { at, sku, locationId } = before!
      return query
        .where('alerted_at', '<=', at)
        .where(({ eb, or, and }) =>
          or([
            eb('alerted_at', '<', at),
            eb('sku', '<', sku),
            and([eb('sku', '=', sku), eb('location_id', '<', locationId)]),
          ]),
        )
    })
    .orderBy('alerted_at', 'desc')
    .orderBy('sku', 'desc')
    .orderBy('location_id', 'desc')
    .limit(limit)
    .execute()
  return rows.flatMap(({ level: alert, since, ...row }) =>
    alert && since ? [{ ...row, level: alert, since }] : [],
  )
}

export type Alert = Awaited<ReturnType<typeof listAlerts>>[number]
