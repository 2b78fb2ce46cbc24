import { insertRows } from '@storewright/database'
import type { Db, Trx } from '../database.ts'

export interface Redemption {
  orderId: string
  promotionId: string
  customerKey: string
}

/** How often a promotion was used: by everybody, where it has no customer. */
export interface Uses {
  promotionId: string
  customerKey: string | null
  used: number
}

const COLUMNS = ['promotion_id as promotionId', 'used'] as const

const usesOf = (db: Db | Trx, ids: readonly string[]) =>
  db.selectFrom('promotion_uses').select(COLUMNS).where('promotion_id', 'in', ids).orderBy('promotion_id')

const customerUsesOf = (db: Db | Trx, ids: readonly string[], customerKeys: readonly string[]) =>
  db
    .selectFrom('promotion_customer_uses')
    .select([...COLUMNS, 'customer_key as customerKey'])
    .where('promotion_id', 'in', ids)
    .where('customer_key', 'in', customerKeys)
    .orderBy('promotion_id')
    .orderBy('customer_key')

export const listUses = async (db: Db, ids: readonly string[]): Promise<Uses[]> =>
  (await usesOf(db, ids).execute()).map((row) => ({ ...row, customerKey: null }))

export const listCustomerUses = (db: Db, ids: readonly string[], customerKey: string): Promise<Uses[]> =>
  customerUsesOf(db, ids, [customerKey]).execute()

/** Locks the counters that there are, in the order of their keys. */
export const lockUses = async (trx: Trx, ids: readonly string[]): Promise<Uses[]> =>
  (await usesOf(trx, ids).forUpdate().execute()).map((row) => ({ ...row, customerKey: null }))

/** As `lockUses`, of each of the customers. */
export const lockCustomerUses = (
  trx: Trx,
  ids: readonly string[],
  customerKeys: readonly string[],
): Promise<Uses[]> => customerUsesOf(trx, ids, customerKeys).forUpdate().execute()

/** What the schema counts up to where a promotion has the other limit only. */
export const NO_LIMIT = 4_294_967_295

export interface Count extends Uses {
  /** The schema refuses more uses than this. */
  allowed: number
}

const keyOf = ({ promotionId, customerKey }: Uses) => `${promotionId} ${customerKey ?? ''}`
const byKey = (a: Uses, b: Uses) => (keyOf(a) < keyOf(b) ? -1 : 1)

const upsertUses = async (trx: Trx, counts: readonly Count[], onDuplicate: string) => {
  const sorted = [...counts].sort(byKey)
  await insertRows(
    trx,
    'promotion_uses',
    sorted.flatMap(({ promotionId, customerKey, used, allowed }) =>
      customerKey === null ? { promotion_id: promotionId, used, allowed } : [],
    ),
    { onDuplicate },
  )
  await insertRows(
    trx,
    'promotion_customer_uses',
    sorted.flatMap(({ promotionId, customerKey, used, allowed }) =>
      customerKey === null ? [] : { promotion_id: promotionId, customer_key: customerKey, used, allowed },
    ),
    { onDuplicate },
  )
}

/** Adds to counters of promotions, then of their customers, each in the order of their keys. */
export const addUses = (trx: Trx, counts: readonly Count[]) =>
  upsertUses(trx, counts, 'used = used + values(used), allowed = values(allowed)')

export const subtractUses = (trx: Trx, uses: readonly Uses[]) =>
  upsertUses(
    trx,
    uses.map((one) => ({ ...one, allowed: NO_LIMIT })),
    'used = used - values(used)',
  )

export const insertRedemptions = (trx: Trx, redemptions: readonly Redemption[], now: Date) =>
  insertRows(
    trx,
    'coupon_redemptions',
    redemptions.map(({ orderId, promotionId, customerKey }) => ({
      order_id: orderId,
      promotion_id: promotionId,
      customer_key: customerKey,
      redeemed_at: now,
    })),
  )

/** Deletes the redemptions of these orders, which are locked, and returns them. */
export const deleteRedemptions = async (trx: Trx, orderIds: readonly string[]): Promise<Redemption[]> => {
  const rows = await trx
    .selectFrom('coupon_redemptions')
    .select(['order_id as orderId', 'promotion_id as promotionId', 'customer_key as customerKey'])
    .where('order_id', 'in', orderIds)
    .execute()
  if (rows.length > 0) await trx.deleteFrom('coupon_redemptions').where('order_id', 'in', orderIds).execute()
  return rows
}
