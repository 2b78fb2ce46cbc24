import type { Money } from '@storewright/contracts'
import type { Db } from '../database.ts'
import { inOrderOf, readFacetDefinitions, type FacetDefinitions } from './facet-definitions.ts'
import type { AttributeDefinition } from '../categories/definitions.ts'
import {
  countAttributeValues,
  countCategories,
  countMatches,
  countScope,
  countStock,
  findPriceRange,
  findScopePrices,
  listCategoryCounts,
  type CategoryCount,
  type MatchSet,
  type ValueCount,
} from './facet-queries.ts'
import { chooseDriver, type Counts, type Filter, type ListScope } from './product-list.ts'

/** A facet as it is asked for; attributes by their folded names. */
export type FacetName =
  | { kind: 'attribute'; name: string; nameKey: string }
  | { kind: 'attributes' }
  | { kind: 'category' }
  | { kind: 'price' }
  | { kind: 'stock' }

export interface Facet {
  /** The parameter that filters by it. */
  name: string
  /** `value` is what the parameter takes. */
  values: { value: string; label: string; count: number }[]
  min?: Money
  max?: Money
  unit?: string
}

const MAX_VALUES = 100
const NONE: FacetDefinitions = new Map()
const MAX_ATTRIBUTES = 20

export interface Matches {
  scope: ListScope
  filters: Filter[]
  counts: Counts
  timeoutMs: number
}

/** The matches of all filters but one, which its own facet leaves out: it shows what else could be chosen. */
const setWithout = ({ scope, filters, counts, timeoutMs }: Matches, left?: Filter): MatchSet | undefined => {
  const kept = filters.filter((filter) => filter !== left)
  const known = { ...counts, filters: counts.filters.filter((_count, index) => filters[index] !== left) }
  const driver = chooseDriver(kept, known)
  return driver && { scope, filters: kept, driver, timeoutMs }
}

const isKept = ({ scope, filters }: Matches) => scope.status === 'published' && filters.length === 0

/** How many products match; null where that takes reading too many. */
export const countTotal = async (db: Db, matches: Matches): Promise<number | null> => {
  if (isKept(matches)) return countScope(db, matches.scope, matches.timeoutMs)
  const set = setWithout(matches)
  return set ? countMatches(db, set) : null
}

const attributeFacet = (name: string, rows: ValueCount[], definition?: AttributeDefinition): Facet => ({
  name: `attr.${name}`,
  ...(definition?.unit !== undefined && { unit: definition.unit }),
  values: inOrderOf(definition, rows.slice(0, MAX_VALUES)).map(({ value, count }) => ({
    value,
    label: value,
    count,
  })),
})

const commonest = (rows: ValueCount[], definitions: FacetDefinitions): Facet[] =>
  [...Map.groupBy(rows, ({ nameKey }) => nameKey).values()]
    .filter((values) => definitions.get(values[0]!.nameKey)?.filterable !== false)
    .sort(
      (a, b) => b.reduce((sum, { count }) => sum + count, 0) - a.reduce((sum, { count }) => sum + count, 0),
    )
    .slice(0, MAX_ATTRIBUTES)
    .map((values) => attributeFacet(values[0]!.name, values, definitions.get(values[0]!.nameKey)))

const categoryFacet = (rows: CategoryCount[]): Facet => ({
  name: 'category',
  values: rows.map(({ slug, name, count }) => ({ value: slug, label: name, count })),
})

const filterFor = (filters: Filter[], name: FacetName) =>
  filters.find((filter) =>
    name.kind === 'attribute'
      ? filter.kind === 'attribute' && filter.nameKey === name.nameKey
      : filter.kind === name.kind,
  )

const findPrices = async (db: Db, matches: Matches): Promise<Facet[] | undefined> => {
  const { scope, filters, timeoutMs } = matches
  const own = filterFor(filters, { kind: 'price' })
  const set = setWithout(matches, own)
  const isWholeScope = filters.every((filter) => filter === own)
  const range = isWholeScope
    ? await findScopePrices(db, scope, timeoutMs)
    : set && (await findPriceRange(db, set))
  if (!range) return undefined
  const { min, max } = range
  const money = (amount: number): Money => ({ amount, currency: scope.currency })
  return [
    { name: 'price', values: [], ...(min !== null && max !== null && { min: money(min), max: money(max) }) },
  ]
}

const findStock = async (db: Db, matches: Matches): Promise<Facet[] | undefined> => {
  const set = setWithout(matches, filterFor(matches.filters, { kind: 'stock' }))
  const rows = set && (await countStock(db, set))
  const values = rows?.map(({ inStock, count }) => {
    const value = String(inStock === 1)
    return { value, label: value, count }
  })
  return values && [{ name: 'inStock', values }]
}

const findCategories = async (db: Db, matches: Matches): Promise<Facet[] | undefined> => {
  if (isKept(matches)) return [categoryFacet(await listCategoryCounts(db, matches.scope, matches.timeoutMs))]
  const set = setWithout(matches)
  return set && [categoryFacet(await countCategories(db, set))]
}

const findUnfiltered = async (db: Db, matches: Matches, names: FacetName[]) => {
  const nameKeys = names.flatMap((name) =>
    name.kind === 'attribute' && !filterFor(matches.filters, name) ? [name.nameKey] : [],
  )
  const set = nameKeys.length > 0 && setWithout(matches)
  return set
    ? Map.groupBy(await countAttributeValues(db, set, nameKeys), ({ nameKey }) => nameKey)
    : undefined
}

/** Facets in the order of the question, each without its own filter; `complete` is false where one is left out. */
export const findFacets = async (
  db: Db,
  matches: Matches,
  names: FacetName[],
): Promise<{ facets: Facet[]; complete: boolean }> => {
  const unfiltered = await findUnfiltered(db, matches, names)
  const isOfAttributes = names.some(({ kind }) => kind === 'attribute' || kind === 'attributes')
  const definitions = isOfAttributes ? await readFacetDefinitions(db, matches.scope.category) : NONE
  const find = async (name: FacetName): Promise<Facet[] | undefined> => {
    if (name.kind === 'category') return findCategories(db, matches)
    if (name.kind === 'price') return findPrices(db, matches)
    if (name.kind === 'stock') return findStock(db, matches)
    const own = filterFor(matches.filters, name)
    const set = setWithout(matches, own)
    if (!set) return undefined
    if (name.kind === 'attributes') return commonest(await countAttributeValues(db, set, 'all'), definitions)
    const values = own ? await countAttributeValues(db, set, [name.nameKey]) : unfiltered?.get(name.nameKey)
    return [attributeFacet(name.name, values ?? [], definitions.get(name.nameKey))]
  }
  const found: (Facet[] | undefined)[] = []
  for (const name of names) found.push(await find(name))
  const facets = found.flatMap((some) => some ?? [])
  const complete = !found.includes(undefined) && facets.every(({ values }) => values.length < MAX_VALUES)
  return { facets, complete }
}
