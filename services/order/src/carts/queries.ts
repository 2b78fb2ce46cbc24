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

// A cart of somebody who was erased meanwhile is nobody's.
const ownerOf = (userId: string | null, currency: string) => ({
  user_id: unlessErased(userId, userId),
  active_key: unlessErased(userId, userId && activeKeyOf(userId, currency)),
})

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
        ...ownerOf(userId, currency),
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

/** A cart to be written, if it still is an open one of the version seen: whoever owns it changes the version, too. */
export interface CartWrite {
  cart: StoredCart
  seenVersion: number
}

const stateOf = (cart: StoredCart, ttlDays: number) => ({
  lines: JSON.stringify(cart.lines),
  codes: JSON.stringify(cart.codes),
  country: cart.country,
  postal_code: cart.postalCode,
  shipping_method: cart.shippingMethod,
  version: cart.version,
  updated_at: cart.updatedAt,
  expires_at: cart.active
    ? null
    : inDays(cart.lines.length === 0 && cart.userId === null ? EMPTY_GUEST_CART_DAYS : ttlDays),
})

const activityDueAt = sql<Date>`coalesce(activity_due_at, utc_timestamp(6))`
const abandonDueIn = (minutes: number) => sql<Date>`utc_timestamp(6) + interval ${minutes} minute`

/** False where it is not what was seen any more. */
export const updateCart = async (
  db: Db | Trx,
  { cart, seenVersion }: CartWrite,
  { ttlDays, abandonedAfterMinutes }: CartTimes,
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('carts')
    .set({
      ...stateOf(cart, ttlDays),
      activity_due_at: activityDueAt,
      abandon_due_at:
        cart.lines.length === 0
          ? null
          : sql`if(abandoned_at is null, coalesce(abandon_due_at, ${abandonDueIn(abandonedAfterMinutes)}), null)`,
    })
    .where('id', '=', cart.id)
    .where('version', '=', seenVersion)
    .where('status', '=', 'open')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** As `updateCart` for many carts, in two statements; returns the ids of those that were written. Waits for none. */
export const updateFreeCarts = async (
  trx: Trx,
  writes: readonly CartWrite[],
  { ttlDays, abandonedAfterMinutes }: CartTimes,
): Promise<ReadonlySet<string>> => {
  const ids = writes.map(({ cart }) => cart.id)
  const free = await trx
    .selectFrom('carts')
    .select(['id', 'version'])
    .where('id', 'in', ids)
    .where('status', '=', 'open')
    .orderBy('id')
    .forUpdate()
    .skipLocked()
    .execute()
  const versions = new Map(free.map(({ id, version }) => [id, version]))
  const unchanged = writes.filter(({ cart, seenVersion }) => versions.get(cart.id) === seenVersion)
  if (unchanged.length === 0) return new Set()
  const given = (column: string) => sql<never>`values(${sql.ref(column)})`
  const [first] = unchanged.map(({ cart }) => stateOf(cart, ttlDays))
  await trx
    .insertInto('carts')
    .values(
      unchanged.map(({ cart }) => ({
        id: cart.id,
        currency: cart.currency,
        created_at: cart.createdAt,
        abandon_due_at: cart.lines.length === 0 ? null : abandonDueIn(abandonedAfterMinutes),
        ...stateOf(cart, ttlDays),
      })),
    )
    .onDuplicateKeyUpdate({
      ...Object.fromEntries(Object.keys(first ?? {}).map((column) => [column, given(column)])),
      activity_due_at: activityDueAt,
      abandon_due_at: sql`if(values(abandon_due_at) is null or abandoned_at is not null, null,
        coalesce(abandon_due_at, values(abandon_due_at)))`,
    })
    .execute()
  return new Set(unchanged.map(({ cart }) => cart.id))
}

export const ended = {
  active_key: null,
  activity_due_at: null,
  abandon_due_at: null,
  version: sql<number>`version + 1`,
}

const setOwner = (trx: Trx, { id, currency }: Pick<StoredCart, 'id' | 'currency'>, userId: string) =>
  trx.updateTable('carts').set(ownerOf(userId, currency)).where('id', '=', id)

/** Makes a locked guest's cart the user's active one; a duplicate key where another became it meanwhile. */
export const assignCart = async (trx: Trx, cart: StoredCart, userId: string, now: Date) => {
  const assigned = { expires_at: null, version: sql<number>`version + 1`, updated_at: now }
  await setOwner(trx, cart, userId).set(assigned).execute()
  await checkOwner(trx, cart, userId)
}

/** For a new owner's cart: the statement that made it so may have waited for an erasure after it saw no tombstone. */
export const checkOwner = (trx: Trx, cart: Pick<StoredCart, 'id' | 'currency'>, userId: string) =>
  setOwner(trx, cart, userId).execute()

export const mergeCartInto = (trx: Trx, id: string, target: string, now: Date) =>
  trx
    .updateTable('carts')
    .set({ ...ended, status: 'merged', merged_into: target, updated_at: now })
    .where('id', '=', id)
    .execute()
