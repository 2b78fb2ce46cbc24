import { keyOf, meets, productsWith, type Condition } from './condition-queries.ts'
import { prefixWindow, type WordRow } from './queries.ts'
import { errorsBetween } from './spellings.ts'
import type { Lookup, Term } from './words.ts'

/** Postings that are read of each of them at least: a rare word must not end a window. */
const MIN_SHARE = 8
const MAX_SIMILAR = 8

const EXACT = 1
export const PREFIX = 0.7
const SIMILAR = [0.5, 0.5, 0.3]

export interface Match {
  word: string
  documents: number
  quality: number
}

/** A look-up with the words of the dictionary that meet it. */
export interface Matched {
  lookup: Lookup
  matches: Match[]
  documents: number
  isCut: boolean
}

export interface MatchedTerm {
  /** Only those of which every look-up has a word. */
  alternatives: Matched[][]
  documents: number
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0)

/** A count that is behind may be 0 where there is a product. */
const documentsOf = (matches: Match[]) => sum(matches.map(({ documents }) => Math.max(1, documents)))

const bestFirst = (a: Match, b: Match) =>
  b.quality - a.quality || b.documents - a.documents || (a.word < b.word ? -1 : 1)

/** Words that are, or begin with, what is looked up; where none is it, those that are like it too. */
const matchLookup = (lookup: Lookup, words: WordRow[], similar: WordRow[]): Matched => {
  const asTyped = words.filter(({ word }) => word === lookup.word)
  const longer = words.filter(
    ({ word }) => word !== lookup.word && lookup.prefix && word.startsWith(lookup.word),
  )
  const alike = asTyped.length > 0 ? [] : similar.filter(({ word }) => !word.startsWith(lookup.word))
  const matches = [
    ...asTyped.map((row) => ({ ...row, quality: EXACT })),
    ...longer.map((row) => ({ ...row, quality: PREFIX })),
    ...alike
      .flatMap((row): Match[] => {
        const errors = errorsBetween(lookup.word, row.word)
        return errors === undefined ? [] : [{ ...row, quality: SIMILAR[errors] ?? 0 }]
      })
      .sort(bestFirst)
      .slice(0, MAX_SIMILAR),
  ]
  return {
    lookup,
    matches,
    documents: documentsOf(matches),
    // The window of a beginning of one or two characters has the word itself too.
    isCut: longer.length + ([...lookup.word].length <= 2 ? asTyped.length : 0) >= prefixWindow(lookup.word),
  }
}

/** The terms with the words that meet them; `similar` are words that may be meant where there are typing errors. */
export const matchTerms = (terms: Term[], words: WordRow[], similar: WordRow[] = []): MatchedTerm[] =>
  terms.map(({ alternatives }) => {
    const matched = alternatives
      .map((lookups) => lookups.map((lookup) => matchLookup(lookup, words, similar)))
      .filter((lookups) => lookups.every(({ matches }) => matches.length > 0))
    return {
      alternatives: matched,
      documents: sum(matched.map((lookups) => Math.min(...lookups.map(({ documents }) => documents)))),
    }
  })

const rarest = <Item extends { documents: number }>(items: Item[]): Item =>
  items.reduce((least, item) => (item.documents < least.documents ? item : least))

const conditionOf = ({ alternatives }: MatchedTerm): Condition => ({
  some: alternatives.map((lookups) => ({
    every: lookups.map(({ lookup, matches }) => ({
      some: [
        lookup,
        ...matches.flatMap(({ word }) => (word.startsWith(lookup.word) ? [] : [{ word, prefix: false }])),
      ],
    })),
  })),
})

/** Of `most` postings each word's share; a word that is left out would bring its products twice, or never. */
export const sharesOf = (matches: Match[], most: number) => {
  const share = most / Math.max(most, documentsOf(matches))
  return matches.map((match) => ({
    ...match,
    limit: Math.max(MIN_SHARE, Math.floor(share * match.documents)),
  }))
}

export interface Plan {
  terms: MatchedTerm[]
  /** Of the rarest term: every product that matches has one of them. */
  words: Match[]
  condition: Condition
  /** Whoever has one of the words meets the condition. */
  isSimple: boolean
  documents: number
  isCut: boolean
}

/** How to find the products that meet all terms: by the words of the rarest one. */
export const planSearch = (terms: MatchedTerm[]): Plan => {
  const driver = rarest(terms)
  const lookups = driver.alternatives.map(rarest)
  const words = [
    ...new Map(lookups.flatMap((lookup) => lookup.matches).map((match) => [match.word, match])).values(),
  ]
  return {
    terms,
    words,
    condition: { every: terms.map(conditionOf) },
    isSimple: terms.length === 1 && driver.alternatives.length === 1 && driver.alternatives[0]?.length === 1,
    documents: documentsOf(words),
    isCut: lookups.some(({ isCut }) => isCut),
  }
}

/** For statements of lists: the join of `search_documents` with what has this id, as far as it meets the search. */
export const meetsSearch = ({ condition }: Plan, id: Parameters<typeof keyOf>[0]) => ({
  isDocument: keyOf(id),
  isMet: meets(condition),
})

/** For statements of lists: a derived table of ids, among which are those of all matches. */
export const productsOf = ({ words }: Plan) => productsWith(words.map(({ word }) => word))
