import { sql, type Kysely } from 'kysely'

// `cause_id` makes a message once per event. `due_at` is when a worker may take it: at once, after a pause, or when
// the lease of one that died runs out; it is empty once nothing is left to do. `lease` names the claim, so that a
// worker that was overtaken cannot put off what another one is sending.
// Last defence: a token never outlives the attempt to deliver it.
export const up = (db: Kysely<unknown>) =>
  sql`create table messages (
    id char(36) character set ascii collate ascii_bin not null primary key,
    cause_id char(36) character set ascii collate ascii_bin not null,
    kind varchar(40) character set ascii collate ascii_bin not null,
    user_id char(36) character set ascii collate ascii_bin not null,
    recipient varchar(254) character set utf8mb4 not null,
    data json not null,
    secret varchar(200) character set utf8mb4 null,
    state varchar(10) character set ascii collate ascii_bin not null,
    attempts int unsigned not null default 0,
    due_at datetime(6) null,
    lease char(36) character set ascii collate ascii_bin null,
    expires_at datetime(6) null,
    error varchar(300) character set utf8mb4 null,
    correlation_id varchar(255) character set utf8mb4 not null,
    created_at datetime(6) not null,
    sent_at datetime(6) null,
    constraint messages_once_per_cause unique (cause_id),
    key messages_due (due_at),
    key messages_of_user (user_id, id),
    constraint messages_state_known check (state in ('queued', 'sending', 'sent', 'failed', 'expired')),
    constraint messages_open_is_due check ((state in ('queued', 'sending')) = (due_at is not null)),
    constraint messages_secret_is_wiped check (state in ('queued', 'sending') or secret is null)
  )`.execute(db)
