import { MAX_AMOUNT, minorDigitsOf, type Money } from '@storewright/contracts'
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

const MAJOR = /^(\d{1,15})(?:\.(\d{1,6}))?$/

/** "12.99" GBP → 1299, exactly; a message where that is no price. No float is involved. */
export const toMinorUnits = (major: string, currency: string): number | { fault: string } => {
  const digits = minorDigitsOf(currency)
  if (digits === undefined) return { fault: `cannot be read: ${currency} is no ISO 4217 currency` }
  const parts = MAJOR.exec(major)
  if (!parts?.[1]) return { fault: 'is not a price in major units with a point, such as 12.99' }
  const decimals = (parts[2] ?? '').replace(/0+$/, '')
  if (decimals.length > digits) return { fault: `has more than the ${digits} decimals of ${currency}` }
  const minor = Number(parts[1] + decimals.padEnd(digits, '0'))
  return minor > MAX_AMOUNT ? { fault: 'is too large' } : minor
}

/** 1299 GBP → "12.99". */
export const toMajorUnits = (minor: number, currency: string): string => {
  const digits = minorDigitsOf(currency) ?? 2
  if (digits === 0) return String(minor)
  const padded = String(minor).padStart(digits + 1, '0')
  return `${padded.slice(0, -digits)}.${padded.slice(-digits)}`
}
