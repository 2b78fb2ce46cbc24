import { sql, type RawBuilder } from 'kysely'
import type { Trx } from '../database.ts'
import type { Product, Variant } from './product.ts'
import { productView } from './view.ts'

const productRow = (product: Product) => ({
  id: product.id,
  slug: product.slug,
  handle: product.handle,
  name: product.name,
  description: product.description,
  status: product.status,
  attributes: JSON.stringify(product.attributes),
  media: JSON.stringify(product.media),
  view: productView(product),
  version: product.version,
  created_at: product.createdAt,
  updated_at: product.updatedAt,
  published_at: product.publishedAt,
})

const variantRow = (productId: string, variant: Variant, position: number) => ({
  sku: variant.sku,
  product_id: productId,
  position,
  name: variant.name,
  attributes: JSON.stringify(variant.attributes),
  price_minor: variant.price.amount,
  currency: variant.price.currency,
  lowest_before_minor: variant.lowestBefore,
  deleted: Number(variant.deleted),
})

/** "Take the new value" for each column, as both servers spell it. */
const takeNew = <Column extends string>(columns: readonly Column[]) =>
  Object.fromEntries(columns.map((column) => [column, sql`values(${sql.ref(column)})`])) as Record<
    Column,
    RawBuilder<never>
  >

const MAX_PACKET_CHARACTERS = 3 * 1024 * 1024
const MAX_ROWS = 1_000

/** Cuts rows into statements that servers take with their default limits. */
const statementsOf = <Row extends object>(rows: Row[]): Row[][] => {
  const statements: Row[][] = []
  let current: Row[] = []
  let characters = 0
  for (const row of rows) {
    const length = Object.values(row).reduce<number>(
      (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
      0,
    )
    if (current.length >= MAX_ROWS || (current.length > 0 && characters + length > MAX_PACKET_CHARACTERS)) {
      statements.push(current)
      current = []
      characters = 0
    }
    current.push(row)
    characters += length
  }
  if (current.length > 0) statements.push(current)
  return statements
}

/** New rows only: a slug or handle that another product took meanwhile is a duplicate key, never an update of it. */
export const insertProducts = async (trx: Trx, products: Product[]) => {
  for (const rows of statementsOf(products.map(productRow)))
    await trx.insertInto('products').values(rows).execute()
}

/** Rows that are there and locked: the upsert always finds the id first, and is one statement for many rows. */
export const updateProducts = async (trx: Trx, products: Product[]) => {
  for (const rows of statementsOf(products.map(productRow)))
    await trx
      .insertInto('products')
      .values(rows)
      .onDuplicateKeyUpdate(
        takeNew([
          'slug',
          'handle',
          'name',
          'description',
          'status',
          'attributes',
          'media',
          'view',
          'version',
          'updated_at',
          'published_at',
        ]),
      )
      .execute()
}

/** Writes all variants of these products, deleted ones too. The product of a SKU is never rewritten. */
export const writeVariants = async (trx: Trx, products: Product[]) => {
  const rows = products.flatMap(({ id, variants }) =>
    variants.map((variant, position) => variantRow(id, variant, position)),
  )
  for (const part of statementsOf(rows))
    await trx
      .insertInto('variants')
      .values(part)
      .onDuplicateKeyUpdate(
        takeNew([
          'position',
          'name',
          'attributes',
          'price_minor',
          'currency',
          'lowest_before_minor',
          'deleted',
        ]),
      )
      .execute()
}

/** Files products under their categories; `filedIds` are those of them that were filed before. */
export const replaceProductCategories = async (trx: Trx, products: Product[], filedIds: string[]) => {
  if (filedIds.length > 0)
    await trx.deleteFrom('product_categories').where('product_id', 'in', filedIds).execute()
  const rows = products.flatMap(({ id, categoryIds }) =>
    categoryIds.map((categoryId, position) => ({ product_id: id, position, category_id: categoryId })),
  )
  for (const part of statementsOf(rows)) await trx.insertInto('product_categories').values(part).execute()
}

/** Writes the words of products; `wordedIds` are those of them that had words before. */
export const replaceTerms = async (trx: Trx, terms: Map<string, string[]>, wordedIds: string[]) => {
  if (wordedIds.length > 0)
    await trx.deleteFrom('search_terms').where('product_id', 'in', wordedIds).execute()
  const rows = [...terms].flatMap(([productId, words]) =>
    words.map((term) => ({ term, product_id: productId })),
  )
  for (const part of statementsOf(rows)) await trx.insertInto('search_terms').values(part).execute()
}
