import { sql } from 'kysely'
import type { Trx } from '../database.ts'
import { unlessErased } from '../erased-users/erased-users.ts'
import { cartOf, columns, ended, inDays, type StoredCart } from './queries.ts'

const cartsOf = (trx: Trx, ids: readonly string[]) =>
  trx.selectFrom('carts').select(columns).where('id', 'in', ids).orderBy('id')

/** Locks carts in the order of their ids; those that others have locked are waited for, or left out. */
export const lockCarts = async (
  trx: Trx,
  ids: readonly string[],
  { wait }: { wait: boolean },
): Promise<StoredCart[]> => {
  const carts = cartsOf(trx, ids).forUpdate()
  return (await (wait ? carts : carts.skipLocked()).execute()).map(cartOf)
}

export const listCarts = async (trx: Trx, ids: readonly string[]): Promise<StoredCart[]> =>
  (await cartsOf(trx, ids).execute()).map(cartOf)

/** Turns open, locked carts into their orders'; returns how many were open. */
export const closeCarts = async (
  trx: Trx,
  carts: readonly { cartId: string; orderId: string }[],
  now: Date,
): Promise<number> => {
  const orderIds = carts.map(({ cartId, orderId }) => sql`when ${cartId} then ${orderId}`)
  const { numUpdatedRows } = await trx
    .updateTable('carts')
    .set({
      ...ended,
      status: 'ordered',
      order_id: sql<string>`case id ${sql.join(orderIds, sql` `)} end`,
      expires_at: null,
      updated_at: now,
    })
    .where(
      'id',
      'in',
      carts.map(({ cartId }) => cartId),
    )
    .where('status', '=', 'open')
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Inserts open carts; those of users become the active ones of users who have none in that currency. */
export const insertOpenCarts = async (trx: Trx, carts: readonly StoredCart[], ttlDays: number) => {
  await trx
    .insertInto('carts')
    .values(
      carts.map((cart) => ({
        id: cart.id,
        user_id: unlessErased(cart.userId, cart.userId),
        currency: cart.currency,
        lines: JSON.stringify(cart.lines),
        codes: JSON.stringify(cart.codes),
        country: cart.country,
        postal_code: cart.postalCode,
        shipping_method: cart.shippingMethod,
        expires_at: inDays(ttlDays),
        created_at: cart.createdAt,
        updated_at: cart.updatedAt,
      })),
    )
    .execute()
  if (carts.every(({ userId }) => userId === null)) return
  // A user who has an active cart keeps it: the duplicate is ignored.
  await sql`update ignore carts set active_key = concat(user_id, ':', currency), expires_at = null
    where id in (${sql.join(carts.map(({ id }) => id))}) and user_id is not null`.execute(trx)
}
