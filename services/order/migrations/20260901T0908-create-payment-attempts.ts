import { sql, type Kysely } from 'kysely'

// `once_key` names what may exist only once: an open or live authorization of an order (emptied when it is
// declined or voided), a capture of a shipment, a void of an authorization.
// `due_at` is when a worker may take the attempt: at once, after a pause, or when the lease of one that died
// runs out. It is empty once the outcome is known.
export const up = (db: Kysely<unknown>) =>
  sql`create table payment_attempts (
    id char(36) character set ascii collate ascii_bin not null primary key,
    order_id char(36) character set ascii collate ascii_bin not null,
    kind varchar(10) character set ascii collate ascii_bin not null,
    once_key varchar(50) character set ascii collate ascii_bin null,
    authorization_id char(36) character set ascii collate ascii_bin null,
    authorization_reference varchar(255) character set utf8mb4 null,
    shipment_id char(36) character set ascii collate ascii_bin null,
    provider varchar(20) character set ascii collate ascii_bin not null,
    token varchar(255) character set utf8mb4 null,
    amount_minor bigint not null,
    currency char(3) character set ascii collate ascii_bin not null,
    state varchar(10) character set ascii collate ascii_bin not null default 'open',
    reference varchar(255) character set utf8mb4 null,
    reason varchar(100) character set utf8mb4 null,
    tries int unsigned not null default 0,
    due_at datetime(6) null,
    correlation_id varchar(255) character set utf8mb4 not null,
    causation_id varchar(255) character set utf8mb4 null,
    traceparent char(55) character set ascii collate ascii_bin null,
    created_at datetime(6) not null,
    resolved_at datetime(6) null,
    constraint payment_attempts_once unique (once_key),
    key payment_attempts_due (due_at),
    key payment_attempts_of_order (order_id),
    constraint payment_attempts_kind_known check (kind in ('authorize', 'capture', 'void')),
    constraint payment_attempts_state_known check (state in ('open', 'succeeded', 'declined', 'voided')),
    constraint payment_attempts_open_is_due check ((state = 'open') = (due_at is not null)),
    constraint payment_attempts_amount check (amount_minor >= 0)
  )`.execute(db)
