import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../database.ts'
import { hasValue, productsWithValue, rowsWithValue } from './attribute-queries.ts'
import { meetsSearch, productsOf } from '../search/plan.ts'
import {
  isWalkedBy,
  MAX_EXACT,
  type Counts,
  type Driver,
  type Filter,
  type IndexedSort,
  type ListScope,
  type Position,
} from './product-list.ts'

// Indexes are named: an optimizer that goes by its statistics may read and sort the whole shop for one page.
const INDEX = {
  newest: { index: 'listings_newest', column: 'listed_at', direction: 'desc' },
  name: { index: 'listings_name', column: 'name', direction: 'asc' },
  price: { index: 'listings_price', column: 'price_minor', direction: 'asc' },
  '-price': { index: 'listings_price', column: 'price_minor', direction: 'desc' },
  popular: { index: 'listings_popular', column: 'popularity', direction: 'desc' },
} as const satisfies Record<IndexedSort, object>

/** The last defence: MariaDB reads the first comment and MySQL the second; both end the statement, in ms. */
export const limited = (timeoutMs: number, rest: RawBuilder<unknown>) =>
  sql`${sql.raw(`/*M! set statement max_statement_time = ${timeoutMs / 1_000} for */ select /*+ MAX_EXECUTION_TIME(${timeoutMs}) */`)} ${rest}`

export const categoryId = ({ category }: ListScope) => {
  if (category === undefined) return sql`''`
  return 'id' in category
    ? sql`${category.id}`
    : sql`(select id from categories where slug = ${category.slug})`
}

export const inScope = (scope: ListScope) =>
  sql`l.status = ${scope.status} and l.scope = ${categoryId(scope)} and l.currency = ${scope.currency}`

export const matches = (filter: Filter) => {
  switch (filter.kind) {
    case 'attribute':
      return hasValue(filter)
    case 'price':
      return sql`l.price_minor >= ${filter.min} and l.price_minor <= ${filter.max}`
    case 'stock':
      return sql`l.in_stock = ${Number(filter.inStock)}`
    case 'search':
      return filter.ids.length === 0 ? sql`false` : sql`l.product_id in (${sql.join(filter.ids)})`
    case 'words': {
      const { isDocument, isMet } = meetsSearch(filter.plan, sql`l.product_id`)
      return sql`(select count(*) from search_documents where product_id = ${isDocument} and ${isMet}) > 0`
    }
  }
}

/** What the listings that a driver reaches must meet; where one word is all, those that have it do. */
export const matchesAll = (filters: Filter[], driver: Driver) =>
  filters
    .filter((filter) => filter !== driver || filter.kind !== 'words' || !filter.plan.isSimple)
    .map(matches)

export const allOf = (conditions: RawBuilder<unknown>[]) => sql.join(conditions, sql` and `)

/** Listings as `l`, by the index that the statement needs. */
export const withIndex = (index: string) => sql`listings l force index (${sql.ref(index)})`

/** The listings that a driver reaches, as `l`. */
export const from = (driver: Driver, sort: IndexedSort) => {
  if (driver === 'scope') return withIndex(INDEX[sort].index)
  switch (driver.kind) {
    case 'attribute':
      return sql`${productsWithValue(driver)} d
        straight_join ${withIndex('PRIMARY')} on l.product_id = d.product_id`
    case 'price':
      return withIndex('listings_price')
    case 'stock':
      return withIndex('listings_stock')
    case 'search':
      return withIndex('PRIMARY')
    case 'words':
      return sql`${productsOf(driver.plan)} d
        straight_join ${withIndex('PRIMARY')} on l.product_id = d.product_id`
  }
}

const past = (sort: IndexedSort, after: Position | undefined) => {
  if (!after) return []
  const { column, direction } = INDEX[sort]
  const beyond = sql.raw(direction === 'asc' ? '>' : '<')
  const key = sql.ref(`l.${column}`)
  return [
    sql`(${key} ${beyond} ${after.value} or (${key} = ${after.value} and l.product_id ${beyond} ${after.id}))`,
  ]
}

const inOrder = (sort: IndexedSort, key: string, id: string) => {
  const direction = sql.raw(INDEX[sort].direction)
  return sql`order by ${sql.ref(key)} ${direction}, ${sql.ref(id)} ${direction}`
}

/** What the index of the order is entered and left by. */
const walked = ({ scope, filters, sort, after }: Pick<PageQuery, 'scope' | 'filters' | 'sort' | 'after'>) => [
  inScope(scope),
  ...past(sort, after),
  ...filters.filter((filter) => isWalkedBy(sort, filter)).map(matches),
]

export interface PageQuery {
  scope: ListScope
  filters: Filter[]
  sort: IndexedSort
  after: Position | undefined
  limit: number
  timeoutMs: number
}

/** Ids and sort values of one page: of the matches that a driver reaches, or of those among the next `window` listings. */
const pageOf = ({ scope, filters, sort, after, limit }: PageQuery, reach: Filter | { window: number }) => {
  const { column, index } = INDEX[sort]
  const here = walked({ scope, filters, sort, after })
  if ('window' in reach)
    return sql`select l.product_id as id, l.value from (
        select l.product_id, l.price_minor, l.in_stock, ${sql.ref(`l.${column}`)} as value
        from ${withIndex(index)} where ${allOf(here)} ${inOrder(sort, `l.${column}`, 'l.product_id')}
        limit ${sql.lit(reach.window)}
      ) l where ${allOf(filters.map(matches))} ${inOrder(sort, 'l.value', 'l.product_id')}
      limit ${sql.lit(limit)}`
  return sql`select l.product_id as id, ${sql.ref(`l.${column}`)} as value from ${from(reach, sort)}
    where ${allOf([...here, ...matchesAll(filters, reach)])} ${inOrder(sort, `l.${column}`, 'l.product_id')}
    limit ${sql.lit(limit)}`
}

