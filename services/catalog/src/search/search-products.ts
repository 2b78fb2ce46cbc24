import type { Db } from '../database.ts'
import { matchTerms, planSearch, type MatchedTerm, type Plan } from './plan.ts'
import { listMatches, listPostings, listSimilarWords, listWords, type WordRow } from './queries.ts'
import { scoreDocument, scorePosting } from './rank.ts'
import { spellingsOf } from './spellings.ts'
import { parseQuery, type Lookup, type Term } from './words.ts'

/** A product that matches, in whatever state; the higher its score (a whole number) the better it does. */
export interface Candidate {
  id: string
  score: number
}

export type SearchResult =
  /** The best first, of equal ones the highest id; not complete where a beginning has more words than were looked at. */
  | { kind: 'found'; candidates: Candidate[]; complete: boolean }
  /** More than are read at once: in windows (`windows.ts`), or among products that are found by something else. */
  | { kind: 'broad'; plan: Plan }

export interface SearchLimits {
  /** Postings that are read at once for one word. */
  simple: number
  /** Those of the rarest of several words, each with a document that is looked at. */
  checked: number
  /** Postings of a page's first window, few where nearly all of them match, and of the others. */
  firstWindow: number
  window: number
}

export const SEARCH_LIMITS: SearchLimits = { simple: 1_000, checked: 4_000, firstWindow: 200, window: 800 }
const NOTHING: SearchResult = { kind: 'found', candidates: [], complete: true }
const MAX_SIMILAR_READ = 500

/** Whether the one is more relevant. */
export const isBefore = (a: Candidate, b: Candidate) =>
  a.score > b.score || (a.score === b.score && a.id > b.id)

export const rank = (scores: Iterable<Candidate>): Candidate[] => {
  const best = new Map<string, number>()
  for (const { id, score } of scores) best.set(id, Math.max(score, best.get(id) ?? 0))
  return [...best].map(([id, score]) => ({ id, score })).sort((a, b) => (isBefore(a, b) ? -1 : 1))
}

const readCandidates = async (db: Db, { terms, words, condition, isSimple }: Plan, most: number) => {
  const texts = words.map(({ word }) => word)
  if (!isSimple) {
    const { read, matches } = await listMatches(db, texts, most, condition)
    const score = (found: (typeof matches)[number]) => scoreDocument(terms, found.words)
    return { read, candidates: matches.map((found) => ({ id: found.productId, score: score(found) })) }
  }
  const qualities = new Map(words.map(({ word, quality }) => [word, quality]))
  const candidates = (await listPostings(db, texts, most)).map(({ word, strength, productId }) => ({
    id: productId,
    score: scorePosting(qualities.get(word) ?? 0, strength),
  }))
  return { read: candidates.length, candidates }
}

const collect = async (db: Db, terms: MatchedTerm[], limits: SearchLimits): Promise<SearchResult> => {
  const plan = planSearch(terms)
  const most = plan.isSimple ? limits.simple : limits.checked
  if (plan.documents > most) return { kind: 'broad', plan }
  const { read, candidates } = await readCandidates(db, plan, most)
  // Words are counted a little later than products are stored: there may be more.
  if (read >= most) return { kind: 'broad', plan }
  return { kind: 'found', candidates: rank(candidates), complete: !plan.isCut }
}

const lookupsOf = (terms: Term[]): Lookup[] => terms.flatMap(({ alternatives }) => alternatives.flat())

const findSimilar = async (db: Db, terms: Term[], known: WordRow[]): Promise<WordRow[]> => {
  const words = new Set(known.map(({ word }) => word))
  const spellings = lookupsOf(terms).flatMap(({ word, prefix }) =>
    prefix && !words.has(word) && [...word].length > 3 ? spellingsOf(word) : [],
  )
  return spellings.length === 0 ? [] : listSimilarWords(db, [...new Set(spellings)], MAX_SIMILAR_READ)
}

const isMatched = ({ alternatives }: MatchedTerm) => alternatives.length > 0
const isEmpty = (result: SearchResult) => result.kind === 'found' && result.candidates.length === 0

/** The products that match what a customer typed, in at most four statements that read at most some thousand rows.
 * Each word must be, or begin, a word of the product; where that finds nothing, typing errors are allowed, and words
 * that no product has are left out. */
export const searchProducts = async (
  db: Db,
  q: string,
  limits: SearchLimits = SEARCH_LIMITS,
): Promise<SearchResult> => {
  const terms = parseQuery(q)
  const lookups = lookupsOf(terms)
  if (lookups.length === 0) return NOTHING
  const words = await listWords(
    db,
    lookups.map(({ word }) => word),
    lookups.flatMap(({ word, prefix }) => (prefix ? [word] : [])),
  )
  const asTyped = matchTerms(terms, words)
  if (asTyped.every(isMatched)) {
    const result = await collect(db, asTyped, limits)
    if (!isEmpty(result)) return result
  }
  const similar = await findSimilar(db, terms, words)
  if (similar.length === 0 && asTyped.every(isMatched)) return NOTHING
  const tolerant = matchTerms(terms, words, similar).filter(isMatched)
  return tolerant.length === 0 ? NOTHING : collect(db, tolerant, limits)
}
