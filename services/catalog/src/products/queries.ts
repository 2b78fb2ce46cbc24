import type { StockStatus } from '@storewright/contracts'
import { insertRows, overwriteExcept } from '@storewright/database'
import { sql } from 'kysely'
import { RENDERING, type Database, type Db, type Trx } from '../database.ts'
import type { Product, Variant } from './product.ts'

const stockStatus = sql<Variant['stockStatus']>`coalesce(stock_statuses.status, 'out_of_stock')`

export const listVariantRows = (db: Db | Trx, productIds: string[]) =>
  db
    .selectFrom('variants')
    .leftJoin('stock_statuses', 'stock_statuses.sku', 'variants.sku')
    .select(['variants.product_id', 'variants.sku', 'variants.name', 'variants.attributes'])
    .select(['variants.options', 'variants.prices', 'variants.weight_grams', 'variants.deleted'])
    .select(stockStatus.as('stock_status'))
    .where('variants.product_id', 'in', productIds)
    .orderBy('variants.product_id')
    .orderBy('variants.position')
    .orderBy('variants.sku')
    .execute()

export const listCategoryRows = (db: Db | Trx, productIds: string[]) =>
  db
    .selectFrom('product_categories')
    .select(['product_id', 'category_id'])
    .where('product_id', 'in', productIds)
    .orderBy('product_id')
    .orderBy('position')
    .execute()

export const listUnitsSold = async (db: Db | Trx, productIds: string[]) =>
  productIds.length === 0
    ? []
    : db.selectFrom('products').select(['id', 'popularity']).where('id', 'in', productIds).execute()

/** Products that are not deleted, a part of the catalogue at a time. */
const selectAfter = (db: Db | Trx, afterId: string, limit: number) =>
  db
    .selectFrom('products')
    .where('id', '>', afterId)
    .where('status', '<>', 'deleted')
    .orderBy('id')
    .limit(limit)

/** A page of all products, deleted ones too, or of those that SKUs belong to. */
export const listProductIdsAfter = (
  trx: Trx,
  { after, limit, skus }: { after: string; limit: number; skus: string[] | null },
) =>
  trx
    .selectFrom('products')
    .select('id')
    .where('id', '>', after)
    .$if(skus !== null, (query) =>
      query.where('id', 'in', (eb) =>
        eb
          .selectFrom('variants')
          .select('product_id')
          .where('sku', 'in', skus ?? []),
      ),
    )
    .orderBy('id')
    .limit(limit)
    .execute()

export const listIdsAfter = async (trx: Trx, afterId: string, limit: number) =>
  (await selectAfter(trx, afterId, limit).select('id').execute()).map(({ id }) => id)