export interface ListedProduct {
  id: string
  value: Position['value']
  revision: number
  summary: string
}

const summaryFor = ({ scope }: PageQuery, shown: string, id: string) =>
  // Drafts may have no price in the shop's currency, and are listed all the same.
  sql`product_summaries.product_id = ${sql.ref(id)} and product_summaries.currency = ${
    scope.currency === ''
      ? sql`(select max(currency) from product_summaries where product_id = ${sql.ref(id)} and currency in ('', ${shown}))`
      : shown
  }`

/** One page of stored summaries in one statement, in the order of an index; prices are those in `shown`. */
export const walkProducts = async (db: Db, query: PageQuery, shown: string) => {
  const { sort, filters, limit } = query
  const { column, index } = INDEX[sort]
  const { rows } = await sql<ListedProduct>`
    select l.product_id as id, ${sql.ref(`l.${column}`)} as value, product_summaries.revision, product_summaries.summary
    from ${withIndex(index)} straight_join product_summaries on ${summaryFor(query, shown, 'l.product_id')}
    where ${allOf([inScope(query.scope), ...past(sort, query.after), ...filters.map(matches)])}
    ${inOrder(sort, `l.${column}`, 'l.product_id')} limit ${sql.lit(limit)}`.execute(db)
  return rows
}

/** The same from the matches that a filter's index reaches, or from those among the next `window` listings. */
export const listProducts = async (
  db: Db,
  query: PageQuery,
  reach: Filter | { window: number },
  shown: string,
) => {
  const { sort, timeoutMs } = query
  const { rows } = await sql<ListedProduct>`${limited(
    timeoutMs,
    sql`page.id, page.value, product_summaries.revision, product_summaries.summary
      from (${pageOf(query, reach)}) page
      straight_join product_summaries on ${summaryFor(query, shown, 'page.id')}
      ${inOrder(sort, 'page.value', 'page.id')}`,
  )}`.execute(db)
  return rows
}

/** The last of the next `window` listings, matching or not; undefined where the list ends before. */
export const findWindowEnd = async (db: Db, query: PageQuery, window: number) => {
  const { sort, timeoutMs } = query
  const { column, index } = INDEX[sort]
  const { rows } = await sql<Position>`${limited(
    timeoutMs,
    sql`l.product_id as id, ${sql.ref(`l.${column}`)} as value from ${withIndex(index)}
      where ${allOf(walked(query))} ${inOrder(sort, `l.${column}`, 'l.product_id')}
      limit 1 offset ${sql.lit(window - 1)}`,
  )}`.execute(db)
  return rows[0]
}

const FEW = 500

/** In which of three ranges a count is: found without a temporary table; the upper end first, for most are beyond. */
const bounded = (rows: RawBuilder<unknown>) => {
  const hasMoreThan = (count: number) => sql`(select 1 from ${rows} limit 1 offset ${sql.lit(count)})`
  return sql`case when ${hasMoreThan(MAX_EXACT)} is not null then ${sql.lit(MAX_EXACT + 1)}
    when ${hasMoreThan(FEW)} is not null then ${sql.lit(MAX_EXACT)} else ${sql.lit(FEW)} end`
}

/** All that is published in a scope, as it is counted with every change. */
export const keptCount = (scope: ListScope, category: RawBuilder<unknown> = categoryId(scope)) =>
  sql`coalesce((select sum(products) from category_counts
    where category_counts.category_id = ${category} and category_counts.currency = ${scope.currency}), 0)`

const countOf = (scope: ListScope, filter: Filter, other: Filter[] = []) => {
  if (filter.kind === 'search') return sql.lit(filter.ids.length)
  if (filter.kind === 'words')
    return sql.lit(filter.plan.isCut ? MAX_EXACT + 1 : Math.min(filter.plan.documents, MAX_EXACT + 1))
  if (filter.kind === 'attribute') return bounded(rowsWithValue(filter, MAX_EXACT + 1))
  const conditions = [inScope(scope), ...[filter, ...other].map(matches)]
  return bounded(sql`${from(filter, 'newest')} where ${allOf(conditions)}`)
}

/** Counts the scope and each filter, in one statement that reads some thousand entries of an index for each. */
export const countSets = async (
  db: Db,
  { scope, filters, timeoutMs }: Pick<PageQuery, 'scope' | 'filters' | 'timeoutMs'>,
): Promise<Counts> => {
  const counted = filters.map(
    (filter, index) => sql`${countOf(scope, filter)} as ${sql.ref(`filter${index}`)}`,
  )
  const all =
    scope.status === 'published'
      ? keptCount(scope)
      : bounded(sql`${withIndex('listings_newest')} where ${inScope(scope)}`)
  const [stock, price] = (['stock', 'price'] as const).map((kind) => filters.find((one) => one.kind === kind))
  const both = stock && price ? [sql`${countOf(scope, stock, [price])} as stockInPrice`] : []
  const { rows } = await sql<Record<string, number>>`${limited(
    timeoutMs,
    sql`${sql.join([sql`${all} as scope`, ...counted, ...both])}`,
  )}`.execute(db)
  const [row = {}] = rows
  return {
    scope: row['scope'] ?? 0,
    filters: filters.map((_filter, index) => row[`filter${index}`] ?? 0),
    stockInPrice: row['stockInPrice'],
  }
}

export const categoryExists = async (db: Db, key: { id: string } | { slug: string }) =>
  (await db
    .selectFrom('categories')
    .select('id')
    .where((eb) => ('id' in key ? eb('id', '=', key.id) : eb('slug', '=', key.slug)))
    .executeTakeFirst()) !== undefined
