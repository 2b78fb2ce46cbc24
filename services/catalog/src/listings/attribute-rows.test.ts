import { expect, it } from 'vitest'
import { indexedNameKey, attributeRowsOf, filterKeys, readRange } from './attribute-rows.ts'

const keysOf = (...parts: Parameters<typeof attributeRowsOf>[1]) =>
  attributeRowsOf('p', parts).map(({ name_key, value_key, value }) => [name_key, value_key, value])

it('has each value of an attribute once, however its name and the value are written', () => {
  expect(keysOf({ Colour: 'Blue' }, { 'colour ': 'BLUE' }, { COLOUR: 'green' })).toEqual([
    ['colour', 'blue', 'Blue'],
    ['colour', 'green', 'green'],
  ])
  expect(indexedNameKey(' Größe  (EU)')).toBe(indexedNameKey('grosse (eu)'))
})

it('has numbers, yes or no, and each of several choices as text', () => {
  expect(keysOf({ weight: 5, vegan: false, uses: ['tea', 'coffee'] })).toEqual([
    ['weight', '5', '5'],
    ['vegan', 'false', 'false'],
    ['uses', 'tea', 'tea'],
    ['uses', 'coffee', 'coffee'],
  ])
})

it('finds a number however it is written, and text that looks like one as it is', () => {
  expect(filterKeys('5.0')).toEqual(['5.0', '5'])
  expect(filterKeys('5')).toEqual(['5'])
  expect(filterKeys('0.50 l')).toEqual(['0.50 l'])
  expect(filterKeys('')).toEqual([''])
})

it('distinguishes long values by more than the index holds of them', () => {
  const [a, b] = keysOf({ text: `${'x'.repeat(250)}a` }, { text: `${'x'.repeat(250)}b` })
  expect(a?.[1]).not.toBe(b?.[1])
  for (const row of [a, b]) expect(row?.[1]?.length).toBeLessThanOrEqual(191)
  expect(keysOf({ text: '😀'.repeat(200) })[0]?.[1]?.isWellFormed()).toBe(true)
})

it('keeps a number as one, whatever text looks the same, and no text as a number', () => {
  const numbersOf = (...parts: Parameters<typeof attributeRowsOf>[1]) =>
    attributeRowsOf('p', parts).map(({ value_key, number }) => [value_key, number])
  expect(numbersOf({ weight: '5' }, { weight: 5 }, { weight: -0.5 })).toEqual([
    ['5', 5],
    ['-0.5', -0.5],
  ])
  expect(numbersOf({ size: '7', vegan: true })).toEqual([
    ['7', null],
    ['true', null],
  ])
})

it('reads ranges of numbers with one end or two, and nothing else as one', () => {
  expect(readRange('10..20')).toEqual({ from: 10, to: 20 })
  expect(readRange(' -1.5..2.5 ')).toEqual({ from: -1.5, to: 2.5 })
  expect(readRange('10..')).toEqual({ from: 10, to: Infinity })
  expect(readRange('..0')).toEqual({ from: -Infinity, to: 0 })
  for (const text of ['..', '10', '10...20', 'a..b', '1e3..2', '10..x', '.5..1'])
    expect(readRange(text), text).toBeUndefined()
})
