// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
import { secondsAgo } from '@storewright/database'
import { sql } from 'kysely'
import type { Db } from './database.ts'

export type { Db }

type Page = { after: string; limit: number }

/** The next page of variants by SKU, deleted ones too; `version` is that of the product's last event. */
export const listVariants = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('variants as v')
    .innerJoin('products as p', 'p.id', 'v.product_id')
    .select(['v.sku as id', 'v.product_id as productId', 'p.name as productName', 'v.name as variantName'])
    .select(['v.prices', 'p.status', 'v.deleted'])
    .select(({ ref }) =>
      sql<number>`coalesce((select version from event_sequences where subject = ${ref('v.product_id')}), 0)`.as(
        'version',
      ),
    )
    .where('v.sku', '>', after)
    .orderBy('v.sku')
    .limit(limit)
    .execute()

/** The next page of this service's copy of stock statuses by SKU. */
export const listStockStatuses = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('stock_statuses')
    .select(['sku as id', 'status', 'version'])
    .where('sku', '>', after)
    .orderBy('sku')
    .limit(limit)
    .execute()

/** Whether the product of a SKU changed in the last seconds. */
export const productChangedWithin = async (db: Db, sku: string, seconds: number): Promise<boolean> =>
  (await db
    .selectFrom('variants as v')
    .innerJoin('products as p', 'p.id', 'v.product_id')
    .select('p.id')
    .where('v.sku', '=', sku)
    .where('p.updated_at', '>', secondsAgo(seconds))
    .executeTakeFirst()) !== undefined

/** The next page of promotions by id, deleted ones too; `version` is that of the last event. */
export const listPromotions = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('promotions as p')
    .select(['p.id', 'p.state', 'p.deleted'])
    .select(({ ref }) =>
      sql<number>`coalesce((select version from event_sequences where subject = ${ref('p.id')}), 0)`.as(
        'version',
      ),
    )
    .where('p.id', '>', after)
    .orderBy('p.id')
    .limit(limit)
    .execute()

/** Whether a promotion changed in the last seconds. */
export const promotionChangedWithin = async (db: Db, id: string, seconds: number): Promise<boolean> =>
  (await db
    .selectFrom('promotions')
    .select('id')
    .where('id', '=', id)
    .where('updated_at', '>', secondsAgo(seconds))
    .executeTakeFirst()) !== undefined
