import { parseJson } from '@storewright/database'
import { createBatcher, READ_WAIT_MS } from '@storewright/runtime/batching'
import type { Db, Trx } from '../database.ts'
import type { Product } from './product.ts'
import {
  listCategoryRows,
  listOwners,
  listProductRows,
  listProductRowsAfter,
  listVariantRows,
  lockFreeProductRows,
  lockProductRows,
  lockStockRows,
} from './queries.ts'
import { renderSummary } from './render-product.ts'
import { listPages, type FoundProduct } from './summary-queries.ts'

type ProductRow = Awaited<ReturnType<typeof lockProductRows>>[number]

const assemble = async (db: Db | Trx, rows: ProductRow[]): Promise<Product[]> => {
  if (rows.length === 0) return []
  const ids = rows.map(({ id }) => id)
  const variants = Map.groupBy(await listVariantRows(db, ids), (row) => row.product_id)
  const categories = Map.groupBy(await listCategoryRows(db, ids), (row) => row.product_id)
  return rows.map((row) => ({
    ...row,
    attributes: parseJson(row.attributes),
    options: parseJson(row.options),
    media: parseJson(row.media),
    seo: parseJson(row.seo),
    metadata: parseJson(row.metadata),
    categoryIds: (categories.get(row.id) ?? []).map((category) => category.category_id),
    variants: (variants.get(row.id) ?? []).map((variant) => ({
      sku: variant.sku,
      name: variant.name,
      attributes: parseJson(variant.attributes),
      options: parseJson(variant.options),
      prices: parseJson(variant.prices),
      weightGrams: variant.weight_grams,
      deleted: variant.deleted === 1,
      stockStatus: variant.stock_status,
    })),
  }))
}

/** Locks products, in the order of their ids, and reads them whole; deleted ones too. */
export const lockProducts = async (trx: Trx, ids: string[]): Promise<Product[]> =>
  assemble(trx, ids.length === 0 ? [] : await lockProductRows(trx, ids))

/** As `lockProducts`, some of them, without those that somebody else holds at the moment. */
export const lockFreeProducts = async (trx: Trx, ids: string[], limit: number): Promise<Product[]> =>
  assemble(trx, ids.length === 0 ? [] : await lockFreeProductRows(trx, ids, limit))

/** Products that are not deleted, a part of the catalogue at a time, in the order of their ids. */
export const listProductsAfter = async (db: Db | Trx, afterId: string, limit: number): Promise<Product[]> =>
  assemble(db, await listProductRowsAfter(db, afterId, limit))

export type PageKey = { by: 'id' | 'slug'; key: string; currency: string }

/** A page as it is stored; rendered now where the product is on sale and has no price in the currency. */
const toPage = async (db: Db, found: FoundProduct | undefined, currency: string) => {
  if (!found) return undefined
  const { summary, ...stored } = found
  if (summary !== null) return { ...stored, summary }
  const [product] = await assemble(db, await listProductRows(db, [found.id]))
  return product && { ...product, summary: renderSummary(product, currency) }
}

/** What a page shows of a product in a currency. */
export const findProductPage = async (db: Db, { by, key, currency }: PageKey) =>
  toPage(db, (await listPages(db, by, [key], currency))[0], currency)

/** The same, in one statement for all pages that are asked for while others are read. */
export const createPageReader = (db: Db) => {
  const createReader = ({ by, currency }: PageKey) =>
    createBatcher(
      async (keys: string[]) => {
        const rows = await listPages(db, by, [...new Set(keys)], currency)
        const found = new Map(rows.map((row) => [row[by], row]))
        return keys.map((key) => found.get(key))
      },
      { waitMs: READ_WAIT_MS },
    )
  const readers = new Map<string, ReturnType<typeof createReader>>()
  return async (page: PageKey) => {
    const kind = page.by + page.currency
    const read = readers.get(kind) ?? createReader(page)
    readers.set(kind, read)
    return toPage(db, await read(page.key), page.currency)
  }
}

export interface Owner {
  sku: string
  productId: string
}

/** Which product each SKU belongs to, for ever; SKUs never used are missing. */
export const findOwners = (trx: Db | Trx, skus: string[]): Promise<Owner[]> => listOwners(trx, skus)

/** Locks SKUs for a product that brings them, and then reads their stock statuses and who owns them already. */
export const lockSkus = async (trx: Trx, skus: string[]) => {
  const stock = new Map((await lockStockRows(trx, skus)).map(({ sku, status }) => [sku, status]))
  return { stock, owners: await listOwners(trx, skus) }
}
