import { sql } from 'kysely'
import type { Db, ProductStatus } from '../database.ts'

/** What other services need to know of SKUs; a deleted variant is `deleted` whatever its product is. */
export const listVariants = (db: Db, skus: string[]) =>
  db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['variants.sku', 'variants.product_id as productId', 'variants.name'])
    .select(sql<ProductStatus>`if(variants.deleted = 1, 'deleted', products.status)`.as('status'))
    .where('variants.sku', 'in', skus)
    .orderBy('variants.sku')
    .execute()
