import type { Trx } from '../database.ts'
import { lowestPrice30Days, STILL_ASKED, windowStart } from './lowest-price.ts'
import { closePeriods, insertPeriods, insertPriceChanges, listPeriodsAfter } from './queries.ts'

/** A price as it was or is to be, in minor units; null where there is none. */
type Amounts = { amount: number; compareAt: number | null } | null

/** What changes of one price: what the merchant states, and what customers are asked while the variant is on sale. */
export interface PriceMove {
  sku: string
  currency: string
  stated: { before: Amounts; after: Amounts }
  /** Null while it is not on sale. */
  asked: { before: number | null; after: number | null }
  /** Lowest price of the 30 days before the present price began; stays where none begins. */
  lowestBefore: number
}

export interface Cause {
  /** Who changed it, null for the system. */
  by: string | null
  reason: string | null
}

export interface PlannedMove extends PriceMove, Cause {}

export const priceKey = ({ sku, currency }: { sku: string; currency: string }) => `${sku} ${currency}`

export const isRestated = ({ stated: { before, after } }: PriceMove) =>
  before?.amount !== after?.amount || before?.compareAt !== after?.compareAt

const isAskedAnew = ({ asked }: PriceMove) => asked.before !== asked.after

/** What begins with this move: the amount that is asked, or off sale the one that is stated. */
const begins = (move: PriceMove): number | null => {
  const { before, after } = move.stated
  if (isAskedAnew(move)) return move.asked.after
  return after && before?.amount !== after.amount ? after.amount : null
}

/** What the history is to hold of these moves; `knownSkus` may have been on sale. The caller holds their products' locks. */
export const planPriceChanges = async (
  trx: Trx,
  moves: PriceMove[],
  { at, knownSkus, causeOf }: { at: Date; knownSkus: Set<string>; causeOf: (move: PriceMove) => Cause },
) => {
  const skus = [...new Set(moves.map(({ sku }) => sku))].filter((sku) => knownSkus.has(sku))
  const periods = await listPeriodsAfter(trx, skus, windowStart(at))
  const byPrice = Map.groupBy(periods, priceKey)
  const planned = moves.map((move): PlannedMove => {
    const amount = begins(move)
    const lowestBefore =
      amount === null ? move.lowestBefore : lowestPrice30Days(byPrice.get(priceKey(move)) ?? [], amount, at)
    return { ...move, ...causeOf(move), lowestBefore }
  })
  return { at, planned, periods }
}
export type PricePlan = Awaited<ReturnType<typeof planPriceChanges>>

/** Appends the moves to the history and keeps when customers were asked what. */
export const recordPriceChanges = async (trx: Trx, { at, planned, periods }: PricePlan) => {
  const restated = planned.filter(isRestated)
  if (restated.length > 0)
    await insertPriceChanges(
      trx,
      restated.map(({ sku, currency, stated: { before, after }, lowestBefore, by, reason }) => ({
        sku,
        currency,
        // A price that is taken away is kept as it was.
        price_minor: after?.amount ?? before?.amount ?? 0,
        compare_at_minor: after ? after.compareAt : (before?.compareAt ?? null),
        removed: Number(!after),
        previous_minor: before?.amount ?? null,
        previous_currency: before ? currency : null,
        lowest_before_minor: lowestBefore,
        effective_at: at,
        reason,
        changed_by: by,
      })),
    )
  const moved = new Map(planned.filter(isAskedAnew).map((move) => [priceKey(move), move]))
  const ended = periods.flatMap(({ id, until, ...price }) =>
    until >= STILL_ASKED && moved.has(priceKey(price)) ? [id] : [],
  )
  if (ended.length > 0) await closePeriods(trx, ended, at)
  const begun = [...moved.values()].flatMap(({ sku, currency, asked }) =>
    asked.after === null
      ? []
      : [{ sku, currency, amount_minor: asked.after, from_at: at, until_at: STILL_ASKED }],
  )
  if (begun.length > 0) await insertPeriods(trx, begun)
}
