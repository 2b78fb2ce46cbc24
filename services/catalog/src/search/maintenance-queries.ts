import { nowSql, secondsAgo } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'

/** The oldest changes of how many products have a word; those that another replica holds are left to it. */
export const lockWordChanges = (trx: Trx, limit: number) =>
  trx
    .selectFrom('search_word_changes')
    .select(['id', 'word', 'change'])
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

export const deleteWordChanges = (trx: Trx, ids: number[]) =>
  trx.deleteFrom('search_word_changes').where('id', 'in', ids).execute()

/** Adds to the counts of words, in their order; one that no product has from now on is marked. */
export const countWords = (trx: Trx, changes: { word: string; documents: number }[]) =>
  trx
    .insertInto('search_words')
    .values(changes)
    // Assigned from left to right: the mark sees the new count.
    .onDuplicateKeyUpdate({
      documents: sql`documents + values(documents)`,
      emptied_at: sql`if(documents > 0, null, ${nowSql})`,
    })
    .execute()

/** Longer than any transaction that still takes a marked word for known. */
const EMPTY_SECONDS = 3_600

export const lockEmptiedWords = (trx: Trx, limit: number) =>
  trx
    .selectFrom('search_words')
    .select('word')
    .where('emptied_at', '<', secondsAgo(EMPTY_SECONDS))
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

export const deleteWords = async (
  trx: Trx,
  words: string[],
  spellings: { spelling: string; word: string }[],
) => {
  await trx.deleteFrom('search_words').where('word', 'in', words).execute()
  if (spellings.length > 0)
    await trx
      .deleteFrom('search_spellings')
      .where((eb) => eb.or(spellings.map((pair) => eb.and(pair))))
      .execute()
}

/** Puts a category and all below it at the beginning of the queue, or there again. */
export const queueSubtree = (trx: Trx, categoryId: string) =>
  trx
    .insertInto('search_queue')
    .columns(['category_id', 'after_product'])
    .expression((eb) =>
      eb
        .selectFrom('category_ancestors')
        .select(['category_ancestors.category_id', sql<string>`''`.as('after_product')])
        .where('ancestor_id', '=', categoryId),
    )
    .onDuplicateKeyUpdate({ after_product: '' })
    .execute()

export const findQueued = (db: Db) =>
  db
    .selectFrom('search_queue')
    .select(['category_id as categoryId', 'after_product as after'])
    .orderBy('category_id')
    .limit(1)
    .executeTakeFirst()

/** Goes on after `next`, or ends; unless the category was queued again meanwhile. */
export const advanceQueued = (trx: Trx, categoryId: string, after: string, next: string | null) => {
  const isSame = { category_id: categoryId, after_product: after }
  return next === null
    ? trx
        .deleteFrom('search_queue')
        .where((eb) => eb.and(isSame))
        .execute()
    : trx
        .updateTable('search_queue')
        .set({ after_product: next })
        .where((eb) => eb.and(isSame))
        .execute()
}
