import { describe, expect, it } from 'vitest'
import { findOptionFaults, fitOptions, spellOptions, tidyOptions } from './options.ts'

const options = tidyOptions([
  { name: ' Colour ', values: ['blue', 'light  green'] },
  { name: 'Größe', values: ['S', 'M'] },
])
const faultsOf = (...variants: Record<string, string>[]) =>
  findOptionFaults(
    options,
    variants.map((values, index) => ({ sku: `SKU-${index}`, options: values })),
  ).map(({ path }) => path)

describe('the options of a variant', () => {
  it('are spelled as the product spells them, in its order', () => {
    expect(Object.entries(spellOptions(options, { grosse: 's', COLOUR: 'Light Green' }))).toEqual([
      ['Colour', 'light green'],
      ['Größe', 'S'],
    ])
  })

  it('have one value of each option, one that the product knows', () => {
    expect(faultsOf({ Colour: 'blue', Größe: 'S' }, { Colour: 'blue', Größe: 'M' })).toEqual([])
    expect(faultsOf({ Colour: 'blue' })).toEqual(['variants.0.options.Größe'])
    expect(faultsOf({ Colour: 'red', Größe: 'S' })).toEqual(['variants.0.options.Colour'])
    expect(faultsOf({ Colour: 'blue', Größe: 'S', constructor: 'x' })).toEqual([
      'variants.0.options.constructor',
    ])
    expect(findOptionFaults([{ name: 'toString', values: ['x'] }], [{ sku: 'A', options: {} }])).toHaveLength(
      1,
    )
  })

  it('are those of no other variant', () => {
    const values = { Colour: 'blue', Größe: 'S' }
    expect(faultsOf(values, { Colour: 'blue', Größe: 'M' }, values)).toEqual(['variants.2.options'])
    expect(
      findOptionFaults(
        [],
        [
          { sku: 'A', options: {} },
          { sku: 'B', options: {} },
        ],
      ),
    ).toEqual([])
  })

  it('follow the product: an option that is gone goes, a new one has its first value', () => {
    expect(fitOptions(options, { Material: 'wool', colour: 'BLUE' })).toEqual({ Colour: 'blue', Größe: 'S' })
    expect(fitOptions(options, { Colour: 'red', Größe: 'M' })).toEqual({ Colour: 'red', Größe: 'M' })
    expect(fitOptions([], { Colour: 'red' })).toEqual({})
  })
})

it('refuses options and values that repeat but for case, accents or blanks', () => {
  const repeated = [
    { name: 'Größe', values: ['S', 's '] },
    { name: 'GRÖSSE', values: ['M'] },
  ]
  expect(findOptionFaults(repeated, []).map(({ path }) => path)).toEqual([
    'options.1.name',
    'options.0.values.1',
  ])
})
