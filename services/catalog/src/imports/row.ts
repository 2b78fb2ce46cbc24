import type { Money } from '@storewright/contracts'
import type { FieldError } from '@storewright/service-kit'
import type { Attributes, Medium } from '../products/product.ts'

/** What one line of an import says; what is absent stays as it is. */
export interface ImportRow {
  line: number
  /** About how long it is, so that batches stay small. */
  characters: number
  /** A CSV row is one variant and speaks of its product by the way; a JSON line is a product. */
  format: 'csv' | 'json'
  /** Rows with one handle are variants of one product. */
  handle?: string | undefined
  slug?: string | undefined
  name?: string | undefined
  description?: string | undefined
  status?: 'draft' | 'published' | 'archived' | undefined
  /** Names from the root of the tree; made where they are missing. */
  category?: string[] | undefined
  categoryIds?: string[] | undefined
  /** The first picture. */
  image?: string | undefined
  media?: Medium[] | undefined
  attributes?: Attributes | undefined
  variants: RowVariant[]
}

export interface RowVariant {
  sku: string
  name?: string | undefined
  /** In minor units, or in major ones with a point; its currency may be the variant's own. */
  price?: Money | { major: string; currency?: string | undefined } | undefined
  attributes?: Attributes | undefined
}

/** A line as a reader hands it on: a row, or what is wrong with it. */
export type ReadLine = { row: ImportRow } | { line: number; errors: FieldError[] }
