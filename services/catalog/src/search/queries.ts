import { insertRows } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { meets, type Condition } from './condition-queries.ts'

const toBinary = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex')

const toId = (binary: Buffer) => {
  const hex = binary.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

export interface Posting {
  word: string
  strength: number
  productId: string
}

export const listDocuments = async (db: Db | Trx, productIds: string[]) => {
  if (productIds.length === 0) return []
  const rows = await db
    .selectFrom('search_documents')
    .select(['product_id', 'words'])
    .where('product_id', 'in', productIds.map(toBinary))
    .execute()
  return rows.map(({ product_id, words }) => ({ productId: toId(product_id), words }))
}

export const writeDocuments = (trx: Trx, documents: { productId: string; words: string }[]) =>
  insertRows(
    trx,
    'search_documents',
    documents.map(({ productId, words }) => ({ product_id: toBinary(productId), words })),
    { onDuplicate: 'words = values(words)' },
  )

export const deleteDocuments = async (trx: Trx, productIds: string[]) => {
  if (productIds.length === 0) return
  await trx.deleteFrom('search_documents').where('product_id', 'in', productIds.map(toBinary)).execute()
}

const byKey = (a: Posting, b: Posting) => (a.word < b.word ? -1 : a.word > b.word ? 1 : 0)

export const insertPostings = (trx: Trx, postings: Posting[]) => {
  const binaries = new Map(postings.map(({ productId }) => [productId, Buffer.alloc(0)]))
  for (const id of binaries.keys()) binaries.set(id, toBinary(id))
  const rows = postings
    .toSorted(byKey)
    .map(({ word, strength, productId }) => ({ word, strength, product_id: binaries.get(productId)! }))
  return insertRows(trx, 'search_postings', rows, { onDuplicate: 'strength = search_postings.strength' })
}

/** So many that an optimizer still finds each by its key. */
const DELETED_AT_ONCE = 200

export const deletePostings = async (trx: Trx, postings: Posting[]) => {
  const sorted = postings.toSorted(byKey)
  for (let at = 0; at < sorted.length; at += DELETED_AT_ONCE)
    await trx
      .deleteFrom('search_postings')
      .where((eb) =>
        eb.or(
          sorted
            .slice(at, at + DELETED_AT_ONCE)
            .map(({ word, strength, productId }) =>
              eb.and({ word, strength, product_id: toBinary(productId) }),
            ),
        ),
      )
      .execute()
}

/** Of these words those that are in the dictionary, and not about to be deleted. */
export const listKnownWords = async (trx: Trx, words: string[]) => {
  const rows =
    words.length === 0
      ? []
      : await trx
          .selectFrom('search_words')
          .select('word')
          .where('word', 'in', words)
          .where('emptied_at', 'is', null)
          .execute()
  return new Set(rows.map(({ word }) => word))
}

/** Adds words in their order, so that of two writers of the same words one waits for the other. */
export const addWords = (trx: Trx, words: { word: string; documents: number }[]) =>
  insertRows(trx, 'search_words', words, {
    onDuplicate: 'documents = documents + values(documents), emptied_at = null',
  })

export const addSpellings = (trx: Trx, spellings: { spelling: string; word: string }[]) =>
  insertRows(trx, 'search_spellings', spellings, { ignore: true })

export const noteChanges = (trx: Trx, changes: { word: string; change: number }[]) =>
  insertRows(trx, 'search_word_changes', changes)

export interface WordRow {
  word: string
  /** Products that have it, about. */
  documents: number
}

/** Beyond U+FFFF no character is stored that folding leaves. */
const AFTER = '\u{10FFFF}'

/** How many words that begin with a text are read; of one or two characters the most frequent ones. */
export const prefixWindow = (prefix: string) => ([...prefix].length <= 2 ? 32 : 100)

/** Words of the dictionary that are one of these or begin with one, in one statement; of frequent beginnings some. */
export const listWords = async (db: Db, words: string[], prefixes: string[]): Promise<WordRow[]> => {
  const columns = ['word', 'documents'] as const
  const exact = sql`(${db.selectFrom('search_words').select(columns).where('word', 'in', words)})`
  const beginning = prefixes.map((prefix) => {
    const { length } = [...prefix]
    const query = db.selectFrom('search_words').select(columns)
    return length <= 2
      ? sql`(${query
          .where(length === 1 ? 'first' : 'first_two', '=', prefix)
          .orderBy('documents', 'desc')
          .limit(prefixWindow(prefix))})`
      : sql`(${query
          .where('word', '>', prefix)
          .where('word', '<', prefix + AFTER)
          .orderBy('word')
          .limit(prefixWindow(prefix))})`
  })
  const { rows } = await sql<WordRow>`${sql.join([exact, ...beginning], sql` union `)}`.execute(db)
  return rows
}

/** Words that share a spelling with a typed one, at most `limit`. */
export const listSimilarWords = (db: Db, spellings: string[], limit: number): Promise<WordRow[]> =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('search_spellings')
        .select('word')
        .distinct()
        .where('spelling', 'in', spellings)
        .limit(limit)
        .as('similar'),
    )
    .innerJoin('search_words', 'search_words.word', 'similar.word')
    .select(['search_words.word', 'search_words.documents'])
    .execute()

