import { MAX_AMOUNT } from '@storewright/contracts'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { Static } from 'typebox'
import { filterKeys, indexedNameKey, readRange, type NumberRange } from '../listings/attribute-rows.ts'
import type { FacetName } from './facets.ts'
import type { Filter, ListScope } from './product-list.ts'
import { MAX_ATTRIBUTE_FILTERS, type ListQuery } from './schemas.ts'

type Query = Static<typeof ListQuery>

const PREFIX = 'attr.'
const MAX_FACETS = 12

const refuse = (errors: FieldError[]): never => {
  throw new Problem('invalid-request', 'The query does not fit.', { errors })
}

/** One filter for each attribute, however its name is written; all of its values and ranges count. */
const attributeFilters = (query: object): Filter[] => {
  const filters = new Map<string, { keys: Set<string>; ranges: NumberRange[] }>()
  for (const [parameter, values] of Object.entries(query)) {
    if (!parameter.startsWith(PREFIX)) continue
    const nameKey = indexedNameKey(parameter.slice(PREFIX.length))
    const { keys, ranges } = filters.get(nameKey) ?? { keys: new Set<string>(), ranges: [] }
    for (const [index, value] of (values as string[]).entries()) {
      // What looks like a range may also be a text that a product has.
      for (const key of filterKeys(value)) keys.add(key)
      const range = readRange(value)
      if (range && range.from > range.to)
        refuse([{ path: `${parameter}.${index}`, message: 'is a range that ends before it begins' }])
      if (range) ranges.push(range)
    }
    filters.set(nameKey, { keys, ranges })
  }
  if (filters.size > MAX_ATTRIBUTE_FILTERS)
    refuse([{ path: 'attr', message: `filters by more than ${MAX_ATTRIBUTE_FILTERS} attributes` }])
  return [...filters].map(([nameKey, { keys, ranges }]) => ({
    kind: 'attribute',
    nameKey,
    valueKeys: [...keys],
    ...(ranges.length > 0 && { ranges }),
  }))
}

export const readFilters = (query: Query): Filter[] => {
  const { minPrice, maxPrice, inStock } = query
  return [
    ...attributeFilters(query),
    ...(minPrice === undefined && maxPrice === undefined
      ? []
      : [{ kind: 'price' as const, min: minPrice ?? 0, max: maxPrice ?? MAX_AMOUNT }]),
    ...(inStock === undefined ? [] : [{ kind: 'stock' as const, inStock }]),
  ]
}

const toFacet = (name: string): FacetName | undefined => {
  if (name === 'category' || name === 'price' || name === 'attributes') return { kind: name }
  if (name === 'inStock') return { kind: 'stock' }
  if (!name.startsWith(PREFIX) || name.length === PREFIX.length) return undefined
  return {
    kind: 'attribute',
    name: name.slice(PREFIX.length),
    nameKey: indexedNameKey(name.slice(PREFIX.length)),
  }
}

/** The facets that a query asks for, each once. */
export const readFacets = ({ facets = [] }: Query): FacetName[] => {
  const names = [...new Set(facets.flatMap((list) => list.split(',').map((name) => name.trim())))].filter(
    Boolean,
  )
  if (names.length > MAX_FACETS) refuse([{ path: 'facets', message: `are more than ${MAX_FACETS}` }])
  return names.map(
    (name) =>
      toFacet(name) ??
      refuse([
        { path: 'facets', message: `"${name}" is none of category, price, inStock, attributes, attr.NAME` },
      ]),
  )
}

/** Drafts without a price are listed too, unless the query is about prices. */
export const currencyOf = (
  { status, currency, minPrice, maxPrice, sort }: Query,
  facets: FacetName[],
  shopCurrency: string,
): ListScope['currency'] => {
  const isAboutPrices =
    minPrice !== undefined ||
    maxPrice !== undefined ||
    sort?.endsWith('price') === true ||
    facets.some(({ kind }) => kind === 'price')
  return currency ?? (status === 'published' || isAboutPrices ? shopCurrency : '')
}
