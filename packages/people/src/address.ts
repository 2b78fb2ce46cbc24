import { Line } from '@storewright/contracts'
import { type FieldError, Problem } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { findFault, normalisePostalCode, rulesOf } from './country-rules.ts'
import { normalisePhone } from './phone.ts'

export { isCountry } from './country-rules.ts'

export const Country = Type.String({
  pattern: '^[A-Z]{2}$',
  maxLength: 2,
  description: 'ISO 3166-1 alpha-2',
  examples: ['GB'],
})
export const PostalCode = Line(20, {
  minLength: 0,
  description: 'in the form of its country; empty where that has none',
  examples: ['LS1 1AA'],
})

/** The parts of a postal address as clients write them; `parseAddress` checks what depends on the country. */
export const AddressParts = {
  name: Line(200, { description: 'who lives there', examples: ['Ada Lovelace'] }),
  company: Line(200),
  line1: Line(200, { examples: ['1 High St'] }),
  line2: Line(200),
  city: Line(100, {
    minLength: 0,
    description: 'empty where a country needs none, such as SG',
    examples: ['Leeds'],
  }),
  region: Line(100, { description: 'state, province or county; some countries need it' }),
  postalCode: PostalCode,
  country: Country,
  // Not one line: programs copy numbers with invisible direction marks, which are taken out.
  phone: Type.String({
    minLength: 1,
    maxLength: 40,
    description: 'digits, with an extension if there is one; as dialled there, or with + and the country',
    examples: ['+44 113 496 0000'],
  }),
}

/** What is missing may be absent or null; both stay as they are. */
interface Given {
  name: string
  company?: string | null
  line1: string
  line2?: string | null
  city?: string
  region?: string | null
  postalCode?: string
  country: string
  phone?: string | null
}

const noCountry = (path: string): FieldError => ({
  path: `${path}country`,
  message: 'is not the ISO 3166-1 code of a country',
})

const findFaultsOf = (
  { country, postalCode }: { country: string; postalCode: string },
  path: string,
): FieldError[] => {
  const rules = rulesOf(country)
  if (!rules) return [noCountry(path)]
  const fault = postalCode === '' ? null : findFault(rules, country, postalCode)
  return fault === null ? [] : [{ path: `${path}postalCode`, message: fault }]
}

const tidy = <Text extends string | null | undefined>(text: Text) =>
  (typeof text === 'string' ? text.normalize('NFC').trim() : text) as Text

const refuse = (errors: readonly FieldError[]): never => {
  const [first] = errors
  throw new Problem('unprocessable', `The address is invalid: ${first?.path} ${first?.message}.`, {
    errors: [...errors],
  })
}

/** Country and postal code before the rest is known, as they are stored; ends the request where they make no sense. */
export const parseDestination = (
  { country, postalCode }: { country: string; postalCode?: string | null | undefined },
  path = '',
): { country: string; postalCode: string | null } => {
  const code = normalisePostalCode(country, postalCode ?? '')
  const errors = findFaultsOf({ country, postalCode: code }, path)
  return errors.length > 0 ? refuse(errors) : { country, postalCode: code === '' ? null : code }
}

/** The address in the form in which it is stored, and what is wrong with it; `path` begins the names of its fields. */
export const checkAddress = <Address extends Given>(given: Address, path = '') => {
  const { country } = given
  const tidied = Object.fromEntries(
    Object.entries(given).map(([part, text]) => [part, tidy(text as string | null | undefined)]),
  ) as unknown as Address
  const phone = tidied.phone && normalisePhone(tidied.phone)
  const address = {
    ...tidied,
    city: tidied.city ?? '',
    postalCode: normalisePostalCode(country, tidied.postalCode ?? ''),
    ...(phone && { phone }),
  }
  const rules = rulesOf(country)
  if (!rules) return { address, errors: [noCountry(path)] }
  const required = (part: 'city' | 'region' | 'postalCode', isRequired: boolean) =>
    isRequired && !address[part] ? [{ path: path + part, message: `is required in ${country}` }] : []
  const errors = [
    ...required('city', rules.needsCity),
    ...required('region', rules.needsRegion),
    ...required('postalCode', rules.needsPostalCode),
    ...findFaultsOf(address, path),
    ...(tidied.phone && !phone ? [{ path: `${path}phone`, message: 'is not a telephone number' }] : []),
  ]
  return { address, errors }
}

/** As `checkAddress`; ends the request where it breaks the rules of its country. */
export const parseAddress = <Address extends Given>(given: Address, path = '') => {
  const { address, errors } = checkAddress(given, path)
  return errors.length > 0 ? refuse(errors) : address
}

/** The parts of an address that depend on its country, made up: for tests and for histories that have none. */
export const sampleParts = (country: string) => {
  const { needsRegion = false, examples = [] } = rulesOf(country) ?? {}
  const [postalCode = ''] = examples
  return { city: 'Anytown', ...(needsRegion && { region: 'Any region' }), postalCode, country }
}
