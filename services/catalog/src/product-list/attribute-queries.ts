import { sql } from 'kysely'
import type { NumberRange } from '../listings/attribute-rows.ts'
import type { Filter } from './product-list.ts'

type AttributeFilter = Extract<Filter, { kind: 'attribute' }>

const inRange = ({ from, to }: NumberRange) => {
  const ends = [
    ...(from === -Infinity ? [] : [sql`number >= ${from}`]),
    ...(to === Infinity ? [] : [sql`number <= ${to}`]),
  ]
  return sql`(${sql.join(ends, sql` and `)})`
}

const inRanges = (ranges: NumberRange[]) => sql`(${sql.join(ranges.map(inRange), sql` or `)})`
const isOneOf = (valueKeys: string[]) => sql`value_key in (${sql.join(valueKeys)})`

const partsOf = ({ nameKey, valueKeys, ranges = [] }: AttributeFilter) => [
  sql`product_attributes force index (product_attributes_value) where name_key = ${nameKey} and ${isOneOf(valueKeys)}`,
  ...(ranges.length > 0
    ? [
        sql`product_attributes force index (product_attributes_number) where name_key = ${nameKey} and ${inRanges(ranges)}`,
      ]
    : []),
]

/** A derived table of the ids of products that have one of the values, each once. */
export const productsWithValue = (filter: AttributeFilter) => {
  // A product has a value once.
  const distinct = filter.valueKeys.length > 1 ? sql`distinct ` : sql``
  return sql`(${sql.join(
    partsOf(filter).map((part) => sql`select ${distinct}product_id from ${part}`),
    sql` union `,
  )})`
}

/** The rows that have one of the values, up to `most` of each part, to be counted. */
export const rowsWithValue = (filter: AttributeFilter, most: number) => {
  const parts = partsOf(filter)
  if (parts.length === 1) return parts[0]!
  return sql`(${sql.join(
    parts.map((part) => sql`(select product_id from ${part} limit ${sql.lit(most)})`),
    sql` union all `,
  )}) as matching`
}

/** Whether the product `l` has one of the values. */
export const hasValue = ({ nameKey, valueKeys, ranges = [] }: AttributeFilter) =>
  // Counted and not EXISTS, which an optimizer may turn into a join that begins with all products of that value.
  sql`(select count(*) from product_attributes force index (primary) where product_id = l.product_id
    and name_key = ${nameKey} and ${ranges.length > 0 ? sql`(${isOneOf(valueKeys)} or ${inRanges(ranges)})` : isOneOf(valueKeys)}) > 0`
