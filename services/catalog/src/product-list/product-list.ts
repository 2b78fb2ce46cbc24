import type { NumberRange } from '../listings/attribute-rows.ts'
import type { Plan } from '../search/plan.ts'
import type { Candidate, SearchLimits, SearchResult } from '../search/search-products.ts'

/** A set of up to so many listings is read for a page, a total or a facet. */
export const MAX_EXACT = 5_000

export const sorts = ['relevance', 'newest', 'name', 'price', '-price', 'popular'] as const
export type Sort = (typeof sorts)[number]
/** The orders that are an index of listings; relevance is that of one search. */
export type IndexedSort = Exclude<Sort, 'relevance'>

export interface ListScope {
  status: 'draft' | 'published' | 'archived'
  category: { id: string } | { slug: string } | undefined
  /** '' lists drafts and archived products whatever their prices. */
  currency: string
}

export type Filter =
  /** One of the values, or a number in one of the ranges. */
  | { kind: 'attribute'; nameKey: string; valueKeys: string[]; ranges?: NumberRange[] }
  /** Minor units, both ends included. */
  | { kind: 'price'; min: number; max: number }
  | { kind: 'stock'; inStock: boolean }
  /** What a search found, or what it looks for where it finds more than is read at once. */
  | { kind: 'search'; ids: string[] }
  | { kind: 'words'; plan: Plan }

/** Where the last page ended: its last sort value and product. */
export interface Position {
  value: Date | string | number
  id: string
  /** Of a search that is read in windows: behind which posting this one begins. */
  window?: Candidate
}

export interface ListQuery {
  scope: ListScope
  filters: Filter[]
  sort: Sort
  after: Position | undefined
  limit: number
  search: SearchResult | undefined
  searchLimits: SearchLimits
  /** The currency of the prices that are shown. */
  shown: string
  timeoutMs: number
}

export interface ListPage {
  rows: { id: string; revision: number; summary: string }[]
  /** Where the next page begins; null on the last. */
  next: Position | null
}

/** By which index the matches are reached: a filter's, or that of the whole scope in the order of the list. */
export type Driver = Filter | 'scope'

/** About how many listings the scope and each filter have, one by one: no fewer, and at most MAX_EXACT where they have. */
export interface Counts {
  scope: number
  filters: number[]
  /** In or out of stock and in the range of prices, which are one range of an index. */
  stockInPrice?: number | undefined
}

/** The smallest of the sets in which all matches are; undefined where each is too large to be read. */
export const chooseDriver = (filters: Filter[], counts: Counts): Driver | undefined => {
  const isPriced = filters.some(({ kind }) => kind === 'price')
  let best: Driver | undefined
  let smallest = MAX_EXACT + 1
  const sets: [Driver, number][] = [
    ...filters.map((filter, index): [Driver, number] => {
      const count = counts.filters[index] ?? smallest
      return [filter, filter.kind === 'stock' && isPriced ? (counts.stockInPrice ?? count) : count]
    }),
    ['scope', counts.scope],
  ]
  for (const [driver, count] of sets)
    if (count < smallest) {
      best = driver
      smallest = count
    }
  return best
}

/** A filter that the index of this order is walked by; it costs nothing. */
export const isWalkedBy = (sort: IndexedSort, { kind }: Filter) => kind === 'price' && sort.endsWith('price')
