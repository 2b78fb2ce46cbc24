import { inTransaction, isCheckViolation } from '@storewright/database'
import { createBatcher } from '@storewright/runtime/batching'
import { ContactArrived } from '../contacts/contacts.ts'
import type { Db } from '../database.ts'
import type { RatesReader } from '../rates/rates.ts'
import { placeOrders, type Checkout, type Placed } from './place-orders.ts'

/** A request waits so long for a transaction that hangs, or for others: what comes together is also confirmed together. */
const TOGETHER = { maxBatch: 64, waitMs: 250, lingerMs: 60 }

/** The first of those that name the same cart or key. */
const distinctOf = (checkouts: readonly Checkout[]): Checkout[] => {
  const seen = new Set<string>()
  return checkouts.filter(({ cartId, idempotency: { scope, key } }) => {
    const names = [`cart ${cartId}`, `key ${scope}\n${key}`]
    if (names.some((name) => seen.has(name))) return false
    for (const name of names) seen.add(name)
    return true
  })
}

/** Places orders: concurrent requests share a transaction, and what cannot go with others goes alone. */
export const createCheckout = ({ db, rates }: { db: Db; rates: RatesReader }) => {
  const { readPromotionsByCode } = rates

  const placeTogether = createBatcher(async (checkouts: Checkout[]): Promise<Placed[]> => {
    const distinct = distinctOf(checkouts)
    const pricedBy = { rates: await rates.readRates(), readPromotionsByCode }
    // One that fails must not fail the others, so all of them go again by themselves; a key keeps each from being doubled.
    const placed = await inTransaction(db, (trx) => placeOrders(trx, distinct, pricedBy, { wait: false }), {
      attempts: 1,
    }).catch(() => [])
    const byCheckout = new Map(distinct.map((checkout, index) => [checkout, placed[index]]))
    return checkouts.map((checkout) => byCheckout.get(checkout) ?? 'alone')
  }, TOGETHER)

  const placeAlone = async (checkout: Checkout): Promise<Placed> => {
    const pricedBy = { rates: await rates.readRates(), readPromotionsByCode }
    const place = () => inTransaction(db, (trx) => placeOrders(trx, [checkout], pricedBy, { wait: true }))
    // What another did at the same moment is seen now: the first use of a limit, which the schema counts, or an address.
    const [placed = 'alone'] = await place().catch((error: unknown) => {
      if (isCheckViolation(error) || error instanceof ContactArrived) return place()
      throw error
    })
    return placed
  }

  /** The order, or that of the first request with this key; throws why there is none. */
  return async (checkout: Checkout) => {
    const together = await placeTogether(checkout)
    const placed = together === 'alone' ? await placeAlone(checkout) : together
    if (placed === 'alone') throw new Error('a request that went alone was left over')
    if ('refusal' in placed) throw placed.refusal
    return placed
  }
}
