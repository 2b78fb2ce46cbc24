import { sql } from 'kysely'
import type { Trx } from '../database.ts'

export const addSales = (trx: Trx, sold: [sku: string, units: number][]) =>
  trx
    .insertInto('sku_sales')
    .values(sold.map(([sku, units]) => ({ sku, units, dirty: 1 })))
    .onDuplicateKeyUpdate({ units: sql`units + values(units)`, dirty: 1 })
    .execute()

/** SKUs with sales that are not in listings yet, with their products; SKUs of no product wait for one. */
export const listDirtyProducts = (trx: Trx, limit: number) =>
  trx
    .selectFrom('sku_sales')
    .innerJoin('variants', 'variants.sku', 'sku_sales.sku')
    .select(['sku_sales.sku', 'variants.product_id as productId'])
    .where('sku_sales.dirty', '=', 1)
    .orderBy('sku_sales.sku')
    .limit(limit)
    .execute()

export const clearDirty = (trx: Trx, skus: string[]) =>
  trx.updateTable('sku_sales').set({ dirty: 0 }).where('sku', 'in', skus).execute()

export const sumSales = (trx: Trx, productIds: string[]) =>
  trx
    .selectFrom('variants')
    .innerJoin('sku_sales', 'sku_sales.sku', 'variants.sku')
    .select(['variants.product_id as productId', (eb) => eb.fn.sum<number>('sku_sales.units').as('units')])
    .where('variants.product_id', 'in', productIds)
    .groupBy('variants.product_id')
    .orderBy('variants.product_id')
    .execute()

export const writePopularity = async (trx: Trx, sums: { productId: string; units: number }[]) => {
  const ids = sums.map(({ productId }) => productId)
  const popularity = (id: 'id' | 'product_id') =>
    sql<number>`case ${sql.ref(id)} ${sql.join(
      sums.map(({ productId, units }) => sql`when ${productId} then ${units}`),
      sql` `,
    )} end`
  // Products first, as everybody does: the product's row is the lock of its listings.
  await trx
    .updateTable('products')
    .set({ popularity: popularity('id') })
    .where('id', 'in', ids)
    .execute()
  await trx
    .updateTable('listings')
    .set({ popularity: popularity('product_id') })
    .where('product_id', 'in', ids)
    .execute()
}
