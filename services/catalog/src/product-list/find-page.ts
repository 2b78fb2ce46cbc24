import type { Db } from '../database.ts'
import { findRelevant } from './find-relevant.ts'
import { chooseDriver, isWalkedBy, type Counts, type ListPage, type ListQuery } from './product-list.ts'
import {
  countSets,
  findWindowEnd,
  listProducts,
  walkProducts,
  type ListedProduct,
  type PageQuery,
} from './queries.ts'

/** What a page with a filter is looked for in before anything is counted: enough for a filter that one in twenty passes. */
const FIRST_WINDOW = 400
const LAST_WINDOW = 1_000

const cut = (rows: ListedProduct[], limit: number): ListPage => {
  const shown = rows.slice(0, limit)
  return { rows: shown, next: rows.length > limit ? (shown.at(-1) ?? null) : null }
}

const findInWindow = async (db: Db, query: PageQuery, shown: string): Promise<ListPage> => {
  const rows = await listProducts(db, query, { window: LAST_WINDOW }, shown)
  if (rows.length === query.limit) return cut(rows, query.limit - 1)
  return { rows, next: (await findWindowEnd(db, query, LAST_WINDOW)) ?? null }
}

/** One page of a list: in the order of an index where nothing else is asked; else among the next listings of that
 * order; else from the smallest set in which all matches are. However large the shop is, it reads some thousand rows
 * in at most four statements. `known` are the counts, where the caller has them. */
export const findPage = async (db: Db, list: ListQuery, known?: Counts): Promise<ListPage> => {
  const { sort, limit, shown } = list
  if (sort === 'relevance')
    return list.search ? findRelevant(db, list, list.search, known) : { rows: [], next: null }
  const query: PageQuery = { ...list, sort, limit: limit + 1 }
  const search = list.filters.find(({ kind }) => kind === 'search')
  if (search) return cut(await listProducts(db, query, search, shown), limit)
  if (list.filters.every((filter) => isWalkedBy(sort, filter)))
    return cut(await walkProducts(db, query, shown), limit)

  if (!known) {
    const rows = await listProducts(db, query, { window: FIRST_WINDOW }, shown)
    if (rows.length > limit) return cut(rows, limit)
  }
  const driver = chooseDriver(list.filters, known ?? (await countSets(db, list)))
  if (!driver) return findInWindow(db, query, shown)
  if (driver === 'scope') return cut(await walkProducts(db, query, shown), limit)
  return cut(await listProducts(db, query, driver, shown), limit)
}
