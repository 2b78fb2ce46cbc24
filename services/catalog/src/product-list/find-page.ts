import type { Db } from '../database.ts'
import {
  chooseDriver,
  isWalkedBy,
  type Counts,
  type Filter,
  type ListScope,
  type Position,
  type Sort,
} from './product-list.ts'
import {
  countSets,
  findWindowEnd,
  listMatching,
  listProducts,
  listSummaries,
  walkProducts,
  type ListedProduct,
  type PageQuery,
} from './queries.ts'

/** What a page with a filter is looked for in before anything is counted: enough for a filter that one in twenty passes. */
const FIRST_WINDOW = 400
/** The most that one page examines where no filter alone is selective. */
const LAST_WINDOW = 1_000
/** Of a search's candidates, so many for each product of a page are tried before all of them are. */
const CANDIDATES_PER_ITEM = 4

export interface Candidate {
  id: string
  /** A whole number; the higher, the more relevant. */
  score: number
}

export interface ListQuery {
  scope: ListScope
  filters: Filter[]
  sort: Sort
  after: Position | undefined
  limit: number
  /** In the order of their relevance, for a search. */
  candidates: Candidate[] | undefined
  /** The currency of the prices that are shown. */
  shown: string
  timeoutMs: number
}

export interface ListPage {
  rows: Pick<ListedProduct, 'id' | 'revision' | 'summary'>[]
  /** Where the next page begins; null on the last. */
  next: Position | null
}

const cut = (rows: ListedProduct[], limit: number): ListPage => {
  const shown = rows.slice(0, limit)
  return { rows: shown, next: rows.length > limit ? (shown.at(-1) ?? null) : null }
}

const findRelevant = async (db: Db, list: ListQuery, candidates: Candidate[]): Promise<ListPage> => {
  const { after, limit, scope, shown } = list
  const rest = after
    ? candidates.filter(
        ({ id, score }) => score < Number(after.value) || (score === after.value && id > after.id),
      )
    : candidates
  const find = async (among: Candidate[]) => {
    if (among.length === 0) return []
    const ids = new Set(
      (
        await listMatching(
          db,
          list,
          among.map(({ id }) => id),
        )
      ).map(({ id }) => id),
    )
    return among.filter(({ id }) => ids.has(id))
  }
  const first = (limit + 1) * CANDIDATES_PER_ITEM
  let found = await find(rest.slice(0, first))
  if (found.length <= limit && rest.length > first) found = [...found, ...(await find(rest.slice(first)))]
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const summaries = new Map<string, ListPage['rows'][number]>()
  if (last) {
    const currencies = scope.currency === '' ? ['', shown] : [shown]
    const rows = await listSummaries(
      db,
      page.map(({ id }) => id),
      currencies,
    )
    for (const row of rows) if (row.currency !== '' || !summaries.has(row.id)) summaries.set(row.id, row)
  }
  return {
    rows: page.flatMap(({ id }) => summaries.get(id) ?? []),
    next: found.length > limit && last ? { value: last.score, id: last.id } : null,
  }
}

/** A page among the next listings of the order, as many as a request may examine; the next page goes on behind them. */
const findInWindow = async (db: Db, query: PageQuery, shown: string): Promise<ListPage> => {
  const rows = await listProducts(db, query, { window: LAST_WINDOW }, shown)
  if (rows.length === query.limit) return cut(rows, query.limit - 1)
  return { rows, next: (await findWindowEnd(db, query, LAST_WINDOW)) ?? null }
}

/**
 * One page of a list: in the order of an index where nothing else is asked; else among the next listings of that order;
 * else from the smallest set in which all matches are. However large the shop is, it reads some thousand rows in at most
 * four statements. `known` are the counts, where the caller has them.
 */
export const findPage = async (db: Db, list: ListQuery, known?: Counts): Promise<ListPage> => {
  const { sort, candidates, limit, shown } = list
  if (sort === 'relevance') return findRelevant(db, list, candidates ?? [])
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
