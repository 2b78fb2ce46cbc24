import { describe, expect, it } from 'vitest'
import { findCustomError, parsePreferences } from './preferences.ts'

const nested = (levels: number): Record<string, unknown> =>
  levels === 1 ? {} : { inner: nested(levels - 1) }

describe("a client app's own data", () => {
  it.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['every kind of value', { a: 1, b: 'x', c: true, d: null, e: [1, { f: 'é' }] }],
    ['six levels', nested(6)],
    ['16 KiB', { a: 'x'.repeat(16_384 - 8) }],
  ])('may be %s', (_what, custom) => {
    expect(findCustomError(custom)).toBeNull()
  })

  it.each<[string, Record<string, unknown>, string]>([
    ['seven levels', nested(7), 'levels'],
    ['10,000 levels', nested(5_000), 'levels'],
    ['lists in lists', { a: [[[[[[1]]]]]] }, 'levels'],
    ['more than 16 KiB', { a: 'x'.repeat(16_384) }, 'bytes'],
    ['as many bytes in other letters', { a: 'é'.repeat(8_200) }, 'bytes'],
    ['a NUL', { a: ['\0'] }, 'NUL'],
    ['a NUL in a name', { a: { '\0': 1 } }, 'NUL'],
    ['half a character', { a: '\ud800' }, 'well-formed'],
    ['a number beyond numbers', JSON.parse('{"a":1e999}') as Record<string, unknown>, 'too large'],
  ])('may not be %s', (_what, custom, fault) => {
    expect(findCustomError(custom)).toContain(fault)
  })
})

it('writes a language tag as BCP 47 does, and knows one that is none', () => {
  expect(parsePreferences({ locale: 'EN-gb' }).choices.locale).toBe('en-GB')
  expect(parsePreferences({ locale: 'zh-hant-tw' }).choices.locale).toBe('zh-Hant-TW')
  expect(parsePreferences({ locale: 'x' }).faults).toMatchObject([{ path: 'locale' }])
  expect(parsePreferences({ locale: 'en-toolongtobeone' }).faults).toMatchObject([{ path: 'locale' }])
})

it('takes currencies of ISO 4217 only, and leaves out nothing that was not chosen', () => {
  expect(parsePreferences({ currency: 'ABC' }).faults).toMatchObject([{ path: 'currency' }])
  expect(parsePreferences({ currency: 'JPY' })).toEqual({
    faults: [],
    choices: {
      locale: null,
      currency: 'JPY',
      marketingConsent: false,
      trackingConsent: false,
      notificationChannels: ['email'],
      custom: {},
    },
  })
})
