import type { Db, Trx } from '../database.ts'

export interface StoredTaxRate {
  id: string
  name: string
  country: string
  category: string | null
  basisPoints: number
  included: boolean
  validFrom: Date
  version: number
  createdAt: Date
  updatedAt: Date
}

const taxRates = (db: Db) =>
  db
    .selectFrom('tax_rates')
    .select(['id', 'name', 'country', 'category_id as category', 'basis_points as basisPoints', 'included'])
    .select(['valid_from as validFrom', 'version', 'created_at as createdAt', 'updated_at as updatedAt'])

type Row = Awaited<ReturnType<ReturnType<typeof taxRates>['execute']>>[number]
const toTaxRate = ({ category, included, ...rate }: Row): StoredTaxRate => ({
  ...rate,
  category: category || null,
  included: included === 1,
})

/** All of them, to be kept in memory. */
export const listTaxRates = async (db: Db): Promise<StoredTaxRate[]> =>
  (await taxRates(db).execute()).map(toTaxRate)

export const findTaxRate = async (db: Db, id: string) => {
  const row = await taxRates(db).where('id', '=', id).executeTakeFirst()
  return row && toTaxRate(row)
}

export const lockTaxRate = async (trx: Trx, id: string) => {
  const row = await taxRates(trx).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toTaxRate(row)
}

/** In the order of the unique key, country first. */
export const listTaxRatePage = async (
  db: Db,
  {
    country,
    after,
    limit,
  }: { country: string | undefined; after: [string, string, Date] | undefined; limit: number },
): Promise<StoredTaxRate[]> => {
  let query = taxRates(db)
  if (country !== undefined) query = query.where('country', '=', country)
  if (after) {
    const [ofCountry, category, validFrom] = after
    query = query
      .where('country', '>=', ofCountry)
      .where((eb) =>
        eb.or([
          eb('country', '>', ofCountry),
          eb('category_id', '>', category),
          eb.and([eb('category_id', '=', category), eb('valid_from', '>', validFrom)]),
        ]),
      )
  }
  const rows = await query
    .orderBy('country')
    .orderBy('category_id')
    .orderBy('valid_from')
    .limit(limit)
    .execute()
  return rows.map(toTaxRate)
}

const rowOf = ({
  name,
  country,
  category,
  basisPoints,
  included,
  validFrom,
  version,
  updatedAt,
}: StoredTaxRate) => ({
  name,
  country,
  category_id: category ?? '',
  basis_points: basisPoints,
  included,
  valid_from: validFrom,
  version,
  updated_at: updatedAt,
})

export const insertTaxRate = (trx: Trx, rate: StoredTaxRate) =>
  trx
    .insertInto('tax_rates')
    .values({ id: rate.id, created_at: rate.createdAt, ...rowOf(rate) })
    .execute()

export const updateTaxRate = (trx: Trx, rate: StoredTaxRate) =>
  trx.updateTable('tax_rates').set(rowOf(rate)).where('id', '=', rate.id).execute()

export const deleteTaxRate = (trx: Trx, id: string) =>
  trx.deleteFrom('tax_rates').where('id', '=', id).execute()

export const isCategory = async (trx: Trx, id: string): Promise<boolean> => {
  const found = trx.selectFrom('categories').select('category_id').where('category_id', '=', id)
  return (await found.where('deleted', '=', 0).executeTakeFirst()) !== undefined
}
