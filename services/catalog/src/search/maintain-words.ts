import { inTransaction } from '@storewright/database'
import type { Db, Trx } from '../database.ts'
import {
  advanceQueued,
  countWords,
  deleteWordChanges,
  deleteWords,
  findQueued,
  lockEmptiedWords,
  lockWordChanges,
  queueSubtree,
} from './maintenance-queries.ts'
import { spellingsOf } from './spellings.ts'

const CHANGES = 2_000
const EMPTIED = 100

/** Adds noted changes to the counts of words, a batch at a time; true while there may be more. */
export const countWordChanges = (db: Db): Promise<boolean> =>
  inTransaction(db, async (trx) => {
    const changes = await lockWordChanges(trx, CHANGES)
    if (changes.length === 0) return false
    const sums = new Map<string, number>()
    for (const { word, change } of changes) sums.set(word, (sums.get(word) ?? 0) + change)
    await countWords(
      trx,
      [...sums].map(([word, documents]) => ({ word, documents })).sort((a, b) => (a.word < b.word ? -1 : 1)),
    )
    await deleteWordChanges(
      trx,
      changes.map(({ id }) => id),
    )
    return changes.length === CHANGES
  })

/** Deletes words that no product has had for an hour; true while there may be more. */
export const deleteEmptyWords = (db: Db): Promise<boolean> =>
  inTransaction(db, async (trx) => {
    const words = (await lockEmptiedWords(trx, EMPTIED)).map(({ word }) => word)
    if (words.length === 0) return false
    await deleteWords(
      trx,
      words,
      words.flatMap((word) => spellingsOf(word).map((spelling) => ({ spelling, word }))),
    )
    return words.length === EMPTIED
  })

/** Products find by the names of their categories: a job indexes those of a category that changed, and below it. */
export const queueCategory = (trx: Trx, categoryId: string) => queueSubtree(trx, categoryId)

/** The next category whose products are to be indexed, '' for all products, and after which of them. */
export const nextQueued = (db: Db) => findQueued(db)

/** The caller indexed the products up to `next` in this transaction, or the last ones (null). */
export const finishQueued = (
  trx: Trx,
  { categoryId, after }: { categoryId: string; after: string },
  next: string | null,
) => advanceQueued(trx, categoryId, after, next)
