import { parseJson } from '@storewright/database'
import type { Promotion } from '@storewright/promotions/promotion'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { ShippingMethod } from './shipping.ts'

export const readPricingVersion = async (db: Db): Promise<number> => {
  const row = await db.selectFrom('pricing_versions').select('version').executeTakeFirstOrThrow()
  return Number(row.version)
}

/** Lets every replica read again what carts are priced by; last in a transaction, because all writers meet here. 0
 * stays: nobody has read anything, and the first reader makes the first zone. */
export const raisePricingVersion = (trx: Trx) =>
  trx
    .updateTable('pricing_versions')
    .set({ version: sql`version + 1` })
    .where('version', '>', 0)
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

const zones = (db: Db | Trx) =>
  db
    .selectFrom('shipping_zones as z')
    .leftJoin('shipping_zone_countries as c', 'c.zone_id', 'z.id')
    .select(['z.id', 'z.name', 'z.methods', 'z.version', 'z.created_at as createdAt'])
    .select(['z.updated_at as updatedAt', 'c.country'])
    .orderBy('z.id')
    .orderBy('c.country')

/** A row for each country of each zone. */
const toZones = (rows: Awaited<ReturnType<ReturnType<typeof zones>['execute']>>): StoredZone[] =>
  [...Map.groupBy(rows, ({ id }) => id).values()].flatMap((found) => {
    const [first] = found
    if (!first) return []
    const { country: _country, methods, ...zone } = first
    const countries = found.flatMap(({ country }) => country ?? [])
    return { ...zone, countries, methods: parseJson(methods as ShippingMethod[] | string) }
  })

/** All zones, the oldest first: there are not more than countries. */
export const listZones = async (db: Db | Trx): Promise<StoredZone[]> => toZones(await zones(db).execute())

export const findZone = async (db: Db, id: string): Promise<StoredZone | undefined> =>
  toZones(await zones(db).where('z.id', '=', id).execute())[0]

export const lockZone = async (trx: Trx, id: string): Promise<StoredZone | undefined> =>
  toZones(await zones(trx).where('z.id', '=', id).forUpdate().execute())[0]

/** Those of the zone's countries that another one has. */
export const listTakenCountries = async (
  trx: Trx,
  { id, countries }: Pick<StoredZone, 'id' | 'countries'>,
) => {
  const rows = await trx
    .selectFrom('shipping_zone_countries')
    .select('country')
    .where('country', 'in', countries)
    .where('zone_id', '<>', id)
    .orderBy('country')
    .execute()
  return rows.map(({ country }) => country)
}

type NewZone = Pick<StoredZone, 'id' | 'name' | 'countries' | 'methods'>

const insertCountries = (trx: Trx, { id, countries }: Pick<NewZone, 'id' | 'countries'>) =>
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

const deleteCountries = (trx: Trx, id: string) =>
  trx.deleteFrom('shipping_zone_countries').where('zone_id', '=', id).execute()

export const updateZone = async (trx: Trx, zone: StoredZone) => {
  const { id, name, methods, version, updatedAt } = zone
  const row = { name, methods: JSON.stringify(methods), version, updated_at: updatedAt }
  await trx.updateTable('shipping_zones').set(row).where('id', '=', id).execute()
  await deleteCountries(trx, id)
  await insertCountries(trx, zone)
}

export const deleteZone = async (trx: Trx, id: string) => {
  await deleteCountries(trx, id)
  await trx.deleteFrom('shipping_zones').where('id', '=', id).execute()
}

export const listCategoryParents = async (db: Db): Promise<Map<string, string | null>> => {
  const rows = await db
    .selectFrom('categories')
    .select(['category_id as id', 'parent_id as parentId'])
    .where('deleted', '=', 0)
    .execute()
  return new Map(rows.map(({ id, parentId }) => [id, parentId]))
}

const promotions = (db: Db | Trx) => db.selectFrom('promotions').select('state').where('deleted', '=', 0)
const promotionOf = ({ state }: { state: unknown }) => parseJson(state as Promotion | string)

/** Those without a code that are not over. */
export const listAutomaticPromotions = async (db: Db, now: Date): Promise<Promotion[]> => {
  const rows = await promotions(db)
    .where('code', 'is', null)
    .where((eb) => eb.or([eb('ends_at', 'is', null), eb('ends_at', '>', now)]))
    .execute()
  return rows.map(promotionOf)
}

export const listPromotionsByCode = async (db: Db | Trx, codes: readonly string[]): Promise<Promotion[]> =>
  (await promotions(db).where('code', 'in', codes).execute()).map(promotionOf)

/** The newest state of each category wins, whatever order they arrive in; `replays` also overwrite what is as new. */
export const upsertCategories = (
  trx: Trx,
  categories: readonly { category_id: string; version: number; parent_id: string | null; deleted: boolean }[],
  { replays }: { replays: boolean },
) => {
  const ifNewer = (column: string) =>
    sql<never>`if(values(version) ${sql.raw(replays ? '>=' : '>')} version, values(${sql.ref(column)}), ${sql.ref(column)})`
  return trx
    .insertInto('categories')
    .values([...categories])
    .onDuplicateKeyUpdate({
      parent_id: ifNewer('parent_id'),
      deleted: ifNewer('deleted'),
      // Last, because the columns are assigned in this order and the others compare with the old version.
      version: sql`greatest(version, values(version))`,
    })
    .execute()
}
