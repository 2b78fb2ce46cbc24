import { sql, type Kysely } from 'kysely'

// `seq` makes the order's number. An auto-increment may leave gaps, but no two checkouts wait for each other.
export const up = (db: Kysely<unknown>) =>
  sql`create table orders (
    id char(36) character set ascii collate ascii_bin not null primary key,
    seq bigint unsigned not null auto_increment,
    cart_id char(36) character set ascii collate ascii_bin not null,
    user_id char(36) character set ascii collate ascii_bin null,
    access_token_hash char(64) character set ascii collate ascii_bin null,
    email varchar(254) character set utf8mb4 null,
    status varchar(20) character set ascii collate ascii_bin not null default 'pending',
    reason varchar(100) character set utf8mb4 null,
    shortages json null,
    currency char(3) character set ascii collate ascii_bin not null,
    shipping_address json not null,
    billing_address json null,
    shipping_method varchar(40) character set ascii collate ascii_bin not null,
    subtotal_minor bigint not null,
    discount_minor bigint not null default 0,
    shipping_minor bigint not null default 0,
    tax_minor bigint not null default 0,
    total_minor bigint not null,
    payment_status varchar(20) character set ascii collate ascii_bin not null default 'pending',
    payment_reason varchar(100) character set utf8mb4 null,
    payment_provider varchar(20) character set ascii collate ascii_bin not null,
    payment_token varchar(255) character set utf8mb4 null,
    authorized_minor bigint not null default 0,
    captured_minor bigint not null default 0,
    refunded_minor bigint not null default 0,
    correlation_id varchar(255) character set utf8mb4 not null,
    version int unsigned not null default 1,
    placed_at datetime(6) not null,
    reserved_at datetime(6) null,
    confirmed_at datetime(6) null,
    cancelled_at datetime(6) null,
    expires_at datetime(6) null,
    constraint orders_seq unique (seq),
    constraint orders_once_per_cart unique (cart_id),
    key orders_by_date (placed_at),
    key orders_of_user (user_id, placed_at),
    key orders_by_status (status, placed_at),
    key orders_by_deadline (expires_at),
    constraint orders_status_known check (status in ('pending', 'reserved', 'awaiting_payment', 'confirmed',
      'partly_shipped', 'shipped', 'delivered', 'rejected', 'cancelled', 'returned')),
    constraint orders_payment_status_known check (payment_status in ('pending', 'authorized', 'declined',
      'captured', 'partly_refunded', 'refunded', 'voided')),
    constraint orders_total_adds_up check
      (total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor and total_minor >= 0),
    constraint orders_money_in_bounds check (0 <= refunded_minor and refunded_minor <= captured_minor
      and captured_minor <= authorized_minor and authorized_minor <= total_minor),
    constraint orders_confirmed_is_authorized check
      (status not in ('confirmed', 'partly_shipped', 'shipped') or authorized_minor = total_minor),
    constraint orders_open_has_deadline check
      ((status in ('pending', 'reserved', 'awaiting_payment')) = (expires_at is not null))
  ) auto_increment = 100001`.execute(db)
