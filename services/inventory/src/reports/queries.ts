import { streamRows, type Db } from '@storewright/database'
import { sql } from 'kysely'
import type { Database } from '../database.ts'

export interface Range {
  from: Date
  /** Exclusive. */
  to: Date
}

export interface ReportFilter {
  sku?: string | undefined
  locationId?: number | undefined
}

/** What movements can be added up by, as expressions. */
const DIMENSIONS = {
  day: sql`cast(date(m.recorded_at) as char)`,
  sku: sql`m.sku`,
  location: sql`l.code`,
  kind: sql`m.kind`,
  reason: sql`m.reason collate utf8mb4_bin`,
}
export type Dimension = keyof typeof DIMENSIONS
export const dimensions = Object.keys(DIMENSIONS) as Dimension[]

export type MovementTotals = Partial<Record<Dimension, string>> &
  Record<'movements' | 'unitsIn' | 'unitsOut' | 'net', number>

const narrowed = (alias: 'm' | 's', { sku, locationId }: ReportFilter) => sql`
  ${sku === undefined ? sql`` : sql`and ${sql.ref(`${alias}.sku`)} = ${sku}`}
  ${locationId === undefined ? sql`` : sql`and ${sql.ref(`${alias}.location_id`)} = ${locationId}`}`

/** The ledger of a range added up, sorted by what it is grouped by, as the server sends it. */
export const streamMovementTotals = (
  db: Db<Database>,
  groupBy: readonly Dimension[],
  { from, to }: Range,
  filter: ReportFilter,
) => {
  const columns = groupBy.map((name) => sql`${DIMENSIONS[name]} as ${sql.ref(name)}`)
  // By position: the name `reason` would be the column, in whose collation "broken" and "Broken" are one.
  const positions = groupBy.map((_, index) => sql.lit(index + 1))
  const statement = sql<MovementTotals>`
    select ${sql.join(columns)}, count(*) as movements, sum(greatest(m.delta, 0)) as unitsIn,
      sum(greatest(-m.delta, 0)) as unitsOut, sum(m.delta) as net
    from movements m straight_join locations l on l.id = m.location_id
    where m.recorded_at >= ${from} and m.recorded_at < ${to} ${narrowed('m', filter)}
    group by ${sql.join(positions)} order by ${sql.join(positions)}`
  return streamRows<MovementTotals>(db, statement.compile(db))
}

/** What moved of a SKU in one period, nulls where nothing ever did. */
export interface StockChange {
  sku: string
  /** By now. */
  onHand: number
  /** Index of the period; as many as there are: later than all of them. */
  period: number | null
  net: number | null
  /** Each change times the microseconds until the period's end. */
  weighted: number | string | null
  sold: number | null
}

/** What moved of each SKU in each of the adjoining periods and since, in one reading of the ledger; sorted by SKU. */
export const streamStockChanges = (db: Db<Database>, periods: readonly Range[], filter: ReportFilter) => {
  const after = periods.map(({ to }) => sql`(recorded_at >= ${to})`)
  const ends = periods.map(({ to }, index) => sql`when ${sql.lit(index)} then ${to}`)
  const statement = sql<StockChange>`
    select s.sku, s.on_hand as onHand, m.period, m.net, m.weighted, m.sold
    from (select s.sku, sum(s.on_hand) as on_hand from stock s where true ${narrowed('s', filter)} group by s.sku) s
    left join (
      select sku, period, sum(delta) as net, sum(if(kind = 'sale', -delta, 0)) as sold,
        sum(delta * cast(timestampdiff(microsecond, recorded_at, case period ${sql.join(ends, sql` `)}
          else recorded_at end) as decimal(20))) as weighted
      from (
        select m.sku, m.kind, m.delta, m.recorded_at, ${sql.join(after, sql` + `)} as period
        from movements m
        where m.recorded_at >= ${periods[0]?.from} ${narrowed('m', filter)}
      ) moved
      group by sku, period
    ) m on m.sku = s.sku
    order by s.sku`
  return streamRows<StockChange>(db, statement.compile(db))
}
