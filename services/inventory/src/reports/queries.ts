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
  location?: string | undefined
}

/** What movements can be added up by, as expressions. */
const DIMENSIONS = {
  day: sql`cast(date(m.recorded_at) as char)`,
  sku: sql`m.sku`,
  location: sql`l.code`,
  kind: sql`m.kind`,
  reason: sql`m.reason`,
}
export type Dimension = keyof typeof DIMENSIONS
export const dimensions = Object.keys(DIMENSIONS) as Dimension[]

export type MovementTotals = Partial<Record<Dimension, string>> &
  Record<'movements' | 'unitsIn' | 'unitsOut' | 'net', number>

const narrowed = (alias: 'm' | 's', { sku, location }: ReportFilter) => sql`
  ${sku === undefined ? sql`` : sql`and ${sql.ref(`${alias}.sku`)} = ${sku}`}
  ${
    location === undefined
      ? sql``
      : sql`and ${sql.ref(`${alias}.location_id`)} = (select id from locations where code = ${location})`
  }`

/** The ledger of a range added up, sorted by what it is grouped by, as the server sends it. */
export const streamMovementTotals = (
  db: Db<Database>,
  groupBy: readonly Dimension[],
  { from, to }: Range,
  filter: ReportFilter,
) => {
  const columns = groupBy.map((name) => sql`${DIMENSIONS[name]} as ${sql.ref(name)}`)
  const names = groupBy.map((name) => sql.ref(name))
  const statement = sql<MovementTotals>`
    select ${sql.join(columns)}, count(*) as movements, sum(greatest(m.delta, 0)) as unitsIn,
      sum(greatest(-m.delta, 0)) as unitsOut, sum(m.delta) as net
    from movements m straight_join locations l on l.id = m.location_id
    where m.recorded_at >= ${from} and m.recorded_at < ${to} ${narrowed('m', filter)}
    group by ${sql.join(names)} order by ${sql.join(names)}`
  return streamRows<MovementTotals>(db, statement.compile(db))
}

export interface StockTurn {
  sku: string
  sold: number
  /** On hand when the period began. */
  opening: number
  closing: number
  average: number
}

/**
 * Of each SKU what was sold and what was on hand on average, by time: each change counts for the part of the period that
 * it lasted. What was on hand at first is what is now without all that moved since.
 */
export const streamTurnover = (db: Db<Database>, { from, to }: Range, filter: ReportFilter) => {
  const statement = sql<StockTurn>`
    select s.sku, coalesce(m.sold, 0) as sold, s.on_hand - coalesce(m.since, 0) as opening,
      s.on_hand - coalesce(m.since, 0) + coalesce(m.inside, 0) as closing,
      s.on_hand - coalesce(m.since, 0) + coalesce(m.weighted, 0) / timestampdiff(second, ${from}, ${to}) as average
    from (select s.sku, sum(s.on_hand) as on_hand from stock s where true ${narrowed('s', filter)} group by s.sku) s
    left join (
      select m.sku, sum(m.delta) as since, sum(if(m.recorded_at < ${to}, m.delta, 0)) as inside,
        sum(if(m.recorded_at < ${to}, m.delta * timestampdiff(second, m.recorded_at, ${to}), 0)) as weighted,
        sum(if(m.kind = 'sale' and m.recorded_at < ${to}, -m.delta, 0)) as sold
      from movements m
      where m.recorded_at >= ${from} ${narrowed('m', filter)}
      group by m.sku
    ) m on m.sku = s.sku
    order by s.sku`
  return streamRows<StockTurn>(db, statement.compile(db))
}
