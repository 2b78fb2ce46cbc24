import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { meetsSearch, type Plan } from '../search/plan.ts'
import { MAX_EXACT, type Driver } from './product-list.ts'
import { allOf, from, inScope, limited, matches, withIndex, type PageQuery } from './queries.ts'

type Question = Pick<PageQuery, 'scope' | 'filters' | 'timeoutMs'>

/** Which of these products match, in no order. */
export const listMatching = async (db: Db, { scope, filters, timeoutMs }: Question, ids: string[]) => {
  const { rows } = await sql<{ id: string }>`${limited(
    timeoutMs,
    sql`l.product_id as id from ${withIndex('PRIMARY')}
      where ${allOf([inScope(scope), matches({ kind: 'search', ids }), ...filters.map(matches)])}`,
  )}`.execute(db)
  return rows
}

/** The words of the matches that a driver reaches, for their relevance. */
export const listDocuments = async (
  db: Db,
  { scope, filters, timeoutMs }: Question,
  driver: Driver,
  plan: Plan,
) => {
  const { isDocument, isMet } = meetsSearch(plan, sql`l.product_id`)
  const { rows } = await sql<{ id: string; words: string }>`${limited(
    timeoutMs,
    sql`l.product_id as id, search_documents.words from ${from(driver, 'newest')}
      straight_join search_documents on search_documents.product_id = ${isDocument}
      where ${allOf([inScope(scope), ...filters.map(matches), isMet])} limit ${sql.lit(MAX_EXACT)}`,
  )}`.execute(db)
  return rows
}

export const listSummaries = (db: Db, ids: string[], currencies: string[]) =>
  db
    .selectFrom('product_summaries')
    .select(['product_id as id', 'currency', 'revision', 'summary'])
    .where('product_id', 'in', ids)
    .where('currency', 'in', currencies)
    .execute()
