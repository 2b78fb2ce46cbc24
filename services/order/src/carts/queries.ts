import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { CartLineState, Db, Trx } from '../database.ts'
import { unlessErased } from '../erased-users/erased-users.ts'

/** A cart as it is stored. */
export interface StoredCart {
  id: string
  userId: string | null
  currency: string
  status: 'open' | 'ordered' | 'merged'
  orderId: string | null
  mergedInto: string | null
  version: number
  lines: CartLineState[]
  /** Coupon codes, normalised, in order of entry. */
  codes: string[]
  country: string | null
  postalCode: string | null
  shippingMethod: string | null
  /** Whether its user pays no tax. */
  taxExempt: boolean
  /** Whether it is the active one of its user and currency. */
  active: boolean
  createdAt: Date
  updatedAt: Date
}

export const columns = [
  'id',
  'user_id as userId',
  'currency',
  'status',
  'order_id as orderId',
  'merged_into as mergedInto',
  'version',
  'lines',
  'codes',
  'country',
  'postal_code as postalCode',
  'shipping_method as shippingMethod',
  'active_key as activeKey',
  sql<number | null>`(select tax_exempt from account_contacts where user_id = carts.user_id)`.as('taxExempt'),
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

type CartRow = Omit<StoredCart, 'lines' | 'codes' | 'active' | 'taxExempt'> & {
  taxExempt: number | null
  lines: CartLineState[] | string
  codes: string[] | string
  activeKey: string | null
}

export const cartOf = ({ activeKey, taxExempt, ...row }: CartRow): StoredCart => ({
  ...row,
  lines: parseJson(row.lines),
  codes: parseJson(row.codes),
  active: activeKey !== null,
  taxExempt: taxExempt === 1,
})

const maybe = (row: CartRow | undefined) => row && cartOf(row)

const activeKeyOf = (userId: string, currency: string) => `${userId}:${currency}`

// Days are whole, so that the index seldom moves: what is due is deleted up to a day later.
const EMPTY_GUEST_CART_DAYS = 1
export const inDays = (days: number) => sql<Date>`date(utc_timestamp()) + interval ${days + 1} day`

export const findCarts = async (db: Db, ids: readonly string[]): Promise<StoredCart[]> =>
  (await db.selectFrom('carts').select(columns).where('id', 'in', ids).execute()).map(cartOf)

export const findCart = async (db: Db | Trx, id: string): Promise<StoredCart | undefined> =>
  maybe(await db.selectFrom('carts').select(columns).where('id', '=', id).executeTakeFirst())

export const lockCart = async (trx: Trx, id: string): Promise<StoredCart | undefined> =>
  maybe(await trx.selectFrom('carts').select(columns).where('id', '=', id).forUpdate().executeTakeFirst())

/** The user's active cart of a currency, or of any, the one touched last. */
export const findActiveCart = async (db: Db | Trx, userId: string, currency?: string) => {
  const carts = db.selectFrom('carts').select(columns)
  const wanted =
    currency === undefined
      ? carts.where('user_id', '=', userId).where('active_key', 'is not', null)
      : carts.where('active_key', '=', activeKeyOf(userId, currency))
  return maybe(await wanted.orderBy('updated_at', 'desc').orderBy('id').limit(1).executeTakeFirst())
}

export const lockActiveCart = async (trx: Trx, userId: string, currency: string) =>
  maybe(
    await trx
      .selectFrom('carts')
      .select(columns)
      .where('active_key', '=', activeKeyOf(userId, currency))
      .forUpdate()
      .executeTakeFirst(),
  )

/** Empty carts; a user's becomes the active one, and a second active one is a duplicate key. */
export const insertCarts = (
  db: Db | Trx,
  carts: readonly Pick<StoredCart, 'id' | 'userId' | 'currency' | 'createdAt'>[],
) =>
  db
    .insertInto('carts')
    .values(
      carts.map(({ id, userId, currency, createdAt }) => ({
        id,
        // A cart of somebody who was erased meanwhile is nobody's.
        user_id: unlessErased(userId, userId),
        active_key: unlessErased(userId, userId && activeKeyOf(userId, currency)),
        currency,
        lines: '[]',
        codes: '[]',
        expires_at: userId === null ? inDays(EMPTY_GUEST_CART_DAYS) : null,
        created_at: createdAt,
        updated_at: createdAt,
      })),
    )
    .execute()

/** How long carts are kept and when they count as abandoned. */
export interface CartTimes {
  /** Guests' carts and users' that are not active, after the last change. */
  ttlDays: number
  /** Minutes without a change. */
  abandonedAfterMinutes: number
}

/** Writes the cart if it still is an open one of the version seen; false otherwise. Who owns it changes the version, too. */
export const updateCart = async (
  db: Db | Trx,
  cart: StoredCart,
  seenVersion: number,
  { ttlDays, abandonedAfterMinutes }: CartTimes,
): Promise<boolean> => {
  const isEmpty = cart.lines.length === 0
  const { numUpdatedRows } = await db
    .updateTable('carts')
    .set({
      lines: JSON.stringify(cart.lines),
      codes: JSON.stringify(cart.codes),
      country: cart.country,
      postal_code: cart.postalCode,
      shipping_method: cart.shippingMethod,
      version: cart.version,
      updated_at: cart.updatedAt,
      expires_at: cart.active
        ? null
        : inDays(isEmpty && cart.userId === null ? EMPTY_GUEST_CART_DAYS : ttlDays),
      activity_due_at: sql`coalesce(activity_due_at, utc_timestamp(6))`,
      abandon_due_at: isEmpty
        ? null
        : sql`if(abandoned_at is null,
            coalesce(abandon_due_at, utc_timestamp(6) + interval ${abandonedAfterMinutes} minute), null)`,
    })
    .where('id', '=', cart.id)
    .where('version', '=', seenVersion)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export const ended = {
  active_key: null,
  activity_due_at: null,
  abandon_due_at: null,
  version: sql<number>`version + 1`,
}

/** Makes a locked guest's cart the user's active one; a duplicate key where another became it meanwhile. */
export const assignCart = (
  trx: Trx,
  { id, currency }: Pick<StoredCart, 'id' | 'currency'>,
  userId: string,
  now: Date,
) =>
  trx
    .updateTable('carts')
    .set({
      user_id: unlessErased(userId, userId),
      active_key: unlessErased(userId, activeKeyOf(userId, currency)),
      expires_at: null,
      version: sql`version + 1`,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute()

export const mergeCartInto = (trx: Trx, id: string, target: string, now: Date) =>
  trx
    .updateTable('carts')
    .set({ ...ended, status: 'merged', merged_into: target, updated_at: now })
    .where('id', '=', id)
    .execute()
