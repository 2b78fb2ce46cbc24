import { newId, parseJson } from '@storewright/database'
import type { Promotion } from '@storewright/promotions/promotion'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { ShippingMethod } from './shipping.ts'
import type { TaxRate } from './taxes.ts'

export const readPricingVersion = async (db: Db): Promise<number> => {
  const row = await db.selectFrom('pricing_versions').select('version').executeTakeFirstOrThrow()
  return Number(row.version)
}

/** Lets every replica read again what carts are priced by; last in a transaction, because all writers meet here. */
export const raisePricingVersion = (trx: Trx) =>
  trx
    .updateTable('pricing_versions')
    .set({ version: sql`version + 1` })
    .execute()

/** True for the first that asks, ever. */
export const claimFirstZone = async (trx: Trx): Promise<boolean> => {
  const first = trx.updateTable('pricing_versions').set({ version: 1 }).where('version', '=', 0)
  return (await first.executeTakeFirst()).numUpdatedRows === 1n
}

export interface StoredZone {
  id: string
  name: string
  /** In the order of their codes. */
  countries: string[]
  methods: ShippingMethod[]
  version: number
  createdAt: Date
  updatedAt: Date
}

/** All zones, the oldest first. */
export const listZones = async (db: Db): Promise<StoredZone[]> => {
  const rows = await db
    .selectFrom('shipping_zones as z')
    .leftJoin('shipping_zone_countries as c', 'c.zone_id', 'z.id')
    .select(['z.id', 'z.name', 'z.methods', 'z.version', 'z.created_at as createdAt'])
    .select(['z.updated_at as updatedAt', 'c.country'])
    .orderBy('z.id')
    .orderBy('c.country')
    .execute()
  return [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((found) => {
    const [first] = found
    if (!first) return []
    const { country: _country, methods, ...zone } = first
    const countries = found.flatMap(({ country }) => country ?? [])
    return { ...zone, countries, methods: parseJson(methods as ShippingMethod[] | string) }
  })
}

type NewZone = Pick<StoredZone, 'id' | 'name' | 'countries' | 'methods'>

export const insertCountries = (trx: Trx, { id, countries }: Pick<NewZone, 'id' | 'countries'>) =>
  trx
    .insertInto('shipping_zone_countries')
    .values(countries.map((country) => ({ country, zone_id: id })))
    .execute()

export const insertZone = async (trx: Trx, zone: NewZone, now: Date) => {
  const { id, name, methods } = zone
  const row = { id, name, methods: JSON.stringify(methods), created_at: now, updated_at: now }
  await trx.insertInto('shipping_zones').values(row).execute()
  await insertCountries(trx, zone)
}

export const firstZone = (methods: ShippingMethod[], countries: string[]): NewZone => ({
  id: newId(),
  name: 'Everywhere',
  countries,
  methods,
})

export const listTaxRates = async (db: Db): Promise<TaxRate[]> => {
  const rows = await db
    .selectFrom('tax_rates')
    .select(['id', 'name', 'country', 'category_id as categoryId', 'basis_points as basisPoints'])
    .select(['included', 'valid_from as validFrom'])
    .execute()
  return rows.map(({ categoryId, included, ...rate }) => ({
    ...rate,
    categoryId: categoryId || null,
    included: included === 1,
  }))
}

export const listCategoryParents = async (db: Db): Promise<Map<string, string | null>> => {
  const rows = await db
    .selectFrom('categories')
    .select(['category_id as id', 'parent_id as parentId'])
    .where('deleted', '=', 0)
    .execute()
  return new Map(rows.map(({ id, parentId }) => [id, parentId]))
}

const promotions = (db: Db) => db.selectFrom('promotions').select('state').where('deleted', '=', 0)
const promotionOf = ({ state }: { state: unknown }) => parseJson(state as Promotion | string)

/** Those without a code that are not over. */
export const listAutomaticPromotions = async (db: Db, now: Date): Promise<Promotion[]> => {
  const rows = await promotions(db)
    .where('code', 'is', null)
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
    .execute()
  return rows.map(promotionOf)
}

export const listPromotionsByCode = async (db: Db, codes: readonly string[]): Promise<Promotion[]> =>
  (await promotions(db).where('code', 'in', codes).execute()).map(promotionOf)
