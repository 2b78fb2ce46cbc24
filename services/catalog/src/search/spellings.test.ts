import fc from 'fast-check'
import { expect, it } from 'vitest'
import { errorsBetween, spellingsOf } from './spellings.ts'

const shareSpelling = (typed: string, word: string) => {
  const spellings = new Set(spellingsOf(word))
  return spellingsOf(typed).some((spelling) => spellings.has(spelling))
}

it.each([
  ['grose', 'grosse', 1],
  ['tase', 'tasse', 1],
  ['tsase', 'tasse', 1],
  ['mugs', 'mug', 1],
  ['matress', 'mattress', 1],
  ['recieved', 'received', 1],
  ['accomodatoin', 'accommodation', 3],
  ['lantren', 'lantern', 1],
])('counts the typing errors of %j for %j', (typed, word, errors) => {
  const allowed = typed.length < 8 ? 1 : 2
  expect(errorsBetween(typed, word)).toBe(errors <= allowed ? errors : undefined)
  if (errors <= allowed) expect(shareSpelling(typed, word)).toBe(true)
})

it('never takes one code, or one short word, for another', () => {
  expect(spellingsOf('gr49')).toEqual([])
  expect(spellingsOf('ab')).toEqual([])
  expect(errorsBetween('mag', 'mug')).toBeUndefined()
})

it('shares a spelling with every word in which one letter is wrong', () => {
  const letters = fc.constantFrom(...'abcdeß')
  const word = fc.string({ unit: letters, minLength: 5, maxLength: 14 })
  fc.assert(
    fc.property(word, fc.nat(13), letters, fc.constantFrom(0, 1), (right, place, letter, removed) => {
      const at = place % right.length
      const typed = right.slice(0, at) + letter + right.slice(at + removed)
      expect(shareSpelling(typed, right)).toBe(true)
      expect(errorsBetween(typed, right)).toBeLessThanOrEqual(1)
    }),
  )
})