/** Ids of the products in a category, or of all (''), a part at a time. */
export const listIdsIn = async (trx: Trx, categoryId: string, afterId: string, limit: number) => {
  if (categoryId === '') return listIdsAfter(trx, afterId, limit)
  const rows = await trx
    .selectFrom('product_categories')
    .select('product_id as id')
    .where((eb) =>
      eb.or([
        eb.and([eb('category_id', '=', categoryId), eb('product_id', '>', afterId)]),
        // Nothing is there, but without it MariaDB reads the category from its beginning.
        eb('category_id', '=', ''),
      ]),
    )
    .orderBy('category_id')
    .orderBy('product_id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

const productColumns = [
  'id',
  'slug',
  'handle',
  'name',
  'description',
  'status',
  'attributes',
  'options',
  'media',
  'seo',
  'metadata',
  'version',
  'revision',
  'created_at as createdAt',
  'updated_at as updatedAt',
  'published_at as publishedAt',
] as const

const selectProductRows = (db: Db | Trx, ids: string[]) =>
  db.selectFrom('products').select(productColumns).where('id', 'in', ids).orderBy('id')

const productRowsToLock = (trx: Trx, ids: string[]) => selectProductRows(trx, ids).forUpdate()

export const listProductRows = (db: Db, ids: string[]) => selectProductRows(db, ids).execute()

export const lockProductRows = (trx: Trx, ids: string[]) => productRowsToLock(trx, ids).execute()

/** Some of them, without those that somebody else holds at the moment. */
export const lockFreeProductRows = (trx: Trx, ids: string[], limit: number) =>
  productRowsToLock(trx, ids).limit(limit).skipLocked().execute()

export const listProductRowsAfter = (db: Db | Trx, afterId: string, limit: number) =>
  selectAfter(db, afterId, limit).select(productColumns).execute()

export const listOwners = (db: Db | Trx, skus: string[]) =>
  skus.length === 0
    ? Promise.resolve([])
    : db.selectFrom('variants').select(['sku', 'product_id as productId']).where('sku', 'in', skus).execute()

export interface StockRow {
  sku: string
  status: StockStatus
  /** The aggregate version of the event that stated it; 0 where there was none. */
  version: number
}

/** Locks SKUs in their order, missing ones too: adding a SKU and applying its stock status never miss each other. */
export const lockStockRows = async (trx: Trx, skus: string[]): Promise<StockRow[]> => {
  if (skus.length === 0) return []
  await insertRows(
    trx,
    'stock_statuses',
    [...new Set(skus)].sort().map((sku) => ({ sku, status: 'out_of_stock' as const, version: 0 })),
    { onDuplicate: 'sku = stock_statuses.sku' },
  )
  return trx
    .selectFrom('stock_statuses')
    .select(['sku', 'status', 'version'])
    .where('sku', 'in', skus)
    .execute()
}

export const listBySlug = async (trx: Trx, slugs: string[]) =>
  slugs.length === 0
    ? []
    : trx.selectFrom('products').select(['id', 'slug']).where('slug', 'in', slugs).execute()

/** The one definition of a stored product: inserts and updates write all of it. */
const productRow = (product: Product) =>
  ({
    id: product.id,
    slug: product.slug,
    handle: product.handle,
    name: product.name,
    description: product.description,
    status: product.status,
    attributes: JSON.stringify(product.attributes),
    options: JSON.stringify(product.options),
    media: JSON.stringify(product.media),
    seo: JSON.stringify(product.seo),
    metadata: JSON.stringify(product.metadata),
    version: product.version,
    revision: product.revision,
    rendered: RENDERING,
    created_at: product.createdAt,
    updated_at: product.updatedAt,
    published_at: product.publishedAt,
  }) satisfies Record<Exclude<keyof Database['products'], 'popularity'>, unknown>

const variantRow = (productId: string, variant: Variant, position: number) =>
  ({
    sku: variant.sku,
    product_id: productId,
    position,
    name: variant.name,
    attributes: JSON.stringify(variant.attributes),
    options: JSON.stringify(variant.options),
    prices: JSON.stringify(variant.prices),
    weight_grams: variant.weightGrams,
    deleted: Number(variant.deleted),
  }) satisfies Record<keyof Database['variants'], unknown>

/** New rows only: a slug or handle that another product took meanwhile is a duplicate key, never an update of it. */
export const insertProducts = (trx: Trx, products: Product[]) =>
  insertRows(trx, 'products', products.map(productRow))

/** Rows that are there and locked: the upsert always finds the id first, and is one statement for many rows. */
export const updateProducts = (trx: Trx, products: Product[]) => {
  const rows = products.map(productRow)
  return insertRows(trx, 'products', rows, { onDuplicate: overwriteExcept(rows, ['id', 'created_at']) })
}

/** Writes all variants of these products, deleted ones too. The product of a SKU is never rewritten. */
export const writeVariants = (trx: Trx, products: Product[]) => {
  const rows = products.flatMap(({ id, variants }) =>
    variants.map((variant, position) => variantRow(id, variant, position)),
  )
  return insertRows(trx, 'variants', rows, { onDuplicate: overwriteExcept(rows, ['sku', 'product_id']) })
}

/** Writes in which categories products are; `knownIds` are the products that were stored before. */
export const replaceProductCategories = async (trx: Trx, products: Product[], knownIds: string[]) => {
  if (knownIds.length > 0)
    await trx.deleteFrom('product_categories').where('product_id', 'in', knownIds).execute()
  const rows = products.flatMap(({ id, categoryIds }) =>
    categoryIds.map((categoryId, position) => ({ product_id: id, position, category_id: categoryId })),
  )
  await insertRows(trx, 'product_categories', rows)
}

/** Overwrites rows that the caller locked and found older. */
export const writeStock = (trx: Trx, rows: StockRow[]) =>
  insertRows(trx, 'stock_statuses', rows, { onDuplicate: overwriteExcept(rows, ['sku']) })
