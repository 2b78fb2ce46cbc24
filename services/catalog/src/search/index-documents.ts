import type { Trx } from '../database.ts'
import {
  decodeDocument,
  documentOf,
  encodeDocument,
  withPopularity,
  type Document,
  type SearchText,
} from './documents.ts'
import {
  addSpellings,
  addWords,
  deleteDocuments,
  deletePostings,
  insertPostings,
  listDocuments,
  listKnownWords,
  noteChanges,
  writeDocuments,
  type Posting,
} from './queries.ts'
import { spellingsOf } from './spellings.ts'
import { wordsOf } from './words.ts'

interface Change {
  productId: string
  before: Document
  /** Empty: the product is found no more. */
  after: Document
}

const postingsIn = ({ productId }: Change, these: Document, others: Document): Posting[] =>
  [...these].flatMap(([word, strength]) =>
    others.get(word) === strength ? [] : [{ word, strength, productId }],
  )

/** By how much more or fewer products have each word, in the order of the words. */
const countChanges = (changes: Change[]) => {
  const counts = new Map<string, number>()
  const add = (words: Document, others: Document, change: number) => {
    for (const word of words.keys()) if (!others.has(word)) counts.set(word, (counts.get(word) ?? 0) + change)
  }
  for (const { before, after } of changes) {
    add(after, before, 1)
    add(before, after, -1)
  }
  return [...counts].map(([word, change]) => ({ word, change })).sort((a, b) => (a.word < b.word ? -1 : 1))
}

/** Counts of frequent words are noted and added later: writers would wait for each other at every "the". */
const countWordsOf = async (trx: Trx, changes: Change[]) => {
  const counts = countChanges(changes)
  const known = await listKnownWords(
    trx,
    counts.flatMap(({ word, change }) => (change >= 0 ? [word] : [])),
  )
  const isNew = ({ word, change }: { word: string; change: number }) => change > 0 && !known.has(word)
  const added = counts.filter(isNew)
  await addWords(
    trx,
    added.map(({ word, change }) => ({ word, documents: change })),
  )
  await addSpellings(
    trx,
    added.flatMap(({ word }) => spellingsOf(word).map((spelling) => ({ spelling, word }))),
  )
  await noteChanges(
    trx,
    counts.filter((count) => count.change !== 0 && !isNew(count)),
  )
}

const writeChanges = async (trx: Trx, changes: Change[]) => {
  const encoded = changes.map((change) => ({ ...change, words: encodeDocument(change.after) }))
  const changed = encoded.filter(({ before, words }) => words !== encodeDocument(before))
  if (changed.length === 0) return
  await countWordsOf(trx, changed)
  await deletePostings(
    trx,
    changed.flatMap((change) => postingsIn(change, change.before, change.after)),
  )
  await insertPostings(
    trx,
    changed.flatMap((change) => postingsIn(change, change.after, change.before)),
  )
  await writeDocuments(
    trx,
    changed.filter(({ after }) => after.size > 0),
  )
  await deleteDocuments(
    trx,
    changed.flatMap(({ productId, after }) => (after.size === 0 ? [productId] : [])),
  )
}

const documentsOf = async (trx: Trx, productIds: string[]) =>
  new Map(
    (await listDocuments(trx, productIds)).map(({ productId, words }) => [productId, decodeDocument(words)]),
  )

const rememberWords = () => {
  const known = new Map<string, Set<string>>()
  return (text: string) => {
    const words = known.get(text) ?? wordsOf(text)
    known.set(text, words)
    return words
  }
}

/** Writes by which words products are found, null for none; the caller holds the products’ locks. */
export const indexDocuments = async (
  trx: Trx,
  texts: Map<string, SearchText | null>,
  indexedIds: string[],
) => {
  const before = await documentsOf(trx, indexedIds)
  const readWords = rememberWords()
  await writeChanges(
    trx,
    [...texts].map(([productId, text]) => ({
      productId,
      before: before.get(productId) ?? new Map(),
      after: text ? documentOf(text, readWords) : new Map(),
    })),
  )
}

/** Carries units sold over to the ranking of search results. The caller holds the products' locks. */
export const indexPopularity = async (trx: Trx, sums: { productId: string; units: number }[]) => {
  const units = new Map(sums.map((sum) => [sum.productId, sum.units]))
  const stored = await documentsOf(trx, [...units.keys()])
  await writeChanges(
    trx,
    [...stored].map(([productId, before]) => ({
      productId,
      before,
      after: withPopularity(before, units.get(productId) ?? 0),
    })),
  )
}
