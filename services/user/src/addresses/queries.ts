import { sql, type Selectable } from 'kysely'
import type { Database, Db, RowsOf, Trx } from '../database.ts'

type Stored = Selectable<Database['addresses']>

/** The parts of an address, as they are stored. */
export type AddressParts = Pick<
  Stored,
  'label' | 'name' | 'company' | 'line1' | 'line2' | 'city' | 'region' | 'country' | 'phone'
> & { postalCode: string }

export type AddressRow = AddressParts & {
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

const addressesOf = (db: Db | Trx, userId: string) => db.selectFrom('addresses').where('user_id', '=', userId)

/** Rows after `after`, which may be empty. */
export const listAddressRows = (db: Db, { userId, after, limit }: RowsOf) =>
  addressesOf(db, userId).select(ADDRESS).where('id', '>', after).orderBy('id').limit(limit).execute()

export const findAddress = (db: Db | Trx, userId: string, id: string) =>
  addressesOf(db, userId).select(ADDRESS).where('id', '=', id).executeTakeFirst()

export const countAddresses = async (trx: Trx, userId: string) => {
  const counted = addressesOf(trx, userId).select(sql<number>`count(*)`.as('count'))
  return Number((await counted.executeTakeFirstOrThrow()).count)
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

interface NewRow {
  id: string
  userId: string
  parts: AddressParts
  defaults: Defaults
}

const columnsOf = ({ userId, parts: { postalCode, ...parts }, defaults }: NewRow) => ({
  ...parts,
  postal_code: postalCode,
  default_shipping_of: defaults.shipping ? userId : null,
  default_billing_of: defaults.billing ? userId : null,
})

export const insertAddress = async (trx: Trx, row: NewRow, now: Date) => {
  const times = { created_at: now, updated_at: now }
  await trx
    .insertInto('addresses')
    .values({ id: row.id, user_id: row.userId, ...columnsOf(row), ...times })
    .execute()
}

export const updateAddress = async (trx: Trx, row: NewRow, now: Date) => {
  const edit = { version: sql<number>`version + 1`, updated_at: now }
  await trx
    .updateTable('addresses')
    .set({ ...columnsOf(row), ...edit })
    .where('id', '=', row.id)
    .execute()
}

export const deleteAddress = async (trx: Trx, userId: string, id: string) => {
  const address = trx.deleteFrom('addresses').where('id', '=', id).where('user_id', '=', userId)
  return (await address.executeTakeFirst()).numDeletedRows > 0n
}
