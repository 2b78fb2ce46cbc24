import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

export interface ProductState {
  productId: string
  version: number
}

export interface OfferState {
  sku: string
  productId: string
  productVersion: number
  name: string
  /** Minor units by currency. */
  prices: Record<string, number>
  /** The product's own, without those above them. */
  categoryIds: string[]
  /** Of one unit, packed; null where it is not known. */
  weightGrams: number | null
  onSale: boolean
}

export interface StockState {
  sku: string
  version: number
  status: string
  available: number
}

export const selectOffers = (db: Db | Trx, skus: readonly string[]) =>
  db
    .selectFrom('offers')
    .leftJoin('stock_statuses', 'stock_statuses.sku', 'offers.sku')
    .select([
      'offers.sku',
      'offers.product_id as productId',
      'offers.name',
      'offers.prices',
      'offers.category_ids as categoryIds',
      'offers.weight_grams as weightGrams',
      'offers.on_sale as onSale',
      'stock_statuses.status as stockStatus',
      'stock_statuses.available',
    ])
    .where('offers.sku', 'in', skus)
    .execute()

/** Locks the products in the order given and sets each to the newest version seen. */
export const upsertProductVersions = (trx: Trx, products: readonly ProductState[]) =>
  trx
    .insertInto('offer_products')
    .values(products.map(({ productId, version }) => ({ product_id: productId, version })))
    .onDuplicateKeyUpdate({ version: sql`greatest(version, values(version))` })
    .execute()

export const listProductVersions = (trx: Trx, productIds: readonly string[]) =>
  trx
    .selectFrom('offer_products')
    .select(['product_id as productId', 'version'])
    .where('product_id', 'in', productIds)
    .execute()

// A SKU never moves to another product, so a row of another one is left as it is. `product_id` guards every
// column and is itself never assigned.
const ifOwn = (column: string) =>
  sql<never>`if(product_id = values(product_id), values(${sql.ref(column)}), ${sql.ref(column)})`

export const upsertOffers = (trx: Trx, offers: readonly OfferState[]) =>
  trx
    .insertInto('offers')
    .values(
      offers.map((offer) => ({
        sku: offer.sku,
        product_id: offer.productId,
        product_version: offer.productVersion,
        name: offer.name,
        prices: JSON.stringify(offer.prices),
        category_ids: JSON.stringify(offer.categoryIds),
        weight_grams: offer.weightGrams,
        on_sale: offer.onSale,
      })),
    )
    .onDuplicateKeyUpdate({
      product_version: ifOwn('product_version'),
      name: ifOwn('name'),
      prices: ifOwn('prices'),
      category_ids: ifOwn('category_ids'),
      weight_grams: ifOwn('weight_grams'),
      on_sale: ifOwn('on_sale'),
    })
    .execute()

/** Takes off sale what the newest state of its product does not list any more. */
export const withdrawMissingOffers = (trx: Trx, productIds: readonly string[]) =>
  trx
    .updateTable('offers')
    .set({ on_sale: false })
    .where('product_id', 'in', productIds)
    .where('on_sale', '=', 1)
    .where((eb) =>
      eb(
        'product_version',
        '<',
        eb
          .selectFrom('offer_products')
          .select('offer_products.version')
          .whereRef('offer_products.product_id', '=', 'offers.product_id'),
      ),
    )
    .execute()

const ifNewer = (column: string, replays: boolean) =>
  sql<never>`if(values(version) ${sql.raw(replays ? '>=' : '>')} version, values(${sql.ref(column)}), ${sql.ref(column)})`

/** The newest state of each SKU wins, whatever order they arrive in; `replays` also overwrite what is as new. */
export const upsertStockStatuses = (
  trx: Trx,
  states: readonly StockState[],
  { replays = false }: { replays?: boolean } = {},
) =>
  trx
    .insertInto('stock_statuses')
    .values(states.map((state) => ({ ...state })))
    .onDuplicateKeyUpdate({
      status: ifNewer('status', replays),
      available: ifNewer('available', replays),
      // Last, because the columns are assigned in this order and the others compare with the old version.
      version: sql`greatest(version, values(version))`,
    })
    .execute()
