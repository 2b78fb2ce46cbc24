import type { Money } from '@storewright/contracts'
import type { FieldError } from '@storewright/service-kit/http'
import type { Attributes, ProductEdits } from '../products/product.ts'

/** What one line of an import states; what is absent stays as it is. */
export interface ImportRow {
  line: number
  /** About how long it is, so that batches stay small. */
  characters: number
  /** A CSV row is one variant with some fields of its product; a JSON line is a product. */
  format: 'csv' | 'json'
  /** Rows with one handle are variants of one product. */
  handle?: string | undefined
  /** Fields of the product; no name in CSV, whose name is the variant's. */
  edits: ProductEdits
  status?: 'draft' | 'published' | 'archived' | undefined
  /** Names from the root of the tree; created where they are missing. */
  category?: string[] | undefined
  image?: string | undefined
  variants: RowVariant[]
}

export interface RowVariant {
  sku: string
  name?: string | undefined
  /** In minor units, or in major ones with a point; its currency may be the variant's own. */
  price?: Money | { major: string; currency?: string | undefined } | undefined
  attributes?: Attributes | undefined
}

/** A line as a reader returns it: a row, or what is wrong with it. */
export type ReadLine = { row: ImportRow } | { line: number; errors: FieldError[] }
