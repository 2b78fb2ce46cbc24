import { expect, it } from 'vitest'
import { toMajorUnits, toMinorUnits } from './major-units.ts'

it('reads prices exactly, by the digits of their currency', () => {
  expect(toMinorUnits('12.99', 'GBP')).toBe(1299)
  expect(toMinorUnits('0.1', 'GBP')).toBe(10)
  expect(toMinorUnits('1.10', 'GBP')).toBe(110)
  expect(toMinorUnits('12', 'JPY')).toBe(12)
  expect(toMinorUnits('1.005', 'KWD')).toBe(1005)
  expect(toMinorUnits('1.5000', 'GBP')).toBe(150)
  expect(toMinorUnits('0', 'GBP')).toBe(0)
})

it('refuses text that is not a price', () => {
  for (const text of [
    '',
    '-1',
    '12,99',
    '£12.99',
    '1e3',
    '.5',
    '5.',
    '1.005',
    '0x10',
    'NaN',
    '1 000',
    '99999999999999',
  ])
    expect(toMinorUnits(text, 'GBP'), text).toHaveProperty('fault')
  expect(toMinorUnits('1.5', 'JPY')).toHaveProperty('fault')
  expect(toMinorUnits('1', 'ABC')).toHaveProperty('fault')
})

it('writes prices as it reads them', () => {
  expect(toMajorUnits(1299, 'GBP')).toBe('12.99')
  expect(toMajorUnits(5, 'GBP')).toBe('0.05')
  expect(toMajorUnits(5, 'JPY')).toBe('5')
  expect(toMajorUnits(5, 'KWD')).toBe('0.005')
})
