import { sql, type Kysely } from 'kysely'

// The development mailbox; empty where a mail server takes the mails. A mail cannot be captured for a message that
// was erased in the meantime, and goes with its message.
export const up = (db: Kysely<unknown>) =>
  sql`create table captured_mails (
    seq bigint unsigned not null auto_increment primary key,
    message_id char(36) character set ascii collate ascii_bin not null,
    subject varchar(200) character set utf8mb4 not null,
    text mediumtext character set utf8mb4 not null,
    html mediumtext character set utf8mb4 not null,
    captured_at datetime(6) not null,
    constraint captured_mails_once unique (message_id),
    constraint captured_mails_of_message foreign key (message_id) references messages (id) on delete cascade
  )`.execute(db)
