import { countries } from '@storewright/runtime/countries'
import { badAddresses, goodAddresses } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { checkAddress, parseDestination, sampleParts } from './address.ts'
import { normalisePostalCode, rulesOf } from './country-rules.ts'
import { normalisePhone } from './phone.ts'

const home = { name: 'Ada', line1: '1 High St', city: 'Leeds' }
const check = (country: string, postalCode: string, region: string | null) =>
  checkAddress({ ...home, country, postalCode, region })

describe('an address by the rules of its country', () => {
  it.each([
    ['GB', 'ls1  1aa', null, 'LS1 1AA'],
    ['GB', 'LS 11AA', null, 'LS1 1AA'],
    ['GB', 'sw1a-1aa', null, 'SW1A 1AA'],
    ['GB', 'BFPO 57', null, 'BFPO 57'],
    ['DE', '10115', null, '10115'],
    ['NL', '1012ab', null, '1012 AB'],
    ['IE', 'D02 AF30', null, 'D02 AF30'],
    ['IE', '', null, ''],
    ['SE', 'SE-114 55', null, '114 55'],
    ['LU', 'L-4750', null, '4750'],
    ['US', '90210-1234', 'CA', '90210-1234'],
    ['CA', 'k1a0b1', 'ON', 'K1A 0B1'],
    ['JP', '1000001', '東京都', '100-0001'],
    ['AE', '', 'Dubai', ''],
    ['HK', '', 'Kowloon', ''],
    ['PT', '1000-001', null, '1000-001'],
    ['BR', '40301110', 'BA', '40301-110'],
    ['GF', '97300', null, '97300'],
  ])('%s takes %j', (country, postalCode, region, stored) => {
    const { errors, address } = check(country, postalCode, region)
    expect(errors).toEqual([])
    expect(address.postalCode).toBe(stored)
  })

  it.each<[string, string, string | null, string[]]>([
    ['GB', '12345', null, ['postalCode']],
    ['DE', '1011', null, ['postalCode']],
    ['DE', '10115; drop', null, ['postalCode']],
    ['US', 'LS1 1AA', null, ['region', 'postalCode']],
    ['AU', '', null, ['region', 'postalCode']],
    ['XX', '12345', null, ['country']],
    ['GB', 'ＧＢ', null, ['postalCode']],
  ])('%s with %j and region %j lacks %j', (country, postalCode, region, lacks) => {
    expect(check(country, postalCode, region).errors.map(({ path }) => path)).toEqual(lacks)
  })

  it.each(goodAddresses)('$what is stored in one form', ({ given, stored }) => {
    const { address, errors } = checkAddress(given as never)
    expect(errors).toEqual([])
    expect(address).toEqual(stored)
  })

  it.each(badAddresses.filter(({ status }) => status === 422))(
    '$what breaks its rules',
    ({ given, field }) => {
      const { errors } = checkAddress(given as never, 'shippingAddress.')
      expect(errors.map(({ path }) => path)).toEqual([`shippingAddress.${field}`])
    },
  )
})

describe('every country of ISO 3166-1', () => {
  it('has rules, whose own examples are postal codes that nothing changes', () => {
    expect(countries.length).toBeGreaterThan(240)
    const broken = countries.filter((country) => {
      const { examples = [], postalCode } = rulesOf(country) ?? {}
      return examples.some((code) => {
        const stored = normalisePostalCode(country, code)
        return stored !== code || postalCode?.test(stored) === false
      })
    })
    expect(broken).toEqual([])
    const withSample = (country: string) => checkAddress({ ...home, ...sampleParts(country) })
    expect(countries.flatMap((country) => withSample(country).errors)).toEqual([])
  })

  it('is no `__proto__`', () => {
    for (const country of ['__proto__', 'constructor', '../GB', 'gb'])
      expect(rulesOf(country)).toBeUndefined()
  })
})

it('checks a destination whose postal code is not known yet', () => {
  expect(parseDestination({ country: 'GB' })).toEqual({ country: 'GB', postalCode: null })
  expect(parseDestination({ country: 'GB', postalCode: 'ls11aa' }).postalCode).toBe('LS1 1AA')
  expect(() => parseDestination({ country: 'GB', postalCode: 'z' })).toThrow('postalCode')
  expect(() => parseDestination({ country: 'UK' })).toThrow('country')
})

it.each([
  ['0113 496 0000', '0113 496 0000'],
  ['+49 (0)30/1234-567', '+49 (0)30/1234-567'],
  ['tel:+44 113 496 0000', '+44 113 496 0000'],
  ['٠١٢٣ ٤٥٦٧', '0123 4567'],
  ['030\u20111234567;ext=12', '030-1234567 ext. 12'],
  ['020 7946 0000 # 7', '020 7946 0000 ext. 7'],
  ['112', '112'],
])('takes %j for a telephone number', (given, stored) => {
  expect(normalisePhone(given)).toBe(stored)
  expect(normalisePhone(stored)).toBe(stored)
})

it.each([
  '',
  '12',
  '+',
  '()',
  'call me',
  'none',
  'ext. 5',
  '1'.repeat(18),
  '+44 <b>1134960000</b>',
  '0113 ext. 12345678',
  '1-800-FLOWERS',
])('takes %j for no telephone number', (given) => {
  expect(normalisePhone(given)).toBeNull()
})

it('answers at once for text made to backtrack', () => {
  const started = performance.now()
  for (const country of ['GB', 'US', 'NL', 'BR']) check(country, '1 '.repeat(10), 'x')
  normalisePhone(`${'1 '.repeat(20_000)}x`)
  normalisePhone(`${' '.repeat(20_000)}x1`)
  expect(performance.now() - started).toBeLessThan(500)
})
