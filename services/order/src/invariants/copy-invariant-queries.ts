import type { Db } from '../database.ts'

type Page = { after: string; limit: number }

/** The next page of offers by SKU; `version` is the newest state taken of the offer's product. */
export const listOffers = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('offers as o')
    .leftJoin('offer_products as p', 'p.product_id', 'o.product_id')
    .select(['o.sku as id', 'o.product_id as productId', 'o.name', 'o.prices'])
    .select(['o.on_sale as onSale', 'p.version'])
    .where('o.sku', '>', after)
    .orderBy('o.sku')
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

/** The next page of this service's copy of promotions by id. */
export const listPromotions = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('promotions')
    .select(['promotion_id as id', 'state', 'deleted', 'version'])
    .where('promotion_id', '>', after)
    .orderBy('promotion_id')
    .limit(limit)
    .execute()

/** The next page of this service's copy of how to reach account holders, by account. */
export const listContacts = (db: Db, { after, limit }: Page) =>
  db
    .selectFrom('account_contacts')
    .select(['user_id as id', 'email', 'name', 'locale', 'tax_exempt as taxExempt'])
    .where('user_id', '>', after)
    .orderBy('user_id')
    .limit(limit)
    .execute()
