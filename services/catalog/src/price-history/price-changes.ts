import type { Money } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { lowestPrice30Days, windowStart } from './lowest-price.ts'
import { insertPriceChanges, listStepsAfter } from './queries.ts'

/** A variant whose price becomes another one; `previous` is null for its first price. */
export interface PriceMove {
  sku: string
  price: Money
  previous: Money | null
}

export interface PriceChange extends PriceMove {
  /** Minor units, in the currency of `price`. */
  lowestBefore: number
  effectiveAt: Date
  reason: string | null
  changedBy: string | null
}

/** What the history is to hold of these moves, by SKU; the caller holds the locks of their products. */
export const planPriceChanges = async (
  trx: Trx,
  moves: PriceMove[],
  { at, by, reason }: { at: Date; by: string | null; reason: string | null },
): Promise<Map<string, PriceChange>> => {
  const known = moves.flatMap(({ sku, previous }) => (previous ? [sku] : []))
  const steps = Map.groupBy(await listStepsAfter(trx, known, windowStart(at)), ({ sku }) => sku)
  return new Map(
    moves.map((move): [string, PriceChange] => [
      move.sku,
      {
        ...move,
        lowestBefore: lowestPrice30Days(steps.get(move.sku) ?? [], move.previous, move.price, at),
        effectiveAt: at,
        reason,
        changedBy: by,
      },
    ]),
  )
}

/** Appends changes to the history. */
export const recordPriceChanges = async (trx: Trx, changes: Iterable<PriceChange>) => {
  const rows = [...changes].map((change) => ({
    sku: change.sku,
    price_minor: change.price.amount,
    currency: change.price.currency,
    previous_minor: change.previous?.amount ?? null,
    previous_currency: change.previous?.currency ?? null,
    lowest_before_minor: change.lowestBefore,
    effective_at: change.effectiveAt,
    reason: change.reason,
    changed_by: change.changedBy,
  }))
  if (rows.length > 0) await insertPriceChanges(trx, rows)
}
