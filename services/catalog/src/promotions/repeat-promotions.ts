import { PromotionChanged } from '@storewright/contracts'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import type { Database } from '../database.ts'
import { lockPromotionsAfter } from './queries.ts'

/** `ops rebuild promotions`: all promotions, also deleted ones, which a copy may still offer. */
export const promotionRebuilder: Rebuilder<Database> = {
  event: PromotionChanged,
  emitPage: async (trx, { after, limit }) => {
    const rows = await lockPromotionsAfter(trx, after, limit)
    for (const { promotion, deleted } of rows)
      await emit(trx, PromotionChanged, { ...promotion, deleted }, { replay: true })
    return rows.map(({ promotion }) => promotion.promotionId)
  },
}
