import { insertRows, nowSql, overwriteExcept, parseJson, type Db, type Trx } from '@storewright/database'
import { sql, type Insertable, type Selectable } from 'kysely'
import { MAIN_LOCATION_ID, readInChunks, type Database, type SuggestionsTable } from '../database.ts'
import type { AbcClass } from './formulas.ts'

/** In place of a location: all of them together. */
export const EVERYWHERE = 0

export const readDatabaseTime = async (db: Db<Database>): Promise<Date> => {
  const { rows } = await sql<{ now: Date }>`select ${nowSql} as now`.execute(db)
  return rows[0]?.now ?? new Date()
}

/** When the last whole run was: SKUs are computed in order, so it is when the last of them was. */
export const findLastRun = async (db: Db<Database>): Promise<Date | undefined> => {
  const row = await db
    .selectFrom('suggestions')
    .select('computed_at as computedAt')
    .where('location_id', '=', EVERYWHERE)
    .orderBy('sku', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.computedAt
}

/** Known SKUs in order, with the time of their first movement and their prices, where they have any. */
export const listSkus = async (db: Db<Database>, { after, limit }: { after: string; limit: number }) => {
  const rows = await db
    .selectFrom('stock as s')
    .leftJoin('list_prices as p', 'p.sku', 's.sku')
    .select(['s.sku', 'p.prices'])
    .where('s.location_id', '=', MAIN_LOCATION_ID)
    .where('s.sku', '>', after)
    .orderBy('s.sku')
    .limit(limit)
    .execute()
  const firsts = await listFirstMovements(
    db,
    rows.map(({ sku }) => sku),
  )
  return rows.map(({ sku, prices }) => ({
    sku,
    prices: prices === null ? {} : parseJson(prices),
    firstMovedAt: firsts.get(sku),
  }))
}

const listFirstMovements = async (db: Db<Database>, skus: readonly string[]) => {
  const rows = await readInChunks(skus, (chunk) =>
    db
      .selectFrom('movements')
      .select(({ fn }) => ['sku', fn.min('recorded_at').as('at')])
      .where('sku', 'in', chunk)
      .groupBy('sku')
      .execute(),
  )
  return new Map(rows.map(({ sku, at }) => [sku, at]))
}

/** What each location has of the SKUs, and how long an order takes: by its rule, else by the rule's supplier, else null. */
export const listLevels = (db: Db<Database>, skus: readonly string[]) =>
  readInChunks(skus, (chunk) =>
    db
      .selectFrom('stock as s')
      .leftJoin('reorder_rules as r', (join) =>
        join.onRef('r.sku', '=', 's.sku').onRef('r.location_id', '=', 's.location_id'),
      )
      .leftJoin('suppliers as p', 'p.id', 'r.supplier_id')
      .select(['s.sku', 's.location_id as locationId', 's.on_hand as onHand', 's.reserved'])
      .select(({ fn }) => fn.coalesce('r.lead_time_days', 'p.lead_time_days').as('leadTimeDays'))
      .where('s.sku', 'in', chunk)
      .orderBy('s.sku')
      .execute(),
  )

interface DailySales {
  sku: string
  locationId: number
  /** How many times 24 hours ago. */
  day: number
  units: number
}

/** What was sold in each 24 hours before `now`; from an index alone. */
export const listDailySales = (
  db: Db<Database>,
  skus: readonly string[],
  { now, days }: { now: Date; days: number },
) =>
  readInChunks(skus, async (chunk) => {
    const { rows } = await sql<DailySales>`
      select sku, location_id as locationId, timestampdiff(second, recorded_at, ${now}) div 86400 as day,
        sum(-delta) as units
      from movements force index (movements_by_sku_and_time)
      where sku in (${sql.join(chunk)}) and kind = 'sale'
        and recorded_at > ${new Date(now.getTime() - days * 86_400_000)} and recorded_at <= ${now}
      group by sku, location_id, day`.execute(db)
    return rows
  })

export type SuggestionRow = Omit<SuggestionsTable, 'abc' | 'computed_at'> & { computed_at: Date }

/** The class of what is known already stays; it is of all SKUs, and found after them. */
export const upsertSuggestions = (trx: Trx<Database>, suggestions: readonly SuggestionRow[]) => {
  const rows = suggestions.map((row) => ({ ...row, abc: 'C' as const }))
  return insertRows(trx, 'suggestions', rows, {
    onDuplicate: overwriteExcept(rows, ['sku', 'location_id', 'abc']),
  })
}

export const sumYearlyValue = async (db: Db<Database>): Promise<number> => {
  const { total } = await db
    .selectFrom('suggestions')
    .select(({ fn }) => fn.sum<number | null>('yearly_value').as('total'))
    .where('location_id', '=', EVERYWHERE)
    .executeTakeFirstOrThrow()
  return Number(total ?? 0)
}

interface Valued {
  sku: string
  yearlyValue: number
  abc: AbcClass
}

/** SKUs by what a year's demand is worth, the most valuable first; unforced, the index is read from all equal values on. */
export const listByValue = async (
  db: Db<Database>,
  after: Valued | undefined,
  limit: number,
): Promise<Valued[]> => {
  const later =
    after &&
    sql`and (yearly_value < ${after.yearlyValue} or (yearly_value = ${after.yearlyValue} and sku < ${after.sku}))`
  const { rows } = await sql<Valued>`
    select sku, yearly_value as yearlyValue, abc from suggestions force index (suggestions_by_value)
    where location_id = ${EVERYWHERE} ${later ?? sql``}
    order by yearly_value desc, sku desc limit ${limit}`.execute(db)
  return rows
}

export const updateClass = (db: Db<Database>, skus: readonly string[], abc: AbcClass) =>
  db.updateTable('suggestions').set({ abc }).where('sku', 'in', skus).execute()

export interface SuggestionFilter {
  /** All locations together where it is absent. */
  locationId?: number | undefined
  sku?: string | undefined
  abc?: AbcClass | undefined
  slow?: boolean | undefined
  after: string
  limit: number
}

export const listSuggestions = (
  db: Db<Database>,
  { locationId = EVERYWHERE, sku, abc, slow, after, limit }: SuggestionFilter,
) =>
  db
    .selectFrom('suggestions')
    .selectAll()
    .where('location_id', '=', locationId)
    .$if(sku !== undefined, (query) => query.where('sku', '=', sku ?? ''))
    .$if(abc !== undefined, (query) => query.where('abc', '=', abc ?? 'C'))
    .$if(slow !== undefined, (query) => query.where('slow', '=', slow ? 1 : 0))
    .where('sku', '>', after)
    .orderBy('sku')
    .limit(limit)
    .execute()

export type ListedSuggestion = Awaited<ReturnType<typeof listSuggestions>>[number]

/** Keeps the newest version of each; of one version the later, since a repeat has the state as it is by now. */
export const upsertListPrices = (
  trx: Trx<Database>,
  copies: readonly Insertable<Database['list_prices']>[],
) =>
  insertRows(trx, 'list_prices', copies, {
    onDuplicate: `prices = if(values(version) >= version, values(prices), prices),
      product_id = if(values(version) >= version, values(product_id), product_id),
      discontinued = if(values(version) >= version, values(discontinued), discontinued),
      version = greatest(version, values(version))`,
  })

/** Every list price of the products, locked and read as it is by now; without the forced index other rows block. */
export const lockListPrices = (trx: Trx<Database>, productIds: readonly string[]) =>
  readInChunks(productIds, async (chunk) => {
    const { rows } = await sql<Selectable<Database['list_prices']>>`
      select sku, product_id, version, prices, discontinued
      from list_prices force index (list_prices_by_product)
      where product_id in (${sql.join(chunk)}) order by product_id, sku for update`.execute(trx)
    return rows
  })
