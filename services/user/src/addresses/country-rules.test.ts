import { countries } from '@storewright/runtime/countries'
import { describe, expect, it } from 'vitest'
import { findAddressErrors, normalisePostalCode, rulesOf } from './country-rules.ts'

const paths = (country: string, postalCode: string, region: string | null = null) =>
  findAddressErrors({ country, postalCode: normalisePostalCode(postalCode), region }).map(({ path }) => path)

describe('an address by the rules of its country', () => {
  it.each([
    ['GB', 'ls1  1aa', null],
    ['DE', '10115', null],
    ['NL', '1012 AB', null],
    ['IE', 'D02 AF30', null],
    ['IE', '', null],
    ['US', '90210-1234', 'CA'],
    ['CA', 'k1a 0b1', 'ON'],
    ['JP', '100-0001', '東京都'],
    ['AE', '', 'Dubai'],
    ['HK', '', 'Kowloon'],
    ['PT', '1000-001', null],
  ])('%s takes %j', (country, postalCode, region) => {
    expect(paths(country, postalCode, region)).toEqual([])
  })

  it.each<[string, string, string | null, string[]]>([
    ['GB', '12345', null, ['postalCode']],
    ['GB', '', null, ['postalCode']],
    ['DE', '1011', null, ['postalCode']],
    ['DE', '10115; drop', null, ['postalCode']],
    ['US', '90210', null, ['region']],
    ['US', 'LS1 1AA', null, ['region', 'postalCode']],
    ['AU', '', null, ['region', 'postalCode']],
    ['XX', '12345', null, ['country']],
    ['UK', 'LS1 1AA', null, ['country']],
    ['ZZ', '1', null, ['country']],
  ])('%s with %j and region %j lacks %j', (country, postalCode, region, lacks) => {
    expect(paths(country, postalCode, region)).toEqual(lacks)
  })
})

it('has rules for every country of ISO 3166-1', () => {
  expect(countries.length).toBeGreaterThan(240)
  expect(countries.filter((code) => rulesOf(code) === undefined)).toEqual([])
})

it('answers at once for a code made to backtrack', () => {
  const started = performance.now()
  for (const country of ['GB', 'US', 'NL', 'BR']) paths(country, '1 '.repeat(10), 'x')
  expect(performance.now() - started).toBeLessThan(500)
})
