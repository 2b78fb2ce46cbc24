import type { Promotion } from '@storewright/promotions/promotion'
import { createHash } from 'node:crypto'
import type { Db, Trx } from '../database.ts'
import {
  addUses,
  deleteRedemptions,
  insertRedemptions,
  listCustomerUses,
  listUses,
  lockCustomerUses,
  lockUses,
  NO_LIMIT,
  subtractUses,
  type Redemption,
  type Uses,
} from './redemption-queries.ts'

type Limited = Pick<Promotion, 'promotionId' | 'limits'>
type LimitReason = 'exhausted' | 'used-by-customer'
type Exhausted = ReadonlyMap<string, LimitReason>

export const isLimited = ({ limits }: Pick<Promotion, 'limits'>) =>
  limits.total !== null || limits.perCustomer !== null

/** Who a customer is for limits: the account, else the normalised e-mail address. Hashed, because it outlives the order. */
export const customerKeyOf = ({ userId, email }: { userId: string | null; email: string | null }): string =>
  createHash('sha256')
    .update(userId === null ? `email ${(email ?? '').trim().toLowerCase()}` : `user ${userId}`)
    .digest('hex')

const idsOf = (promotions: readonly Limited[]) =>
  [...new Set(promotions.map(({ promotionId }) => promotionId))].sort()

const keyOf = (promotionId: string, customerKey: string | null) => `${promotionId} ${customerKey ?? ''}`

const exhaustedOf = (
  uses: ReadonlyMap<string, number>,
  promotions: readonly Limited[],
  customerKey: string | null,
): Exhausted =>
  new Map(
    promotions.flatMap(({ promotionId, limits: { total, perCustomer } }): [string, LimitReason][] => {
      const used = (key: string | null) => uses.get(keyOf(promotionId, key)) ?? 0
      if (total !== null && used(null) >= total) return [[promotionId, 'exhausted']]
      const isUsedUp = perCustomer !== null && customerKey !== null && used(customerKey) >= perCustomer
      return isUsedUp ? [[promotionId, 'used-by-customer']] : []
    }),
  )

const usesByKey = (rows: readonly Uses[]) =>
  new Map(rows.map(({ promotionId, customerKey, used }) => [keyOf(promotionId, customerKey), Number(used)]))

/** For carts: which of these promotions their limits keep from applying now. Without limits no statement. */
export const readExhausted = async (
  db: Db,
  promotions: readonly Limited[],
  customerKey: string | null,
): Promise<Exhausted> => {
  const limited = promotions.filter(isLimited)
  if (limited.length === 0) return new Map()
  const ids = idsOf(limited)
  const [all, own] = await Promise.all([
    listUses(db, ids),
    customerKey === null ? [] : listCustomerUses(db, ids, customerKey),
  ])
  return exhaustedOf(usesByKey([...all, ...own]), limited, customerKey)
}

/** How often promotions may still be used by some customers, locked until the commit; decided in memory, written at once. */
export interface LockedLimits {
  exhaustedFor(customerKey: string): Exhausted
  redeem(order: { orderId: string; customerKey: string; promotions: readonly Limited[] }): void
  write(trx: Trx, now: Date): Promise<void>
}

/** A counter that another transaction makes at the same time is refused by the schema, and the work begins again. */
export const lockLimits = async (
  trx: Trx,
  promotions: readonly Limited[],
  customerKeys: readonly string[],
): Promise<LockedLimits> => {
  const limited = promotions.filter(isLimited)
  const ids = idsOf(limited)
  const uses = usesByKey([
    ...(await lockUses(trx, ids)),
    ...(await lockCustomerUses(trx, ids, [...new Set(customerKeys)].sort())),
  ])
  const redemptions: Redemption[] = []
  const added = new Map<string, Uses & { allowed: number }>()

  const add = (promotionId: string, customerKey: string | null, limit: number | null) => {
    const key = keyOf(promotionId, customerKey)
    uses.set(key, (uses.get(key) ?? 0) + 1)
    const used = (added.get(key)?.used ?? 0) + 1
    added.set(key, { promotionId, customerKey, used, allowed: limit ?? NO_LIMIT })
  }

  return {
    exhaustedFor: (customerKey) => exhaustedOf(uses, limited, customerKey),
    redeem: ({ orderId, customerKey, promotions: applied }) => {
      for (const { promotionId, limits } of applied.filter(isLimited)) {
        redemptions.push({ orderId, promotionId, customerKey })
        add(promotionId, null, limits.total)
        add(promotionId, customerKey, limits.perCustomer)
      }
    },
    write: async (trxNow, now) => {
      if (redemptions.length === 0) return
      await addUses(trxNow, [...added.values()])
      await insertRedemptions(trxNow, redemptions, now)
    },
  }
}

/** Gives back what these locked orders redeemed, once however often it is called. */
export const giveBackRedemptions = async (trx: Trx, orderIds: readonly string[]): Promise<void> => {
  if (orderIds.length === 0) return
  const redemptions = await deleteRedemptions(trx, orderIds)
  const uses = new Map<string, Uses>()
  for (const { promotionId, customerKey } of redemptions) {
    for (const owner of [null, customerKey]) {
      const key = keyOf(promotionId, owner)
      uses.set(key, { promotionId, customerKey: owner, used: (uses.get(key)?.used ?? 0) + 1 })
    }
  }
  await subtractUses(trx, [...uses.values()])
}
