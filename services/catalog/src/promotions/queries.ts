import type { Money } from '@storewright/contracts'
import { nowSql, parseJson } from '@storewright/database'
import type { Phase, Promotion } from '@storewright/promotions/promotion'
import type { RawBuilder } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** How many may run, or wait to run, without a code: each of them is judged for every cart. */
export const MAX_AUTOMATIC = 200

/** Where a promotion has no start or end. */
export const [BEGINNING, END] = [new Date('1970-01-02T00:00:00Z'), new Date('9999-12-30T00:00:00Z')]

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

/** The variants on sale among these SKUs, with their prices. */
export const listPricedVariants = async (db: Db, skus: string[]) => {
  const rows = await db
    .selectFrom('variants')
    .innerJoin('products', 'products.id', 'variants.product_id')
    .select(['variants.sku', 'variants.product_id as productId', 'variants.prices'])
    .where('variants.sku', 'in', skus)
    .where('variants.deleted', '=', 0)
    .where('products.status', '=', 'published')
    .execute()
  return rows.map(({ prices, ...row }) => ({ ...row, prices: parseJson<Money[]>(prices) }))
}

/** The categories that products are in or under. */
export const listCategoriesOf = (db: Db | Trx, productIds: string[]) =>
  productIds.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('product_categories')
        .innerJoin('category_ancestors', 'category_ancestors.category_id', 'product_categories.category_id')
        .select([
          'product_categories.product_id as productId',
          'category_ancestors.ancestor_id as categoryId',
        ])
        .distinct()
        .where('product_categories.product_id', 'in', productIds)
        .execute()

/** Above what may be there at most, for two that were made at once. */
const SOME_MORE = 50

const automatic = (db: Db | Trx, at: Date | RawBuilder<Date>) =>
  db
    .selectFrom('promotions')
    .select('state')
    .where('automatic', '=', 1)
    .where('ends_at', '>', at)
    .where('starts_at', '<=', at)
    .limit(MAX_AUTOMATIC + SOME_MORE)

/** What runs without a code, and the instant that was meant: by default the database's now. */
export const listAutomatic = async (trx: Trx, at: Date | undefined) => {
  const rows = await automatic(trx, at ?? nowSql)
    .select(nowSql.as('now'))
    .execute()
  return {
    promotions: rows.map(({ state }): Promotion => parseJson(state)),
    now: at ?? rows[0]?.now ?? new Date(),
  }
}

/** What runs without a code, and what has one of these codes, whatever its state. */
export const listOffered = async (db: Db, now: Date, codes: string[]): Promise<Promotion[]> => {
  const running = automatic(db, now)
  const rows =
    codes.length === 0
      ? await running.execute()
      : await db
          .selectFrom(running.as('running'))
          .select('state')
          .unionAll(db.selectFrom('promotions').select('state').where('live_code', 'in', codes))
          .execute()
  return rows.map(({ state }) => parseJson(state))
}

/** The categories themselves and all above them. */
export const listAncestors = (trx: Trx, categoryIds: string[]) =>
  categoryIds.length === 0
    ? Promise.resolve([])
    : trx
        .selectFrom('category_ancestors')
        .select(['category_id as categoryId', 'ancestor_id as ancestorId'])
        .where('category_id', 'in', categoryIds)
        .execute()
