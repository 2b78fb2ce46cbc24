import type { Db } from '../database.ts'
import { decodeDocument } from './documents.ts'
import { MAX_READ, matchTerms, planSearch, type MatchedTerm } from './plan.ts'
import { listMatches, listPostings, listSimilarWords, listWords, type WordRow } from './queries.ts'
import { scoreDocument, scorePosting } from './rank.ts'
import { spellingsOf } from './spellings.ts'
import { parseQuery, type Lookup, type Term } from './words.ts'

/** A product that matches, in whatever state; the higher its score (a whole number) the better it does. */
export interface Candidate {
  id: string
  score: number
}

export interface SearchResult {
  /** The best first, then by id. */
  candidates: Candidate[]
  /** False where more products match than were read. */
  complete: boolean
}

const NOTHING: SearchResult = { candidates: [], complete: true }
const MAX_SIMILAR_READ = 500

const rank = (scores: Iterable<readonly [string, number]>): Candidate[] => {
  const best = new Map<string, number>()
  for (const [id, score] of scores) best.set(id, Math.max(score, best.get(id) ?? 0))
  return [...best]
    .map(([id, score]) => ({ id, score }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}

/** Products that meet all of these terms. */
const collect = async (db: Db, terms: MatchedTerm[], limit: number): Promise<SearchResult> => {
  const { reads, condition, complete } = planSearch(terms, limit)
  if (condition) {
    const found = await listMatches(db, reads, condition)
    return {
      candidates: rank(
        found.map(({ productId, words }) => [productId, scoreDocument(terms, decodeDocument(words))]),
      ),
      complete,
    }
  }
  const qualities = new Map(
    terms
      .flatMap(({ alternatives }) => alternatives.flat(2))
      .flatMap(({ matches }) => matches.map(({ word, quality }) => [word, quality])),
  )
  const found = await listPostings(db, reads)
  return {
    candidates: rank(
      found.map(({ word, strength, productId }) => [
        productId,
        scorePosting(qualities.get(word) ?? 0, strength),
      ]),
    ),
    complete: complete && found.length < limit,
  }
}

const lookupsOf = (terms: Term[]): Lookup[] => terms.flatMap(({ alternatives }) => alternatives.flat())

/** Words with typing errors, for what is not a word of any product. */
const findSimilar = async (db: Db, terms: Term[], known: WordRow[]): Promise<WordRow[]> => {
  const words = new Set(known.map(({ word }) => word))
  const spellings = lookupsOf(terms).flatMap(({ word, prefix }) =>
    prefix && !words.has(word) && [...word].length > 3 ? spellingsOf(word) : [],
  )
  return spellings.length === 0 ? [] : listSimilarWords(db, [...new Set(spellings)], MAX_SIMILAR_READ)
}

/**
 * The products that match what a customer typed, in at most four statements that read at most some thousand rows. Each
 * word must be, or begin, a word of the product; where that finds nothing, typing errors are allowed, and words that
 * no product has are left out. At most `limit` (1 to 5,000) candidates.
 */
export const searchProducts = async (
  db: Db,
  q: string,
  { limit = MAX_READ }: { limit?: number } = {},
): Promise<SearchResult> => {
  const terms = parseQuery(q)
  const lookups = lookupsOf(terms)
  if (lookups.length === 0) return NOTHING
  const words = await listWords(
    db,
    lookups.map(({ word }) => word),
    lookups.flatMap(({ word, prefix }) => (prefix ? [word] : [])),
  )
  const isMatched = ({ alternatives }: MatchedTerm) => alternatives.length > 0
  const asTyped = matchTerms(terms, words)
  if (asTyped.every(isMatched)) {
    const result = await collect(db, asTyped, limit)
    if (result.candidates.length > 0) return result
  }
  const similar = await findSimilar(db, terms, words)
  // Nothing new to look for.
  if (similar.length === 0 && asTyped.every(isMatched)) return NOTHING
  const tolerant = matchTerms(terms, words, similar).filter(isMatched)
  return tolerant.length === 0 ? NOTHING : collect(db, tolerant, limit)
}
