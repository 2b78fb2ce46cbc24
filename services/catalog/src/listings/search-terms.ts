import type { Db, Trx } from '../database.ts'
import { deleteTerms, insertTerms, listByTerms } from './queries.ts'

const MAX_TERM = 64
const MAX_QUERY_TERMS = 8

/** Words as they are searched: no case, no accents, letters and digits only. */
export const termsOf = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter(Boolean)
      .map((term) => [...term].slice(0, MAX_TERM).join('')),
  ),
]

/** The words of a query; each must begin a word of the product. */
export const queryTerms = (q: string) => termsOf(q).slice(0, MAX_QUERY_TERMS)

/** Replaces the words by which products are found; `indexedIds` are the products that may have some. */
export const replaceSearchTerms = async (trx: Trx, texts: Map<string, string>, indexedIds: string[]) => {
  if (indexedIds.length > 0) await deleteTerms(trx, indexedIds)
  await insertTerms(
    trx,
    [...texts].flatMap(([productId, text]) => termsOf(text).map((term) => ({ term, product_id: productId }))),
  )
}

const MAX_CANDIDATES = 5_000

/** Products of which each word of the query begins a word, whatever their state. */
export const searchProducts = async (db: Db, q: string) => {
  const terms = queryTerms(q)
  const found = terms.length === 0 ? [] : await listByTerms(db, terms, MAX_CANDIDATES)
  const candidates = found.map(({ id }) => ({ id, score: 1 })).sort((a, b) => (a.id < b.id ? -1 : 1))
  return { candidates, complete: candidates.length < MAX_CANDIDATES }
}
