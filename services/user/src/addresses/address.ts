import { Line, Timestamp, Uuid } from '@storewright/contracts'
import { AddressParts } from '@storewright/people/address'
import { Type, type Static, type TString } from 'typebox'
import type { Db, RowsOf } from '../database.ts'
import { listAddressRows, type AddressRow } from './queries.ts'

/** As many as a person needs; without a bound one account could fill the table. */
export const MAX_ADDRESSES = 50

const texts = {
  label: Line(60, { description: 'what the owner calls it', examples: ['Home'] }),
  ...AddressParts,
}
const defaults = {
  isDefaultShipping: Type.Boolean({ description: 'one address at most is it' }),
  isDefaultBilling: Type.Boolean({ description: 'one address at most is it' }),
}

const example = {
  label: 'Home',
  name: 'Ada Lovelace',
  line1: '1 High St',
  city: 'Leeds',
  postalCode: 'LS1 1AA',
  country: 'GB',
  isDefaultShipping: true,
}

export const NewAddress = Type.Object(
  {
    label: Type.Optional(texts.label),
    name: texts.name,
    company: Type.Optional(texts.company),
    line1: texts.line1,
    line2: Type.Optional(texts.line2),
    city: Type.Optional(texts.city),
    region: Type.Optional(texts.region),
    postalCode: Type.Optional(texts.postalCode),
    country: texts.country,
    phone: Type.Optional(texts.phone),
    isDefaultShipping: Type.Optional(defaults.isDefaultShipping),
    isDefaultBilling: Type.Optional(defaults.isDefaultBilling),
  },
  { title: 'NewAddress', description: 'Checked by the rules of its country', examples: [example] },
)
export type NewAddress = Static<typeof NewAddress>

const orNull = <T extends TString>(text: T) => Type.Union([text, Type.Null()])

export const AddressPatch = Type.Object(
  {
    label: Type.Optional(orNull(texts.label)),
    name: Type.Optional(texts.name),
    company: Type.Optional(orNull(texts.company)),
    line1: Type.Optional(texts.line1),
    line2: Type.Optional(orNull(texts.line2)),
    city: Type.Optional(texts.city),
    region: Type.Optional(orNull(texts.region)),
    postalCode: Type.Optional(texts.postalCode),
    country: Type.Optional(texts.country),
    phone: Type.Optional(orNull(texts.phone)),
    isDefaultShipping: Type.Optional(defaults.isDefaultShipping),
    isDefaultBilling: Type.Optional(defaults.isDefaultBilling),
  },
  {
    title: 'AddressPatch',
    description: 'What is to change; null takes an optional part away',
    minProperties: 1,
    examples: [{ line1: '2 High St', isDefaultBilling: true }],
  },
)
export type AddressPatch = Static<typeof AddressPatch>

export const Address = Type.Object(
  {
    id: Uuid,
    ...NewAddress.properties,
    city: texts.city,
    postalCode: texts.postalCode,
    ...defaults,
    version: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'Address',
    description: 'An address; optional parts that it lacks are left out',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        ...example,
        isDefaultBilling: false,
        version: 1,
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)
export type Address = Static<typeof Address>

export const describeAddress = (row: AddressRow): Address => {
  const { id, defaultShippingOf, defaultBillingOf, version, createdAt, updatedAt, ...parts } = row
  const { label, company, line2, region, phone, name, line1, city, postalCode, country } = parts
  return {
    id,
    ...(label === null ? {} : { label }),
    name,
    ...(company === null ? {} : { company }),
    line1,
    ...(line2 === null ? {} : { line2 }),
    city,
    ...(region === null ? {} : { region }),
    postalCode,
    country,
    ...(phone === null ? {} : { phone }),
    isDefaultShipping: defaultShippingOf !== null,
    isDefaultBilling: defaultBillingOf !== null,
    version,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

/** A page of an account's addresses, in the order in which they were added. */
export const listAddresses = async (db: Db, page: RowsOf): Promise<Address[]> =>
  (await listAddressRows(db, page)).map(describeAddress)
