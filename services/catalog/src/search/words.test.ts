import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseQuery, wordsOf } from './words.ts'

const words = (text: string) => [...wordsOf(text)]

it('finds words without case and accents', () => {
  expect(words('Große Crème BRÛLÉE')).toEqual(['grosse', 'creme', 'brulee'])
})

it.each([
  ["Levi's 501", ['levi', 's', 'levis', '501']],
  ['Gr.49', ['gr', '49', 'gr49']],
  ['GR49', ['gr', '49', 'gr49']],
  ['SKU-15056/BL', ['sku', '15056', 'bl', 'sku15056bl', '15056bl']],
  ['100 ml', ['100', 'ml']],
  ['T-Shirt', ['t', 'shirt', 'tshirt']],
])('takes codes and words apart and together: %j', (text, expected) => {
  expect(words(text)).toEqual(expected)
})

it('takes a key of many letters and digits for one word', () => {
  expect(words('a1b2c3d4')).toEqual(['a1b2c3d4'])
})

it('takes two characters at every place of scripts without word spaces', () => {
  expect(words('日本製マグ cup')).toEqual(['日本', '本製', '製マ', 'マグ', 'グ', 'cup'])
  expect(words('แก้ว')).toHaveLength(4)
})

it('asks for nothing where there is neither letter nor digit', () => {
  for (const q of ['', ' ', '%_', '🎁🎁', '-- ,.!', '\u200B']) expect(parseQuery(q)).toEqual([])
})

it('asks for a code as one word or as its parts, short parts only as they are', () => {
  expect(parseQuery('gr-4900')).toEqual([
    {
      alternatives: [
        [{ word: 'gr4900', prefix: true }],
        [
          { word: 'gr', prefix: false },
          { word: '4900', prefix: true },
        ],
      ],
    },
  ])
})

it('asks for each word once, and for a bounded number of them', () => {
  expect(parseQuery('mug MUG Müg')).toHaveLength(1)
  for (const q of [
    'a '.repeat(100),
    'abcdefghij klmnop '.repeat(11),
    '日本製'.repeat(66),
    'a-'.repeat(100),
  ]) {
    const lookups = parseQuery(q).flatMap(({ alternatives }) => alternatives.flat())
    expect(lookups.length).toBeLessThanOrEqual(12)
    expect(lookups.length).toBeGreaterThan(0)
  }
})

it('finds in a text every word of it that has no punctuation', () => {
  const isWord = (word: string) => /^[\p{L}\p{N}]+$/u.test(word)
  const word = fc.string({ unit: fc.constantFrom(...'abcßøÉı12Жカ日'), minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (all) => {
      const indexed = wordsOf(all.join(' '))
      for (const { alternatives } of all.filter(isWord).flatMap(parseQuery))
        expect(
          alternatives.some((lookups) =>
            lookups.every(({ word, prefix }) =>
              prefix ? [...indexed].some((known) => known.startsWith(word)) : indexed.has(word),
            ),
          ),
        ).toBe(true)
    }),
  )
})
