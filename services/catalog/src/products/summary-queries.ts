import { insertRows, overwriteExcept } from '@storewright/database'
import { sql } from 'kysely'
import { RENDERING, type Db, type ProductRow, type Trx } from '../database.ts'
import type { Product } from './product.ts'
import { summariesOf } from './stored-views.ts'

/** Products whose stored views older code wrote. */
export const listOutdatedIds = async (trx: Trx, limit: number) => {
  const rows = await trx
    .selectFrom('products')
    .select('id')
    .where('rendered', '<', RENDERING)
    .where('status', '<>', 'deleted')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

export const markRendered = (trx: Trx, ids: string[]) =>
  trx.updateTable('products').set({ rendered: RENDERING }).where('id', 'in', ids).execute()

export const listSummaries = (trx: Trx, productIds: string[]) =>
  trx
    .selectFrom('product_summaries')
    .select(['product_id', 'currency', 'summary'])
    .where('product_id', 'in', productIds)
    .orderBy('currency')
    .execute()

/** What a page shows of a product; the summary is JSON text. */
export interface FoundProduct extends Pick<
  ProductRow,
  'id' | 'slug' | 'status' | 'version' | 'revision' | 'description' | 'seo' | 'metadata'
> {
  summary: string | null
}

/** Products with prices in a currency, as they are stored. Written out: nothing is asked oftener. */
export const listPages = async (
  db: Db | Trx,
  by: 'id' | 'slug',
  keys: string[],
  currency: string,
): Promise<FoundProduct[]> => {
  const { rows } = await sql<FoundProduct>`select id, slug, status, version, products.revision,
      description, seo, metadata, coalesce(shown.summary,
      (select summary from product_summaries
        where product_id = products.id and currency = '' and products.status <> 'published')) as summary
    from products left join product_summaries shown on shown.product_id = products.id and shown.currency = ${currency}
    where ${sql.ref(`products.${by}`)} in (${sql.join(keys)}) and status <> 'deleted'`.execute(db)
  return rows
}

/** Writes what lists and pages show of products that are stored; `emptied` are those whose currencies changed. */
export const writeSummaries = async (trx: Trx, products: Product[], emptied: string[]) => {
  if (emptied.length > 0)
    await trx.deleteFrom('product_summaries').where('product_id', 'in', emptied).execute()
  const rows = products.flatMap((product) =>
    summariesOf(product).map((row) => ({ product_id: product.id, revision: product.revision, ...row })),
  )
  await insertRows(trx, 'product_summaries', rows, {
    onDuplicate: overwriteExcept(rows, ['product_id', 'currency']),
  })
}
