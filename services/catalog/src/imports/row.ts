import { isOneLine } from '@storewright/runtime/text'
import type { FieldError } from '@storewright/service-kit/http'
import type { Attributes } from '../attributes.ts'
import { parsePath, pathKeyOf } from '../categories/category.ts'
import { tidyName } from '../names.ts'
import type { OptionValues } from '../products/options.ts'
import type { ProductEdits } from '../products/product.ts'
import type { RowPrices } from './row-prices.ts'

/** What one line of an import states; what is absent stays as it is. */
export interface ImportRow {
  line: number
  /** About how long it is, so that batches stay small. */
  characters: number
  /** A CSV row is one variant with some fields of its product; a JSON line is a product. */
  format: 'csv' | 'json'
  /** Rows with one handle are variants of one product; as `readHandle` returns it. */
  handle?: string | undefined
  /** Fields of the product; no name in CSV, whose name is the variant's. */
  edits: ProductEdits
  status?: 'draft' | 'published' | 'archived' | undefined
  /** Paths of names from the root of the tree; created where they are missing. */
  categories?: string[][] | undefined
  /** The one category is stated, and leaves others that the product may be in beside it. */
  isOneCategory?: boolean | undefined
  image?: string | undefined
  variants: RowVariant[]
}

export interface RowVariant {
  sku: string
  name?: string | undefined
  prices?: RowPrices | undefined
  attributes?: Attributes | undefined
  /** Of a CSV row: the names of attributes that go. */
  cleared?: string[] | undefined
  options?: OptionValues | undefined
  /** Null takes it away. */
  weightGrams?: number | null | undefined
}

/** A line as a reader returns it: a row, or what is wrong with it. */
export type ReadLine = { row: ImportRow } | { line: number; errors: FieldError[] }

const MAX_HANDLE = 120

/** A handle as it is stored and compared: blanks and Unicode forms do not separate handles, as in the unique key. */
export const readHandle = (text: string): { handle: string } | { fault: string } => {
  const handle = tidyName(text)
  if (handle === '') return { fault: 'is blank' }
  if (!isOneLine(handle)) return { fault: 'has a control or invisible character' }
  if ([...handle].length > MAX_HANDLE) return { fault: `has more than ${MAX_HANDLE} characters` }
  return { handle }
}

export const MAX_CATEGORIES = 20

/** Paths such as "Home > Kitchen", each once. */
export const readPaths = (texts: string[]): { paths: string[][] } | { fault: string } => {
  const paths = new Map<string, string[]>()
  for (const text of texts) {
    const path = parsePath(text)
    if ('fault' in path) return path
    paths.set(pathKeyOf(path.names), path.names)
  }
  if (paths.size > MAX_CATEGORIES) return { fault: `names more than ${MAX_CATEGORIES} categories` }
  return { paths: [...paths.values()] }
}

const withoutReturns = (text: string) => text.replaceAll('\r\n', '\n')

/** Programs that write CSV change line ends: texts that differ in nothing else are the same. */
export const isSameText = (a: string, b: string) => a === b || withoutReturns(a) === withoutReturns(b)
