import { insertRows } from '@storewright/database'
import { sql, type RawBuilder } from 'kysely'
import type { Db, Trx } from '../database.ts'
import { isSlug } from '../slug.ts'

/** Products with these handles; a slug is a handle too, as exports write it. */
export const listIdsByHandle = async (trx: Trx, handles: string[], slugs: string[]): Promise<string[]> => {
  const read = async (column: 'handle' | 'slug', values: string[]) =>
    values.length === 0
      ? []
      : (await trx.selectFrom('products').select('id').where(column, 'in', values).execute()).map(
          ({ id }) => id,
        )
  // Two statements: each follows its own index. A slug is ASCII: servers refuse a list that mixes it with other text.
  return [...(await read('handle', handles)), ...(await read('slug', slugs.filter(isSlug)))]
}

/** Earlier lines of this import with these SKUs. */
export const listEarlierLines = async (trx: Trx, importId: string, skus: string[]) =>
  skus.length === 0
    ? []
    : trx
        .selectFrom('import_rows')
        .select(['sku', 'line'])
        .where('import_id', '=', importId)
        .where('sku', 'in', skus)
        .execute()

export const insertImportRows = (trx: Trx, importId: string, rows: { sku: string; line: number }[]) =>
  insertRows(
    trx,
    'import_rows',
    rows.map((row) => ({ import_id: importId, ...row })),
  )

/** The names of the attributes of products and variants that are not deleted. */
export const listAttributeNames = async (db: Db | Trx): Promise<string[]> => {
  const names = (table: 'products' | 'variants', isThere: RawBuilder<unknown>) => sql`select keys_of.name
    from ${sql.table(table)} as owners
    join json_table(json_keys(owners.attributes), '$[*]' columns (name varchar(255) path '$')) as keys_of
    where ${isThere}`
  const { rows } = await sql<{ name: string }>`select distinct name collate utf8mb4_bin as name
    from (${names('products', sql`owners.status <> 'deleted'`)}
      union all ${names('variants', sql`owners.deleted = 0`)}) as used order by name`.execute(db)
  return rows.map(({ name }) => name)
}

/** The currencies in which variants have prices, and whether some of these are compared with another one. */
export const listCurrencies = async (db: Db | Trx) => {
  const { rows } = await sql<{ currency: string; compares: number }>`
    select priced.currency, max(priced.compare_at <> 'null') as compares from variants
    join json_table(variants.prices, '$[*]' columns (
      currency char(3) path '$.currency', compare_at varchar(20) path '$.compareAt')) as priced
    where variants.deleted = 0 group by priced.currency order by priced.currency`.execute(db)
  return rows.map(({ currency, compares }) => ({ currency, compares: Number(compares) === 1 }))
}

/** Whether any variant has a weight. */
export const hasWeights = async (db: Db | Trx): Promise<boolean> =>
  (await db.selectFrom('variants').select('sku').where('weight_grams', 'is not', null).limit(1).execute())
    .length > 0

export const listCategoryNames = (db: Db | Trx) =>
  db.selectFrom('categories').select(['id', 'parent_id as parentId', 'name']).execute()
