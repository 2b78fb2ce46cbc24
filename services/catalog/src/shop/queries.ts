import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** The currencies in which something on sale has a price, by the counts that are kept of the whole shop. */
export const listCurrenciesOnSale = async (db: Db): Promise<string[]> => {
  const rows = await db
    .selectFrom('category_counts')
    .select('currency')
    .where('category_id', '=', '')
    .where('currency', '<>', '')
    .groupBy('currency')
    .having(sql`sum(products)`, '>', 0)
    .orderBy('currency')
    .execute()
  return rows.map(({ currency }) => currency)
}
