import { sql, type Kysely } from 'kysely'

// A start that was interrupted after the statement finds the column renamed, and has nothing left to do.
export const up = async (db: Kysely<unknown>) => {
  const { rows } = await sql`select 1 from information_schema.columns
    where table_schema = database() and table_name = 'products' and column_name = 'summary'`.execute(db)
  if (rows.length === 0) await db.schema.alterTable('products').renameColumn('view', 'summary').execute()
}
