import type { Envelope, PromotionChanged } from '@storewright/contracts'
import type { Trx } from '../database.ts'
import { newestPerSubject } from '../offers/apply-events.ts'
import { raisePricingVersion } from '../rates/apply-categories.ts'
import { upsertPromotions } from './queries.ts'

const stateOf = ({ data: { deleted, ...promotion }, aggregateVersion }: Envelope<PromotionChanged>) => ({
  promotionId: promotion.promotionId,
  version: aggregateVersion,
  code: promotion.code,
  endsAt: promotion.endsAt === null ? null : new Date(promotion.endsAt),
  deleted,
  state: JSON.stringify(promotion),
})

/** Keeps the newest state of each promotion. */
export const applyPromotions = async (trx: Trx, events: readonly Envelope<PromotionChanged>[]) => {
  const newest = newestPerSubject(events)
  for (const replays of [false, true]) {
    const states = newest.filter(({ replay = false }) => replay === replays).map(stateOf)
    if (states.length > 0) await upsertPromotions(trx, states, { replays })
  }
  await raisePricingVersion(trx)
}
