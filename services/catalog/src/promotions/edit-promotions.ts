import { isDeepStrictEqual } from 'node:util'
import { PromotionChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import type { Rebuilder } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { isOnEveryUnit, phaseOf, type Promotion } from '@storewright/promotions/promotion'
import { notFound, type FieldError } from '@storewright/service-kit/http'
import type { Static } from 'typebox'
import type { Database, Trx } from '../database.ts'
import { planRefreshes, type Refresh } from '../price-refreshes/price-refreshes.ts'
import { Problem } from '../problems.ts'
import { promotionFrom, withPatch } from './promotion-input.ts'
import {
  countAutomatic,
  insertPromotion,
  listKnownTargets,
  lockCodeHolder,
  lockPromotion,
  lockPromotionsAfter,
  MAX_AUTOMATIC,
  releaseCode,
  updatePromotion,
  type StoredPromotion,
} from './queries.ts'
import type { PromotionInput, PromotionPatch } from './schemas.ts'

/** Refuses products, categories and SKUs that are not there; what the promotion named before may have gone. */
const requireTargets = async (trx: Trx, promotion: Promotion, before: Promotion | null) => {
  const old = new Set([
    ...(before?.productIds ?? []),
    ...(before?.categoryIds ?? []),
    ...(before?.buy?.skus ?? []),
  ])
  const isNew = (id: string) => !old.has(id)
  const skus = promotion.buy?.skus ?? []
  const known = await listKnownTargets(trx, {
    productIds: promotion.productIds.filter(isNew),
    categoryIds: promotion.categoryIds.filter(isNew),
    skus: skus.filter(isNew),
  })
  const find = (path: string, ids: string[], what: string): FieldError[] =>
    ids.flatMap((id, index) =>
      isNew(id) && !known.has(id) ? [{ path: `${path}.${index}`, message: `there is no such ${what}` }] : [],
    )
  const errors = [
    ...find('appliesTo.products', promotion.productIds, 'product'),
    ...find('appliesTo.categories', promotion.categoryIds, 'category'),
    ...find('buy.skus', skus, 'SKU'),
  ]
  if (errors.length > 0)
    throw new Problem('unprocessable', 'The promotion is on something that is not there.', { errors })
}

/** Whether the code is the promotion’s own; of two at once the unique key refuses one, which tries again. */
const takeCode = async (trx: Trx, promotion: Promotion, now: Date): Promise<boolean> => {
  if (promotion.code === null) return false
  const holder = await lockCodeHolder(trx, promotion.code)
  if (!holder || holder.id === promotion.promotionId) return true
  if (phaseOf(promotion, now) === 'ended') return false
  if (holder.endsAt > now)
    throw new Problem('code-taken', 'Another promotion has this code.', {
      errors: [{ path: 'code', message: 'belongs to another promotion' }],
    })
  await releaseCode(trx, holder.id)
  return true
}

const isAutomatic = (promotion: Promotion | null, now: Date) =>
  promotion !== null && promotion.code === null && ['active', 'scheduled'].includes(phaseOf(promotion, now))

const requireRoom = async (trx: Trx, promotion: Promotion, before: Promotion | null, now: Date) => {
  if (!isAutomatic(promotion, now) || isAutomatic(before, now)) return
  if ((await countAutomatic(trx, now)) >= MAX_AUTOMATIC)
    throw new Problem(
      'conflict',
      `At most ${MAX_AUTOMATIC} promotions without a code run or wait to; end or disable one.`,
    )
}

/** Replicas' clocks and the database's differ by less. */
const CLOCKS_MS = 60_000

const scopeOf = (promotions: Promotion[]): Refresh['scope'] => {
  const isOnEverything = promotions.some(
    ({ productIds, categoryIds }) => productIds.length + categoryIds.length === 0,
  )
  const all = (field: 'productIds' | 'categoryIds') =>
    isOnEverything ? [] : [...new Set(promotions.flatMap((promotion) => promotion[field]))]
  return { productIds: all('productIds'), categoryIds: all('categoryIds') }
}

/** When products show other prices by this change: now, where one of the states is running, and at the new one's ends. */
const refreshesOf = (before: Promotion | null, after: Promotion | null, now: Date): Refresh[] => {
  const shown = [before, after].flatMap((state) => (state && isOnEveryUnit(state) ? [state] : []))
  const running = shown.filter((state) => phaseOf(state, now) === 'active')
  const turns =
    after !== null && shown.includes(after) && after.enabled
      ? [after.startsAt, after.endsAt].flatMap((at) => (at === null ? [] : [new Date(at)]))
      : []
  return [
    ...(running.length > 0 ? [{ scope: scopeOf(running), dueAt: null }] : []),
    ...turns
      .filter((at) => at.getTime() > now.getTime() - CLOCKS_MS)
      .map((dueAt) => ({ scope: scopeOf(shown.slice(-1)), dueAt })),
  ]
}

const announce = async (
  trx: Trx,
  before: Promotion | null,
  after: Promotion,
  { now, deleted = false }: { now: Date; deleted?: boolean },
) => {
  await planRefreshes(trx, after.promotionId, refreshesOf(before, deleted ? null : after, now))
  await emit(trx, PromotionChanged, { ...after, deleted })
}

/** Adds a promotion; the caller tries again when it lost a race for its code. */
export const createPromotion = async (
  trx: Trx,
  input: Static<typeof PromotionInput>,
  now: Date,
): Promise<string> => {
  const promotion = promotionFrom(newId(), input, now)
  await requireTargets(trx, promotion, null)
  await requireRoom(trx, promotion, null, now)
  const holdsCode = await takeCode(trx, promotion, now)
  await insertPromotion(trx, { promotion, version: 1, createdAt: now, updatedAt: now }, { holdsCode })
  await announce(trx, null, promotion, { now })
  return promotion.promotionId
}

type Check = (stored: StoredPromotion) => void

/** Changes a promotion; an edit that changes nothing makes no new version. */
export const changePromotion = async (
  trx: Trx,
  id: string,
  patch: Static<typeof PromotionPatch>,
  { check, now }: { check: Check; now: Date },
): Promise<StoredPromotion> => {
  const stored = (await lockPromotion(trx, id)) ?? notFound('promotion', id)
  check(stored)
  const before = stored.promotion
  const promotion = withPatch(before, patch)
  if (isDeepStrictEqual(promotion, before)) return stored
  await requireTargets(trx, promotion, before)
  await requireRoom(trx, promotion, before, now)
  const holdsCode = await takeCode(trx, promotion, now)
  const changed = { ...stored, promotion, version: stored.version + 1, updatedAt: now }
  await updatePromotion(trx, changed, { holdsCode })
  await announce(trx, before, promotion, { now })
  return changed
}

/** Deletes a promotion: it ends at once, and its code is free. */
export const deletePromotion = async (
  trx: Trx,
  id: string,
  { check, now }: { check: Check; now: Date },
): Promise<void> => {
  const stored = (await lockPromotion(trx, id)) ?? notFound('promotion', id)
  check(stored)
  const deleted = { ...stored, version: stored.version + 1, updatedAt: now }
  await updatePromotion(trx, deleted, { holdsCode: false, deleted: true })
  await announce(trx, stored.promotion, stored.promotion, { now, deleted: true })
}

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
