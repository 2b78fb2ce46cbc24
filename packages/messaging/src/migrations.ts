import type { Migration } from '@storewright/database'
import { sql } from 'kysely'

const statement = (text: string): Migration => ({ up: (db) => sql.raw(text).execute(db) })

export const messagingMigrations: Record<string, Migration> = {
  // Subjects compare by byte: a SKU "abc" is not "ABC".
  '0000-messaging-1-outbox': statement(`
    create table outbox (
      id bigint unsigned not null auto_increment primary key,
      event_id char(36) character set ascii collate ascii_bin not null,
      type varchar(128) character set ascii collate ascii_bin not null,
      subject varchar(191) character set utf8mb4 collate utf8mb4_bin not null,
      aggregate_version bigint unsigned not null,
      correlation_id varchar(128) character set utf8mb4 collate utf8mb4_bin not null,
      causation_id varchar(128) character set utf8mb4 collate utf8mb4_bin null,
      traceparent varchar(64) character set ascii collate ascii_bin null,
      occurred_at datetime(6) not null,
      data json not null,
      parked_at datetime(6) null,
      parked_reason varchar(500) character set utf8mb4 collate utf8mb4_bin null,
      attempts int unsigned not null default 0,
      unique key outbox_event (event_id),
      key outbox_parked (parked_at)
    ) engine = InnoDB`),
  '0000-messaging-2-event-sequences': statement(`
    create table event_sequences (
      subject varchar(191) character set utf8mb4 collate utf8mb4_bin not null primary key,
      version bigint unsigned not null
    ) engine = InnoDB`),
  '0000-messaging-3-inbox': statement(`
    create table inbox (
      consumer_group varchar(128) character set ascii collate ascii_bin not null,
      event_id char(36) character set ascii collate ascii_bin not null,
      state varchar(16) character set ascii collate ascii_bin not null,
      starts int unsigned not null default 0,
      recorded_at datetime(6) not null,
      primary key (consumer_group, event_id),
      key inbox_recorded (recorded_at)
    ) engine = InnoDB`),
  '0000-messaging-4-event-counters': statement(`
    create table event_counters (
      kind varchar(16) character set ascii collate ascii_bin not null,
      consumer_group varchar(128) character set ascii collate ascii_bin not null,
      type varchar(128) character set ascii collate ascii_bin not null,
      shard smallint unsigned not null,
      count bigint not null,
      primary key (kind, consumer_group, type, shard)
    ) engine = InnoDB`),
  '0000-messaging-5-unknown-type-counters': statement(
    `update event_counters set kind = 'unknown-type' where kind = 'foreign'`,
  ),
  '0000-messaging-6-outbox-replay': statement(
    'alter table outbox add column replay tinyint unsigned not null default 0',
  ),
  '0000-messaging-7-rebuilds': statement(`
    create table rebuilds (
      id char(36) character set ascii collate ascii_bin not null primary key,
      name varchar(64) character set ascii collate ascii_bin not null,
      skus json null,
      after_key varchar(191) character set utf8mb4 collate utf8mb4_bin not null default '',
      emitted bigint unsigned not null default 0,
      failures int unsigned not null default 0,
      error varchar(500) character set utf8mb4 collate utf8mb4_bin null,
      requested_at datetime(6) not null,
      finished_at datetime(6) null,
      key rebuilds_open (finished_at, id)
    ) engine = InnoDB`),
}
