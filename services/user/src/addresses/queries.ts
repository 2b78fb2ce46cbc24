import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The parts of an address, as they are stored. */
export interface AddressParts {
  label: string | null
  name: string
  company: string | null
  line1: string
  line2: string | null
  city: string
  region: string | null
  postalCode: string
  country: string
  phone: string | null
}

export interface AddressRow extends AddressParts {
  id: string
  defaultShippingOf: string | null
  defaultBillingOf: string | null
  version: number
  createdAt: Date
  updatedAt: Date
}

const ADDRESS = [
  'id',
  'label',
  'name',
  'company',
  'line1',
  'line2',
  'city',
  'region',
  'postal_code as postalCode',
  'country',
  'phone',
  'default_shipping_of as defaultShippingOf',
  'default_billing_of as defaultBillingOf',
  'version',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

const columnsOf = ({ postalCode, ...parts }: AddressParts) => ({ ...parts, postal_code: postalCode })

export const listAddressRows = (
  db: Db,
  { userId, after, limit }: { userId: string; after: string | undefined; limit: number },
) => {
  let query = db.selectFrom('addresses').select(ADDRESS).where('user_id', '=', userId)
  if (after !== undefined) query = query.where('id', '>', after)
  return query.orderBy('id').limit(limit).execute()
}

export const findAddress = (db: Db | Trx, userId: string, id: string) =>
  db
    .selectFrom('addresses')
    .select(ADDRESS)
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()

export const countAddresses = async (trx: Trx, userId: string) => {
  const { count } = await trx
    .selectFrom('addresses')
    .select(sql<number>`count(*)`.as('count'))
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export interface Defaults {
  shipping: boolean
  billing: boolean
}

/** Makes room for another default: of the account's addresses none is it any more. */
export const clearDefaults = async (trx: Trx, userId: string, defaults: Defaults, now: Date) => {
  const clear = async (column: 'default_shipping_of' | 'default_billing_of') => {
    await trx
      .updateTable('addresses')
      .set({ [column]: null, version: sql`version + 1`, updated_at: now })
      .where(column, '=', userId)
      .execute()
  }
  if (defaults.shipping) await clear('default_shipping_of')
  if (defaults.billing) await clear('default_billing_of')
}

const defaultColumns = (userId: string, { shipping, billing }: Defaults) => ({
  default_shipping_of: shipping ? userId : null,
  default_billing_of: billing ? userId : null,
})

export const insertAddress = async (
  trx: Trx,
  { id, userId, parts, defaults }: { id: string; userId: string; parts: AddressParts; defaults: Defaults },
  now: Date,
) => {
  await trx
    .insertInto('addresses')
    .values({
      id,
      user_id: userId,
      ...columnsOf(parts),
      ...defaultColumns(userId, defaults),
      created_at: now,
      updated_at: now,
    })
    .execute()
}

export const updateAddress = async (
  trx: Trx,
  { id, userId, parts, defaults }: { id: string; userId: string; parts: AddressParts; defaults: Defaults },
  now: Date,
) => {
  await trx
    .updateTable('addresses')
    .set({
      ...columnsOf(parts),
      ...defaultColumns(userId, defaults),
      version: sql`version + 1`,
      updated_at: now,
    })
    .where('id', '=', id)
    .execute()
}

export const deleteAddress = async (trx: Trx, userId: string, id: string) => {
  const { numDeletedRows } = await trx
    .deleteFrom('addresses')
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows > 0n
}
