import { parseJson } from '@storewright/database'
import type { Phase, Promotion } from '@storewright/promotions/promotion'
import type { Db, Trx } from '../database.ts'

/** How many may run, or wait to run, without a code: each of them is judged for every cart. */
export const MAX_AUTOMATIC = 200

/** Where a promotion has no start or end. */
const [BEGINNING, END] = [new Date('1970-01-02T00:00:00Z'), new Date('9999-12-30T00:00:00Z')]

export interface StoredPromotion {
  promotion: Promotion
  version: number
  createdAt: Date
  updatedAt: Date
}

const columns = ['state', 'version', 'created_at as createdAt', 'updated_at as updatedAt'] as const

const toStored = ({
  state,
  ...rest
}: Omit<StoredPromotion, 'promotion'> & { state: string | Promotion }): StoredPromotion => ({
  promotion: parseJson(state),
  ...rest,
})

export const findPromotion = async (db: Db | Trx, id: string): Promise<StoredPromotion | undefined> => {
  const row = await db
    .selectFrom('promotions')
    .select(columns)
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .executeTakeFirst()
  return row && toStored(row)
}

export const lockPromotion = async (trx: Trx, id: string): Promise<StoredPromotion | undefined> => {
  const row = await trx
    .selectFrom('promotions')
    .select(columns)
    .where('id', '=', id)
    .where('deleted', '=', 0)
    .forUpdate()
    .executeTakeFirst()
  return row && toStored(row)
}

interface Standing {
  /** No other promotion that has not ended may have its code then. */
  holdsCode: boolean
  deleted?: boolean
}

/** The one definition of a stored promotion: inserts and updates write all of it. */
const promotionRow = (
  { promotion, version, updatedAt }: StoredPromotion,
  { holdsCode, deleted = false }: Standing,
) => ({
  code: promotion.code,
  live_code: holdsCode ? promotion.code : null,
  enabled: Number(promotion.enabled),
  automatic: Number(promotion.code === null && promotion.enabled && !deleted),
  starts_at: promotion.startsAt === null ? BEGINNING : new Date(promotion.startsAt),
  ends_at: promotion.endsAt === null ? END : new Date(promotion.endsAt),
  state: JSON.stringify(promotion),
  version,
  deleted: Number(deleted),
  updated_at: updatedAt,
})

export const insertPromotion = (trx: Trx, stored: StoredPromotion, standing: Standing) =>
  trx
    .insertInto('promotions')
    .values({
      id: stored.promotion.promotionId,
      created_at: stored.createdAt,
      ...promotionRow(stored, standing),
    })
    .execute()

export const updatePromotion = (trx: Trx, stored: StoredPromotion, standing: Standing) =>
  trx
    .updateTable('promotions')
    .set(promotionRow(stored, standing))
    .where('id', '=', stored.promotion.promotionId)
    .execute()

/** Who has a code now. */
export const lockCodeHolder = (trx: Trx, code: string) =>
  trx
    .selectFrom('promotions')
    .select(['id', 'ends_at as endsAt'])
    .where('live_code', '=', code)
    .forUpdate()
    .executeTakeFirst()

export const releaseCode = (trx: Trx, id: string) =>
  trx.updateTable('promotions').set({ live_code: null }).where('id', '=', id).execute()

export const countAutomatic = async (trx: Trx, now: Date): Promise<number> => {
  const { count } = await trx
    .selectFrom('promotions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('automatic', '=', 1)
    .where('ends_at', '>', now)
    .executeTakeFirstOrThrow()
  return Number(count)
}

const isIn = { ended: '<=', disabled: '>', scheduled: '>', active: '>' } as const

/** A page, the newest first. */
export const listPromotions = async (
  db: Db,
  filter: {
    status?: Phase | undefined
    code?: string | undefined
    beforeId?: string | undefined
    limit: number
    now: Date
  },
): Promise<StoredPromotion[]> => {
  const { status, now } = filter
  let query = db
    .selectFrom('promotions')
    .select(columns)
    .where('deleted', '=', 0)
    .orderBy('id', 'desc')
    .limit(filter.limit)
  if (filter.code !== undefined) query = query.where('code', '=', filter.code)
  if (filter.beforeId !== undefined) query = query.where('id', '<', filter.beforeId)
  if (status) query = query.where('ends_at', isIn[status], now)
  if (status && status !== 'ended') query = query.where('enabled', '=', Number(status !== 'disabled'))
  if (status === 'scheduled') query = query.where('starts_at', '>', now)
  if (status === 'active') query = query.where('starts_at', '<=', now)
  return (await query.execute()).map(toStored)
}

/** A page of all promotions by id, locked; deleted ones too. */
export const lockPromotionsAfter = async (trx: Trx, after: string, limit: number) => {
  const rows = await trx
    .selectFrom('promotions')
    .select(['state', 'deleted'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()
  return rows.map(({ state, deleted }) => ({
    promotion: parseJson<Promotion>(state),
    deleted: deleted === 1,
  }))
}

/** Which of these exist: ids of products and categories, SKUs on sale or not. */
export const listKnownTargets = async (
  trx: Trx,
  { productIds, categoryIds, skus }: { productIds: string[]; categoryIds: string[]; skus: string[] },
): Promise<Set<string>> => {
  const products =
    productIds.length === 0
      ? []
      : await trx
          .selectFrom('products')
          .select('id')
          .where('id', 'in', productIds)
          .where('status', '<>', 'deleted')
          .execute()
  const categories =
    categoryIds.length === 0
      ? []
      : await trx.selectFrom('categories').select('id').where('id', 'in', categoryIds).execute()
  const variants =
    skus.length === 0
      ? []
      : await trx
          .selectFrom('variants')
          .select('sku as id')
          .where('sku', 'in', skus)
          .where('deleted', '=', 0)
          .execute()
  return new Set([...products, ...categories, ...variants].map(({ id }) => id))
}
