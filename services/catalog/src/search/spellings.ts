import { distance } from 'fastest-levenshtein'

/** Spellings are made of the beginning of a word: typing errors behind it do not change them. */
const BEGINNING = 7
const MIN_WORD = 3

/** Only words of letters: one code is never a typing error of another. */
const isSpelled = (word: string) => !/\p{N}/u.test(word) && [...word].length >= MIN_WORD

/** How many typing errors a word of so many characters may have. */
const errorsIn = (length: number) => (length < 4 ? 0 : length < 8 ? 1 : 2)

const withoutOne = (spelling: string) => {
  const characters = [...spelling]
  return characters.map((_, index) => characters.toSpliced(index, 1).join(''))
}

/** The word and what is left of it without as many characters as it may have errors: candidates by equality (SymSpell). */
export const spellingsOf = (word: string): string[] => {
  if (!isSpelled(word)) return []
  const characters = [...word]
  const spellings = new Set([characters.slice(0, BEGINNING).join('')])
  for (let errors = errorsIn(characters.length); errors > 0; errors--)
    for (const spelling of [...spellings]) for (const shorter of withoutOne(spelling)) spellings.add(shorter)
  return [...spellings]
}

/** Two neighbours that changed places are one error, which an edit distance counts as two. */
const isSwap = (a: string[], b: string[]) => {
  const at = a.findIndex((character, index) => character !== b[index])
  return a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2).join('') === b.slice(at + 2).join('')
}

/** The number of typing errors between two words; undefined where it is more than the typed one may have. */
export const errorsBetween = (typed: string, word: string): number | undefined => {
  const characters = [...typed]
  const errors = isSwap(characters, [...word]) ? 1 : distance(typed, word)
  return errors <= errorsIn(characters.length) ? errors : undefined
}
