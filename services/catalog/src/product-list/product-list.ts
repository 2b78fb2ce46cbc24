import type { Plan } from '../search/plan.ts'
import type { Candidate } from '../search/search-products.ts'

/** Up to so many matches are counted exactly. */
export const MAX_EXACT = 5_000

export const sorts = ['relevance', 'newest', 'name', 'price', '-price', 'popular'] as const
export type Sort = (typeof sorts)[number]
/** The orders that are an index of listings; relevance is that of one search. */
export type IndexedSort = Exclude<Sort, 'relevance'>

export interface ListScope {
  status: 'draft' | 'published' | 'archived'
  /** Undefined for the whole shop. */
  category: { id: string } | { slug: string } | undefined
  /** '' lists drafts and archived products whatever their prices. */
  currency: string
}

export type Filter =
  | { kind: 'attribute'; nameKey: string; valueKeys: string[] }
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

/** By which index the matches are reached: a filter's, or that of the whole scope in the order of the list. */
export type Driver = Filter | 'scope'

/** About how many listings the scope and each filter have, one by one: no fewer, and at most MAX_EXACT where they have. */
export interface Counts {
  scope: number
  filters: number[]
}

/** The smallest of the sets in which all matches are; undefined where each is too large to be read. */
export const chooseDriver = (filters: Filter[], counts: Counts): Driver | undefined => {
  let best: Driver | undefined
  let smallest = MAX_EXACT + 1
  const sets: [Driver, number][] = [
    ...filters.map((filter, index): [Driver, number] => [filter, counts.filters[index] ?? smallest]),
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
