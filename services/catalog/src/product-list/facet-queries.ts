import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../database.ts'
import { MAX_EXACT, type Driver, type Filter, type ListScope } from './product-list.ts'
import { allOf, categoryId, from, inScope, keptCount, limited, matchesAll } from './queries.ts'

/** Matches that a driver reaches: few enough to read them all. */
export interface MatchSet {
  scope: ListScope
  filters: Filter[]
  driver: Driver
  timeoutMs: number
}

const setOf = ({ scope, filters, driver }: MatchSet) =>
  sql`select l.product_id, l.price_minor, l.in_stock from ${from(driver, 'newest')}
    where ${allOf([inScope(scope), ...matchesAll(filters, driver)])} limit ${sql.lit(MAX_EXACT)}`

const run = async <Row>(db: Db, timeoutMs: number, select: RawBuilder<unknown>) =>
  (await sql<Row>`${limited(timeoutMs, select)}`.execute(db)).rows

export const countMatches = async (db: Db, set: MatchSet) => {
  const [row] = await run<{ matches: number }>(
    db,
    set.timeoutMs,
    sql`count(*) as matches from (${setOf(set)}) l`,
  )
  return row?.matches ?? 0
}

export const countScope = async (db: Db, scope: ListScope, timeoutMs: number) => {
  const [row] = await run<{ matches: number }>(db, timeoutMs, sql`${keptCount(scope)} as matches`)
  return row?.matches ?? 0
}

export interface ValueCount {
  nameKey: string
  name: string
  value: string
  count: number
}

/** How many matches have each value of these attributes, or of all: products count once for each of their values. */
export const countAttributeValues = (db: Db, set: MatchSet, nameKeys: string[] | 'all') =>
  run<ValueCount>(
    db,
    set.timeoutMs,
    sql`a.name_key as nameKey, min(a.name) as name, min(a.value) as value, count(*) as count
      from (${setOf(set)}) l straight_join product_attributes a force index (primary) on a.product_id = l.product_id
      ${nameKeys === 'all' ? sql`` : sql`where a.name_key in (${sql.join(nameKeys)})`}
      group by a.name_key, a.value_key order by count desc, value`,
  )

export interface CategoryCount {
  slug: string
  name: string
  count: number
}

const below = (scope: ListScope) => sql`place.parent_key = ${categoryId(scope)}`
const inTreeOrder = sql`order by place.position, place.name, place.id`

/** How many matches are in or below each category that is directly below the scope's. */
export const countCategories = (db: Db, set: MatchSet) =>
  run<CategoryCount>(
    db,
    set.timeoutMs,
    sql`place.slug, place.name, count(*) as count
      from (${setOf(set)}) l
      straight_join listings on listings.product_id = l.product_id and listings.currency = ${set.scope.currency}
      straight_join categories place on place.id = listings.scope
      where ${below(set.scope)} group by place.id, place.slug, place.name, place.position ${inTreeOrder}`,
  )

export const listCategoryCounts = (db: Db, scope: ListScope, timeoutMs: number) =>
  run<CategoryCount>(
    db,
    timeoutMs,
    sql`place.slug, place.name, ${keptCount(scope, sql`place.id`)} as count from categories place
      where ${below(scope)} having count > 0 ${inTreeOrder}`,
  )

interface PriceRange {
  min: number | null
  max: number | null
}

export const findPriceRange = async (db: Db, set: MatchSet) => {
  const [row] = await run<PriceRange>(
    db,
    set.timeoutMs,
    sql`min(l.price_minor) as min, max(l.price_minor) as max from (${setOf(set)}) l`,
  )
  return row
}

export const findScopePrices = async (db: Db, scope: ListScope, timeoutMs: number) => {
  const end = (direction: string) =>
    sql`(select l.price_minor from listings l force index (listings_price) where ${inScope(scope)}
      order by l.price_minor ${sql.raw(direction)} limit 1)`
  const [row] = await run<PriceRange>(db, timeoutMs, sql`${end('asc')} as min, ${end('desc')} as max`)
  return row
}

export const countStock = (db: Db, set: MatchSet) =>
  run<{ inStock: number; count: number }>(
    db,
    set.timeoutMs,
    sql`l.in_stock as inStock, count(*) as count from (${setOf(set)}) l group by l.in_stock order by l.in_stock desc`,
  )
