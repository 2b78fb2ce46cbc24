import { describe, expect, it } from 'vitest'
import { attributeOf, attributeText, tidyAttributes } from './attributes.ts'
import { findMetadataFault, tidyMetadata } from './metadata.ts'
import { findRepeated, foldName, tidyName } from './names.ts'

describe('a name', () => {
  it('is stored in NFC with single blanks', () => {
    expect(tidyName(' E\u0301tage \u00a0 un\t')).toBe('Étage un')
  })

  it.each([
    ['Größe', 'GRÖSSE'],
    ['Größe', 'grosse '],
    ['Kapı', 'KAPI'],
    ['Ｃｏｌｏｕｒ', 'colour'],
    ['hand  wash', 'Hand wash'],
    ['ΟΔΟΣ', 'οδός'],
    ['soft\u00adware', 'software'],
  ])('is the same as another that differs in case, accents, width or blanks: %s, %s', (one, other) => {
    expect(foldName(one)).toBe(foldName(other))
    expect(findRepeated([one, 'x', other])).toEqual([2])
  })

  it.each([
    ['のし', 'のじ'],
    ['की', 'का'],
    ['hand wash', 'handwash'],
  ])('is another where letters differ: %s, %s', (one, other) => {
    expect(foldName(one)).not.toBe(foldName(other))
  })
})

describe('attributes', () => {
  it('keep both of two names that are one, so that they can be refused', () => {
    expect(tidyAttributes({ ' Colour': 'a', 'Colour ': 'b', n: -0 })).toEqual({
      Colour: 'a',
      'Colour ': 'b',
      n: 0,
    })
  })

  it('have no value under a name that every object inherits', () => {
    expect(attributeOf({}, 'constructor')).toBeUndefined()
    expect(attributeOf(tidyAttributes({ constructor: 'x' }), 'constructor')).toBe('x')
  })

  it('are text in a cell', () => {
    expect(['a', 1.5, true, ['x', 'y']].map(attributeText)).toEqual(['a', '1.5', 'true', '["x","y"]'])
  })
})

describe('metadata', () => {
  it('may be any JSON of 8 KiB and six levels', () => {
    const metadata = { constructor: { toString: [null, true, 1.5] }, '': 'é', n: -0 }
    expect(findMetadataFault(metadata)).toBeNull()
    expect(tidyMetadata(metadata)).toEqual({ ...metadata, n: 0 })
    expect(findMetadataFault({ a: 'x'.repeat(8_192 - 8) })).toBeNull()
  })

  it.each<[string, string, string]>([
    ['too large', JSON.stringify({ a: 'é'.repeat(4_100) }), 'bytes'],
    ['too deep', '{"a":{"b":{"c":{"d":{"e":{"f":{}}}}}}}', 'levels'],
    ['10,000 levels deep', `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'levels'],
    ['a prototype', '{"a":[{"__proto__":{"x":1}}]}', '__proto__'],
    ['no text', '{"a":["\\u0000"]}', 'NUL'],
    ['half a character', '{"\\ud800":1}', 'well-formed'],
    ['beyond numbers', '{"a":1e999}', 'too large'],
  ])('may not be %s', (_what, json, fault) => {
    expect(findMetadataFault(JSON.parse(json) as Record<string, unknown>)).toContain(fault)
  })
})
