import { describe, expect, it } from 'vitest'
import type { AttributeValue } from '../attributes.ts'
import {
  attributeFromText,
  demandedAnew,
  effectiveDefinitions,
  findDefinitionFaults,
  findMisfits,
  findValueFault,
  tidyDefinitions,
  type AttributeDefinition,
  type CategoryDefinitions,
} from './definitions.ts'

const define = (
  name: string,
  type: AttributeDefinition['type'],
  more: Partial<AttributeDefinition> = {},
) => ({
  name,
  type,
  filterable: true,
  ...more,
})
const colour = define('Colour', 'choice', { values: ['blue', 'green'] })

/** Home (Colour as text, Volume) > Kitchen (Colour as choice) > Mugs; Gifts (Volume in another unit). */
const tree = new Map<string, CategoryDefinitions>(
  [
    {
      id: 'home',
      parentId: null,
      definitions: [define('colour', 'text'), define('Volume', 'number', { unit: 'ml' })],
    },
    { id: 'kitchen', parentId: 'home', definitions: [colour] },
    { id: 'mugs', parentId: 'kitchen', definitions: [] },
    { id: 'gifts', parentId: null, definitions: [define('volume', 'number', { unit: 'l' })] },
    { id: 'sale', parentId: null, definitions: [define('COLOUR', 'choice', { values: ['red'] })] },
  ].map((category) => [category.id, category]),
)
const of = (id: string | null) => effectiveDefinitions(id, tree)
const misfitsOf = (categoryIds: string[], attributes: Record<string, AttributeValue>, variant = {}) =>
  findMisfits({ categoryIds, attributes, variants: [{ attributes: variant, deleted: false }] }, of).map(
    ({ path }) => path,
  )

describe('the definitions of a category', () => {
  it('are its own and those above, of each name the nearest', () => {
    expect([...of('mugs').values()].map(({ name, type, categoryId }) => [name, type, categoryId])).toEqual([
      ['Colour', 'choice', 'kitchen'],
      ['Volume', 'number', 'home'],
    ])
    expect(of(null).size).toBe(0)
  })

  it('have different names, and values exactly where there is something to choose', () => {
    const faults = findDefinitionFaults(
      tidyDefinitions([
        { name: 'Size ', type: 'choice' },
        { name: 'SIZE', type: 'text', values: ['S'] },
        { name: 'Care', type: 'multi-choice', values: ['Hand wash', 'hand  WASH'] },
      ]),
    )
    expect(faults.map(({ path }) => path)).toEqual([
      'items.1.name',
      'items.0.values',
      'items.1.values',
      'items.2.values.1',
    ])
  })
})

it('demands anew what is defined, and where type, unit or choices change so that values may not fit', () => {
  const changed = (from: AttributeDefinition[], to: AttributeDefinition[]) => {
    const [before, after] = [from, to].map((definitions) =>
      effectiveDefinitions('a', new Map([['a', { id: 'a', parentId: null, definitions }]])),
    )
    return demandedAnew(before!, after!)
  }
  const volume = define('Volume', 'number', { unit: 'ml' })
  expect(changed([], [colour, volume])).toEqual(['colour', 'volume'])
  expect(changed([volume], [{ ...volume, name: 'VOLUME', filterable: false }])).toEqual([])
  expect(changed([volume], [define('Volume', 'text', { unit: 'ml' })])).toEqual(['volume'])
  expect(changed([volume], [{ ...volume, unit: 'l' }])).toEqual(['volume'])
  expect(changed([colour], [{ ...colour, values: ['red', 'green', 'blue'] }])).toEqual([])
  expect(changed([colour], [{ ...colour, values: ['red', 'blue'] }])).toEqual(['colour'])
  // Another category of a product may allow fewer choices.
  expect(changed([colour, volume], [])).toEqual(['colour'])
})

describe('the attributes of a product', () => {
  it('fit what its categories define, and are free otherwise', () => {
    expect(misfitsOf(['mugs'], { Colour: 'blue', Volume: 300, Note: 7 }, { colour: 'green' })).toEqual([])
    expect(misfitsOf(['mugs'], { colour: 'red', VOLUME: '300' }, { Colour: 'x' })).toEqual([
      'attributes.colour',
      'attributes.VOLUME',
      'variants.0.attributes.Colour',
    ])
    expect(misfitsOf([], { Colour: 7 })).toEqual([])
    expect(misfitsOf(['mugs'], { constructor: 'x' })).toEqual([])
  })

  it('cannot be of two types or units, and may be a choice of either category', () => {
    expect(misfitsOf(['mugs', 'gifts'], {})).toEqual(['categoryIds.1'])
    expect(misfitsOf(['home', 'kitchen'], {})).toEqual(['categoryIds.1'])
    expect(misfitsOf(['mugs', 'sale'], { Colour: 'red' })).toEqual([])
  })

  it.each<[AttributeDefinition, AttributeValue[], AttributeValue[]]>([
    [define('x', 'text'), ['a', ''], [1, true, ['a']]],
    [define('x', 'number'), [1, 0.5], ['1', true, ['1']]],
    [define('x', 'boolean'), [true, false], ['true', 1]],
    [colour, ['blue'], ['Blue', 'red', ['blue'], 1]],
    [define('x', 'multi-choice', { values: ['a', 'b'] }), [['a'], ['b', 'a'], []], ['a', ['c'], 1]],
  ])('of the type of %j', (definition, good, bad) => {
    for (const value of good) expect(findValueFault(definition, value)).toBeNull()
    for (const value of bad) expect(findValueFault(definition, value)).toMatch(/^must be/)
  })
})

it.each<[AttributeDefinition | undefined, string, AttributeValue]>([
  [undefined, '12', '12'],
  [define('x', 'number'), '12.5', 12.5],
  [define('x', 'number'), '1e3', '1e3'],
  [define('x', 'boolean'), 'true', true],
  [define('x', 'boolean'), 'false', false],
  [define('x', 'boolean'), 'yes', 'yes'],
  [define('x', 'multi-choice'), '["a","b"]', ['a', 'b']],
  [define('x', 'multi-choice'), 'a', ['a']],
  [define('x', 'multi-choice'), '[1]', '[1]'],
])('reads a cell by the definition %j: %s', (definition, text, value) => {
  expect(attributeFromText(definition, text)).toEqual(value)
})
