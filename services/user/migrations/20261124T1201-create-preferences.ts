import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table preferences (
    user_id char(36) character set ascii collate ascii_bin not null primary key,
    locale varchar(35) character set ascii collate ascii_bin null,
    currency char(3) character set ascii collate ascii_bin null,
    marketing_consent boolean not null,
    marketing_consent_at datetime(6) null,
    tracking_consent boolean not null,
    tracking_consent_at datetime(6) null,
    notification_channels json not null,
    custom json not null,
    version int unsigned not null,
    updated_at datetime(6) not null
  )`.execute(db)
