import type { Db } from '../database.ts'
import { strengthIn } from './documents.ts'
import { sharesOf, type Match, type Plan } from './plan.ts'
import { listMeeting, listPostingWindows, type PostingWindow } from './queries.ts'
import { scoreDocument, scorePosting } from './rank.ts'
import { isBefore, rank, type Candidate } from './search-products.ts'

const MAX_STRENGTH = 255

export const BEGINNING: Candidate = { score: 1_000_000, id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' }
const LAST_ID = '00000000-0000-0000-0000-000000000000'

/** Where the postings of a word begin that come after a candidate in the order of their scores. */
const windowOf = (
  { word, quality, limit }: Match & { limit: number },
  after: Candidate,
): PostingWindow | undefined => {
  let strength = MAX_STRENGTH
  while (strength >= 0 && scorePosting(quality, strength) > after.score) strength -= 1
  if (strength < 0) return undefined
  if (scorePosting(quality, strength) === after.score) return { word, strength, beforeId: after.id, limit }
  return { word, strength: strength + 1, beforeId: LAST_ID, limit }
}

export interface Window {
  /** The best first. */
  candidates: Candidate[]
  /** Behind which posting the next window begins; null after the last one. */
  end: Candidate | null
}

/** The candidates among the next postings of the rarest term. Each comes in one window alone, that of its best
 * posting. Where the search is simple, the windows together are the order of relevance; else it holds within each. */
export const readWindow = async (db: Db, plan: Plan, after: Candidate, most: number): Promise<Window> => {
  const { terms, words, condition, isSimple } = plan
  const shares = sharesOf(words, most)
  const reads = shares.flatMap((share) => windowOf(share, after) ?? [])
  const qualities = new Map(words.map(({ word, quality }) => [word, quality]))
  const postings = (await listPostingWindows(db, reads)).map(({ word, strength, productId }) => ({
    word,
    id: productId,
    score: scorePosting(qualities.get(word) ?? 0, strength),
  }))
  const byWord = Map.groupBy(postings, ({ word }) => word)
  const ends = reads.flatMap(({ word, limit }) => byWord.get(word)?.[limit - 1] ?? [])
  const end = ends.reduce<Candidate | null>(
    (first, each) => (first && isBefore(first, each) ? first : each),
    null,
  )
  const reached = rank(end ? postings.filter((posting) => !isBefore(end, posting)) : postings)
  const next = end && { id: end.id, score: end.score }
  if (isSimple && words.length === 1) return { candidates: reached, end: next }

  const best = new Map(reached.map(({ id, score }) => [id, score]))
  const meeting = (await listMeeting(db, [...best.keys()], condition)).flatMap(
    ({ productId, words: text }) => {
      const scores = shares.map(({ word, quality }) => scorePosting(quality, strengthIn(text, word)))
      const isFirst = best.get(productId) === Math.max(...scores)
      return isFirst ? [{ id: productId, score: scoreDocument(terms, text) }] : []
    },
  )
  return { candidates: rank(meeting), end: next }
}

/** These documents as candidates, the best first. */
export const rankDocuments = ({ terms }: Plan, documents: { id: string; words: string }[]): Candidate[] =>
  rank(documents.map(({ id, words }) => ({ id, score: scoreDocument(terms, words) })))
