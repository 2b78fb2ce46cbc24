import { sql, type Kysely } from 'kysely'

// How many mails of a purpose an account asked for since `since`.
export const up = (db: Kysely<unknown>) =>
  sql`create table mail_counts (
    user_id char(36) character set ascii collate ascii_bin not null,
    purpose varchar(16) character set ascii collate ascii_bin not null,
    since datetime(6) not null,
    mails int unsigned not null,
    primary key (user_id, purpose),
    key mail_counts_by_age (since),
    constraint mail_counts_of_user foreign key (user_id) references users (id)
  )`.execute(db)
