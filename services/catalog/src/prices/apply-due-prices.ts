import { inTransaction } from '@storewright/database'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import { Problem } from '@storewright/service-kit/http'
import type { Db } from '../database.ts'
import { claimDuePrice, closeScheduledPrice, type ScheduledPrice } from './queries.ts'
import { setPrice } from './set-price.ts'

/** Applies one scheduled price; one that cannot be applied (its variant was deleted) is kept as failed and stops no other. */
const applyNext = async (db: Db, clock: () => Date): Promise<ScheduledPrice | undefined> => {
  let claimed: ScheduledPrice | undefined
  try {
    return await inTransaction(db, async (trx) => {
      claimed = await claimDuePrice(trx, clock())
      if (!claimed) return undefined
      const { id, sku, price, requestedBy, reason } = claimed
      // From now and not from the scheduled instant: until now the old price was asked.
      await setPrice(trx, { sku, price }, { clock, by: requestedBy, reason })
      await closeScheduledPrice(trx, id, 'applied', null)
      return claimed
    })
  } catch (error) {
    if (!(error instanceof Problem) || !claimed) throw error
    const { id } = claimed
    await inTransaction(db, (trx) => closeScheduledPrice(trx, id, 'failed', error.message.slice(0, 200)))
    return claimed
  }
}

/** Applies every scheduled price that is due; safe in any number of replicas at once. */
export const applyDuePrices = async (db: Db, clock: () => Date = () => new Date()): Promise<number> => {
  let applied = 0
  for (;;) {
    const next = await runWithCorrelation({ correlationId: `price-schedule-${crypto.randomUUID()}` }, () =>
      applyNext(db, clock),
    )
    if (!next) return applied
    applied += 1
  }
}
