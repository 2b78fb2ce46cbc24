import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, ProductStatus, Trx } from '../database.ts'
import type { Product, Variant } from './product.ts'

const UNKNOWN_STOCK = sql<Variant['stockStatus']>`coalesce(stock_statuses.status, 'out_of_stock')`

const listVariants = (trx: Trx, productIds: string[]) =>
  trx
    .selectFrom('variants')
    .leftJoin('stock_statuses', 'stock_statuses.sku', 'variants.sku')
    .select(['variants.product_id', 'variants.sku', 'variants.name', 'variants.attributes'])
    .select(['variants.price_minor', 'variants.currency', 'variants.lowest_before_minor', 'variants.deleted'])
    .select(UNKNOWN_STOCK.as('stock_status'))
    .where('variants.product_id', 'in', productIds)
    .orderBy('variants.product_id')
    .orderBy('variants.position')
    .orderBy('variants.sku')
    .execute()

const listProductCategories = (trx: Trx, productIds: string[]) =>
  trx
    .selectFrom('product_categories')
    .select(['product_id', 'category_id'])
    .where('product_id', 'in', productIds)
    .orderBy('product_id')
    .orderBy('position')
    .execute()

/** Locks products, in the order of their ids, and reads them whole; deleted ones too. */
export const lockProducts = async (trx: Trx, ids: string[]): Promise<Product[]> => {
  if (ids.length === 0) return []
  const rows = await trx
    .selectFrom('products')
    .select(['id', 'slug', 'handle', 'name', 'description', 'status', 'attributes', 'media', 'version'])
    .select(['created_at as createdAt', 'updated_at as updatedAt', 'published_at as publishedAt'])
    .where('id', 'in', ids)
    .orderBy('id')
    .forUpdate()
    .execute()
  if (rows.length === 0) return []
  const variants = Map.groupBy(await listVariants(trx, ids), (row) => row.product_id)
  const productCategories = Map.groupBy(await listProductCategories(trx, ids), (row) => row.product_id)
  return rows.map((row) => ({
    ...row,
    attributes: parseJson(row.attributes),
    media: parseJson(row.media),
    categoryIds: (productCategories.get(row.id) ?? []).map((row) => row.category_id),
    variants: (variants.get(row.id) ?? []).map((variant) => ({
      sku: variant.sku,
      name: variant.name,
      attributes: parseJson(variant.attributes),
      price: { amount: variant.price_minor, currency: variant.currency },
      lowestBefore: variant.lowest_before_minor,
      deleted: variant.deleted === 1,
      stockStatus: variant.stock_status,
    })),
  }))
}

/** Which product each SKU belongs to, for ever; SKUs never used are missing. */
export const listOwners = (db: Db | Trx, skus: string[]) =>
  skus.length === 0
    ? Promise.resolve([])
    : db.selectFrom('variants').select(['sku', 'product_id as productId']).where('sku', 'in', skus).execute()

/**
 * Makes sure that each SKU has its stock row and locks it, in the order of the SKUs. Whoever brings a new SKU, and
 * whoever carries stock over to variants, starts here: so neither misses the other, and no two bring one SKU.
 */
export const lockStockRows = async (trx: Trx, skus: string[]) => {
  if (skus.length === 0) return []
  await trx
    .insertInto('stock_statuses')
    .values([...new Set(skus)].sort().map((sku) => ({ sku, status: 'out_of_stock' as const, version: 0 })))
    .onDuplicateKeyUpdate({ sku: sql`stock_statuses.sku` })
    .execute()
  return trx
    .selectFrom('stock_statuses')
    .select(['sku', 'status', 'version'])
    .where('sku', 'in', skus)
    .execute()
}

/** Keeps the tree of categories as it is until this transaction ends. */
export const lockTreeShared = (trx: Trx) =>
  trx
    .selectFrom('category_tree')
    .select('id')
    .where('id', '=', 1)
    // Not FOR SHARE, which MariaDB does not know.
    .modifyEnd(sql`lock in share mode`)
    .executeTakeFirstOrThrow()

export const listCategoryIds = async (trx: Trx, ids: string[]) =>
  ids.length === 0
    ? []
    : (await trx.selectFrom('categories').select('id').where('id', 'in', ids).execute()).map((row) => row.id)

/** Which of these slugs are used, and by whom. */
export const listBySlug = async (trx: Trx, slugs: string[]) =>
  slugs.length === 0
    ? []
    : trx.selectFrom('products').select(['id', 'slug']).where('slug', 'in', slugs).execute()

/** A product as it is shown, found by its id or its slug. */
export const findView = (db: Db | Trx, key: { id: string } | { slug: string }) =>
  db
    .selectFrom('products')
    .select(['id', 'status', 'version', 'view', 'description'])
    .where((eb) => ('id' in key ? eb('id', '=', key.id) : eb('slug', '=', key.slug)))
    .where('status', '<>', 'deleted')
    .executeTakeFirst()

/** What other services may ask of a SKU. */
export const listKnownVariants = (db: Db, skus: string[]) =>
  db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['variants.sku', 'variants.product_id as productId', 'variants.name'])
    .select(sql<ProductStatus>`if(variants.deleted = 1, 'deleted', products.status)`.as('status'))
    .where('variants.sku', 'in', skus)
    .orderBy('variants.sku')
    .execute()
