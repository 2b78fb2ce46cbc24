import { codeOf, wordsOf } from './words.ts'

/** How much a word in a field counts for a product; 15 is the most. */
export const WEIGHTS = { code: 13, variantName: 8, attribute: 6, pieceOfCode: 5, category: 4 } as const

const MAX_WEIGHT = 15
const MAX_POPULARITY = 15
/** Of a product with more words the first ones are found. */
const MAX_WORDS = 1_000

/** What a product is found by: its words, each with its strength, weight × 16 + popularity. */
export type Document = Map<string, number>

export interface SearchText {
  name: string
  /** SKUs. */
  codes: string[]
  /** Text of other fields, with their weights. */
  fields: { text: string; weight: number }[]
  /** Units sold. */
  popularity: number
}

/** A word counts more in a name of few words: "Mug" is more of a mug than "Tray for a mug and a plate". */
const nameWeight = (words: number) => Math.min(MAX_WEIGHT, 9 + Math.round(6 / Math.sqrt(words)))

/** Ranges of units sold, each twice as wide as the one before, so that a product seldom moves. */
const popularityOf = (units: number) => Math.min(MAX_POPULARITY, Math.floor(Math.log2(1 + units)))

const toStrength = (weight: number, units: number) => weight * 16 + popularityOf(units)
const weightIn = (strength: number) => strength >> 4

export const documentOf = (
  { name, codes, fields, popularity }: SearchText,
  readWords: typeof wordsOf = wordsOf,
): Document => {
  const nameWords = readWords(name)
  const weights = new Map<string, number>()
  const add = (words: Iterable<string>, weight: number) => {
    for (const word of words) {
      if (weights.size >= MAX_WORDS && !weights.has(word)) return
      weights.set(word, Math.max(weight, weights.get(word) ?? 0))
    }
  }
  add(nameWords, nameWeight(nameWords.size))
  add(codes.map(codeOf), WEIGHTS.code)
  for (const { text, weight } of fields) add(readWords(text), weight)
  for (const code of codes) add(readWords(code), WEIGHTS.pieceOfCode)
  return new Map([...weights].map(([word, weight]) => [word, toStrength(weight, popularity)]))
}

/** " grosse:208 tasse:208 ", so that LIKE finds a word after a blank and its end at a colon. */
export const encodeDocument = (document: Document) =>
  ` ${[...document].map(([word, strength]) => `${word}:${strength}`).join(' ')} `

export const decodeDocument = (text: string): Document =>
  new Map(
    text
      .trim()
      .split(' ')
      .filter(Boolean)
      .map((entry) => {
        const [word = '', strength] = entry.split(':')
        return [word, Number(strength)]
      }),
  )

const strengthFrom = (text: string, colon: number) => Number(text.slice(colon + 1, text.indexOf(' ', colon)))

/** The strength of a word in an encoded document, without decoding it all; 0 where it is not there. */
export const strengthIn = (text: string, word: string) => {
  const at = text.indexOf(` ${word}:`)
  return at < 0 ? 0 : strengthFrom(text, at + word.length + 1)
}

/** The same of the strongest word that begins so. */
export const strengthOfBeginning = (text: string, beginning: string) => {
  let best = 0
  for (let at = text.indexOf(` ${beginning}`); at >= 0; at = text.indexOf(` ${beginning}`, at + 1))
    best = Math.max(best, strengthFrom(text, text.indexOf(':', at)))
  return best
}

/** The same words with the popularity of now. */
export const withPopularity = (document: Document, units: number): Document =>
  new Map([...document].map(([word, strength]) => [word, toStrength(weightIn(strength), units)]))
