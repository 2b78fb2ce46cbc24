import { Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import type { Db, RowsOf } from '../database.ts'
import { listAddressRows, type AddressRow } from './queries.ts'

/** As many as a person needs; without a bound one account could fill the table. */
export const MAX_ADDRESSES = 50

const CONTROL = '\\u0000-\\u001F\\u007F-\\u009F'
const PLAIN = `[^${CONTROL}]`
const VISIBLE = `[^\\s${CONTROL}]`

// One line of visible text. What an order takes for an address takes every address of here.
const line = (maxLength: number, options: { description?: string; examples?: string[] } = {}) =>
  Type.String({ minLength: 1, maxLength, pattern: `^${PLAIN}*${VISIBLE}${PLAIN}*$`, ...options })

const texts = {
  label: line(60, { description: 'what the owner calls it', examples: ['Home'] }),
  name: line(200, { description: 'who lives there', examples: ['Ada Lovelace'] }),
  company: line(200),
  line1: line(200, { examples: ['1 High St'] }),
  line2: line(200),
  city: line(100, { examples: ['Leeds'] }),
  region: line(100, { description: 'state, province or county; some countries need it' }),
  postalCode: Type.String({
    maxLength: 20,
    pattern: `^${PLAIN}*$`,
    description: 'in the form of its country; empty where that has none',
    examples: ['LS1 1AA'],
  }),
  country: Type.String({
    pattern: '^[A-Z]{2}$',
    maxLength: 2,
    description: 'ISO 3166-1 alpha-2',
    examples: ['GB'],
  }),
  phone: Type.String({
    minLength: 3,
    maxLength: 40,
    pattern: '^[+0-9][0-9 ()./x-]*$',
    examples: ['+44 113 496 0000'],
  }),
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
    city: texts.city,
    region: Type.Optional(texts.region),
    postalCode: texts.postalCode,
    country: texts.country,
    phone: Type.Optional(texts.phone),
    isDefaultShipping: Type.Optional(defaults.isDefaultShipping),
    isDefaultBilling: Type.Optional(defaults.isDefaultBilling),
  },
  { title: 'NewAddress', description: 'Checked by the rules of its country', examples: [example] },
)
export type NewAddress = Static<typeof NewAddress>

const orNull = <T extends ReturnType<typeof line>>(text: T) => Type.Union([text, Type.Null()])

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
