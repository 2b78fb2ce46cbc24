import { sql, type Kysely } from 'kysely'

const uuid = sql`char(36) character set ascii collate ascii_bin`

// Products whose promoted prices are to be found again at an instant; done in batches, `after_id` is how far it came.
export const up = (db: Kysely<unknown>) =>
  db.schema
    .createTable('price_refreshes')
    .addColumn('id', sql`bigint unsigned`, (col) => col.autoIncrement().primaryKey())
    .addColumn('promotion_id', uuid)
    .addColumn('due_at', sql`datetime(6)`, (col) => col.notNull())
    .addColumn('scope', 'json', (col) => col.notNull())
    .addColumn('after_id', uuid, (col) => col.notNull().defaultTo(''))
    .addIndex('price_refreshes_due', ['due_at', 'id'])
    .addIndex('price_refreshes_promotion', ['promotion_id'])
    .execute()
