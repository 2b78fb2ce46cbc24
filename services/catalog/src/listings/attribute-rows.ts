import { createHash } from 'node:crypto'
import { attributeNameKey } from '../attributes.ts'
import type { AttributeRow, Trx } from '../database.ts'
import { foldName } from '../names.ts'
import { deleteAttributes, insertAttributes } from './queries.ts'

type Value = string | number | boolean
/** What products, variants and options have in common: values, or lists of them, by name. */
export type Attributed = Readonly<Record<string, Value | readonly Value[]>>

const MAX_NAME_KEY = 100
const MAX_VALUE_KEY = 191

// The index holds only so much of a long text, and its hash for the rest.
const cut = (key: string, limit: number) => {
  if (key.length <= limit) return key
  const hash = createHash('sha1').update(key).digest('hex')
  return `${key.slice(0, limit - hash.length).toWellFormed()}${hash}`
}

/** An `attributeNameKey` as the index holds it. */
export const toIndexedKey = (nameKey: string) => cut(nameKey, MAX_NAME_KEY)

export const indexedNameKey = (name: string) => toIndexedKey(attributeNameKey(name))

export const valueKey = (value: Value) => cut(foldName(String(value)), MAX_VALUE_KEY)

/** The keys of a value as a filter states it: as text, and, where it is one, as a number (`5.0` is 5). */
export const filterKeys = (value: string): string[] => {
  const number = value.trim() === '' ? NaN : Number(value)
  return [...new Set([valueKey(value), ...(Number.isFinite(number) ? [valueKey(number)] : [])])]
}

const NUMBER = String.raw`-?\d+(?:\.\d+)?`
const RANGE = new RegExp(`^\\s*(${NUMBER})?\\.\\.(${NUMBER})?\\s*$`, 'u')

/** From and to, both included; Infinity where an end is open. */
export interface NumberRange {
  from: number
  to: number
}

/** `10..20`, `10..` or `..20`; undefined for other text. */
export const readRange = (value: string): NumberRange | undefined => {
  const [isRange, from, to] = RANGE.exec(value) ?? []
  if (isRange === undefined || (from === undefined && to === undefined)) return undefined
  return { from: from === undefined ? -Infinity : Number(from), to: to === undefined ? Infinity : Number(to) }
}

/** Every value of every attribute, once each, as products are found by. */
export const attributeRowsOf = (productId: string, parts: readonly Attributed[]): AttributeRow[] => {
  const rows = new Map<string, AttributeRow>()
  for (const [name, values] of parts.flatMap((part) => Object.entries(part)))
    for (const value of typeof values === 'object' ? values : [values]) {
      const row = {
        product_id: productId,
        name_key: indexedNameKey(name),
        value_key: valueKey(value),
        name,
        value: String(value),
        number: typeof value === 'number' ? value : null,
      }
      const key = JSON.stringify([row.name_key, row.value_key])
      const known = rows.get(key)
      rows.set(key, known ? { ...known, number: known.number ?? row.number } : row)
    }
  return [...rows.values()]
}

/** Replaces the attributes by which products are found; `storedIds` are the products that may have some. */
export const replaceAttributes = async (trx: Trx, rows: AttributeRow[], storedIds: string[]) => {
  if (storedIds.length > 0) await deleteAttributes(trx, storedIds)
  await insertAttributes(trx, rows)
}
