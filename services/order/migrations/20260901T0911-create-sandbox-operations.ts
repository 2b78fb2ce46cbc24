import { sql, type Kysely } from 'kysely'

// The sandbox provider's own books, as a real provider would keep them on its side.
export const up = (db: Kysely<unknown>) =>
  sql`create table sandbox_operations (
    idempotency_key char(36) character set ascii collate ascii_bin not null primary key,
    kind varchar(10) character set ascii collate ascii_bin not null,
    authorization varchar(255) character set utf8mb4 null,
    amount_minor bigint not null,
    currency char(3) character set ascii collate ascii_bin not null,
    outcome varchar(10) character set ascii collate ascii_bin not null,
    reason varchar(100) character set utf8mb4 null,
    created_at datetime(6) not null
  )`.execute(db)
