import { sql, type Kysely } from 'kysely'

// Addresses of before were ASCII, so that their normal form is their lower case.
export const up = async (db: Kysely<unknown>) => {
  await sql`update orders set email = lower(trim(email)) where email is not null`.execute(db)
  await sql`alter table orders
    modify column email varchar(254) character set utf8mb4 collate utf8mb4_bin null,
    add key orders_by_email (email, placed_at, id)`.execute(db)
}