const selectPostings = (words: string[], most: number) =>
  sql<{ word: string; strength: number; product_id: Buffer }>`select word, strength, product_id
    from search_postings where word in (${sql.join(words)}) limit ${sql.lit(most)}`

/** The postings of these words, in no order, at most so many. */
export const listPostings = async (db: Db, words: string[], most: number): Promise<Posting[]> => {
  const { rows } = await selectPostings(words, most).execute(db)
  return rows.map(({ word, strength, product_id }) => ({ word, strength, productId: toId(product_id) }))
}

/** Products among these postings whose documents meet the condition, one may come several times; and how many were read. */
export const listMatches = async (db: Db, words: string[], most: number, condition: Condition) => {
  const { rows } = await sql<{ product_id: Buffer | null; words: string }>`
    select search_documents.product_id, search_documents.words
    from (${selectPostings(words, most)}) as found
    left join search_documents on search_documents.product_id = found.product_id and ${meets(condition)}`.execute(
    db,
  )
  const matches = rows.flatMap(({ product_id, words }) =>
    product_id ? [{ productId: toId(product_id), words }] : [],
  )
  return { read: rows.length, matches }
}

/** The strongest postings of a word up to this strength, of which it has only products with lesser ids. */
export interface PostingWindow {
  word: string
  strength: number
  beforeId: string
  limit: number
}

/** In the order of the index, backwards: the strongest first, of equal ones the highest id. */
export const listPostingWindows = async (db: Db, windows: PostingWindow[]): Promise<Posting[]> => {
  if (windows.length === 0) return []
  const { rows } = await sql<{ word: string; strength: number; product_id: Buffer }>`${sql.join(
    windows.map(
      ({ word, strength, beforeId, limit }) =>
        sql`(select word, strength, product_id from search_postings where word = ${word}
          and (strength < ${strength} or (strength = ${strength} and product_id < ${toBinary(beforeId)}))
          order by strength desc, product_id desc limit ${sql.lit(limit)})`,
    ),
    sql` union all `,
  )}`.execute(db)
  return rows.map(({ word, strength, product_id }) => ({ word, strength, productId: toId(product_id) }))
}

/** Those of these products whose documents meet the condition. */
export const listMeeting = async (db: Db, productIds: string[], condition: Condition) => {
  if (productIds.length === 0) return []
  const { rows } = await sql<{ product_id: Buffer; words: string }>`
    select product_id, words from search_documents
    where product_id in (${sql.join(productIds.map(toBinary))}) and ${meets(condition)}`.execute(db)
  return rows.map(({ product_id, words }) => ({ productId: toId(product_id), words }))
}
