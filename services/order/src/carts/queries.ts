import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { unlessErased } from '../erased-users/erased-users.ts'
import type { CartLine, Offer } from './cart.ts'

export interface CartHead {
  id: string
  userId: string | null
  currency: string
  status: 'open' | 'ordered' | 'merged'
  orderId: string | null
  mergedInto: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const head = [
  'carts.id',
  'carts.user_id as userId',
  'carts.currency',
  'carts.status',
  'carts.order_id as orderId',
  'carts.merged_into as mergedInto',
  'carts.version',
  'carts.created_at as createdAt',
  'carts.updated_at as updatedAt',
] as const

const offer = [
  'offers.sku as offerSku',
  'offers.name',
  'offers.prices',
  'offers.on_sale as onSale',
  'stock_statuses.status as stockStatus',
  'stock_statuses.available',
] as const

type OfferRow = {
  offerSku: string | null
  name: string | null
  prices: Record<string, number> | string | null
  onSale: number | null
  stockStatus: string | null
  available: number | null
}

const offerOf = (row: OfferRow): Offer | null =>
  row.offerSku === null
    ? null
    : {
        sku: row.offerSku,
        name: row.name ?? row.offerSku,
        prices: new Map(Object.entries(parseJson(row.prices ?? {}))),
        onSale: row.onSale === 1,
        stockStatus: row.stockStatus,
        available: row.available,
      }

export const insertCart = (db: Db | Trx, cart: Pick<CartHead, 'id' | 'userId' | 'currency' | 'createdAt'>) =>
  db
    .insertInto('carts')
    .values({
      id: cart.id,
      // A cart of somebody who was erased meanwhile is nobody's.
      user_id: unlessErased(cart.userId, cart.userId),
      currency: cart.currency,
      created_at: cart.createdAt,
      updated_at: cart.createdAt,
    })
    .execute()

export const findCartHead = (db: Db | Trx, id: string): Promise<CartHead | undefined> =>
  db.selectFrom('carts').select(head).where('id', '=', id).executeTakeFirst()

export const lockCart = (trx: Trx, id: string): Promise<CartHead | undefined> =>
  trx.selectFrom('carts').select(head).where('id', '=', id).forUpdate().executeTakeFirst()

/** The user's open cart that was touched last. */
export const findOpenCartOf = (db: Db, userId: string) =>
  db
    .selectFrom('carts')
    .select('id')
    .where('user_id', '=', userId)
    .where('status', '=', 'open')
    .orderBy('updated_at', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()

export const lockOpenCartOf = (trx: Trx, userId: string, currency: string) =>
  trx
    .selectFrom('carts')
    .select(head)
    .where('user_id', '=', userId)
    .where('status', '=', 'open')
    .where('currency', '=', currency)
    .orderBy('updated_at', 'desc')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .executeTakeFirst()

type CartRow = CartHead &
  OfferRow & { sku: string | null; quantity: number | null; addedPriceMinor: number | null }

const cartColumns = [
  ...head,
  ...offer,
  'cart_items.sku',
  'cart_items.quantity',
  'cart_items.added_price_minor as addedPriceMinor',
] as const

const lineOrder = sql`cart_items.added_at, cart_items.position, cart_items.sku`

const linesOf = (rows: readonly CartRow[]): CartLine[] =>
  rows.flatMap((row) => {
    const { sku, quantity, addedPriceMinor } = row
    if (sku === null || quantity === null || addedPriceMinor === null) return []
    return [{ sku, quantity, addedPriceMinor, offer: offerOf(row) }]
  })

/** A cart with its lines and their offers, in one round trip. */
export const findCart = async (
  db: Db | Trx,
  id: string,
): Promise<{ cart: CartHead; lines: CartLine[] } | undefined> => {
  const rows = await db
    .selectFrom('carts')
    .leftJoin('cart_items', 'cart_items.cart_id', 'carts.id')
    .leftJoin('offers', 'offers.sku', 'cart_items.sku')
    .leftJoin('stock_statuses', 'stock_statuses.sku', 'cart_items.sku')
    .select(cartColumns)
    .where('carts.id', '=', id)
    .orderBy(lineOrder)
    .execute()
  const [cart] = rows
  return cart && { cart, lines: linesOf(rows) }
}

/** As `findCart`, and the offers of more SKUs with it: all that a change of lines is checked against. */
export const findCartAndOffers = async (db: Db | Trx, id: string, skus: readonly string[]) => {
  const rows = await db
    .selectFrom('carts')
    .leftJoin(
      (eb) =>
        eb
          .selectFrom('cart_items')
          .select('cart_items.sku')
          .where('cart_items.cart_id', '=', id)
          // From the offers and not as values: those would have another collation, and no index would be used.
          .union(
            eb
              .selectFrom('offers')
              .select('offers.sku')
              .where('offers.sku', 'in', skus.length > 0 ? skus : ['']),
          )
          .as('named'),
      (join) => join.onTrue(),
    )
    .leftJoin('cart_items', (join) =>
      join.onRef('cart_items.cart_id', '=', 'carts.id').onRef('cart_items.sku', '=', 'named.sku'),
    )
    .leftJoin('offers', 'offers.sku', 'named.sku')
    .leftJoin('stock_statuses', 'stock_statuses.sku', 'named.sku')
    .select(cartColumns)
    .where('carts.id', '=', id)
    .orderBy(lineOrder)
    .execute()
  const [cart] = rows
  if (!cart) return undefined
  const offers = rows.map(offerOf).filter((found) => found !== null)
  return { cart, lines: linesOf(rows), offers: new Map(offers.map((found) => [found.sku, found])) }
}
export type CartAndOffers = NonNullable<Awaited<ReturnType<typeof findCartAndOffers>>>

const usableBy = (userId: string | null) =>
  userId === null ? sql<boolean>`user_id is null` : sql<boolean>`(user_id is null or user_id = ${userId})`

/** Locks the open cart and counts its version up; false if it is not open, not this user's, or not as `seen`. */
export const touchCart = async (
  trx: Trx,
  { id, userId, now, seen }: { id: string; userId: string | null; now: Date; seen?: number },
) => {
  let query = trx
    .updateTable('carts')
    .set({ version: sql`version + 1`, updated_at: now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where(usableBy(userId))
  if (seen !== undefined) query = query.where('version', '=', seen)
  const result = await query.executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Locks the open cart and turns it into the order's; false when it is not open, or not this user's. */
export const closeCart = async (trx: Trx, id: string, userId: string | null, orderId: string, now: Date) => {
  const result = await trx
    .updateTable('carts')
    .set({ status: 'ordered', order_id: orderId, version: sql`version + 1`, updated_at: now })
    .where('id', '=', id)
    .where('status', '=', 'open')
    .where(usableBy(userId))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export const assignCart = (trx: Trx, id: string, userId: string, now: Date) =>
  trx
    .updateTable('carts')
    .set({ user_id: unlessErased(userId, userId), version: sql`version + 1`, updated_at: now })
    .where('id', '=', id)
    .execute()

export const mergeCartInto = (trx: Trx, id: string, target: string, now: Date) =>
  trx
    .updateTable('carts')
    .set({ status: 'merged', merged_into: target, version: sql`version + 1`, updated_at: now })
    .where('id', '=', id)
    .execute()
