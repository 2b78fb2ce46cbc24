import { sql, type Kysely } from 'kysely'

// Who used which promotion for which order, of promotions with limits. `customer_key` is a hash of the account or e-mail.
export const up = (db: Kysely<unknown>) =>
  sql`create table coupon_redemptions (
    order_id char(36) character set ascii collate ascii_bin not null,
    promotion_id char(36) character set ascii collate ascii_bin not null,
    customer_key char(64) character set ascii collate ascii_bin not null,
    redeemed_at datetime(6) not null,
    primary key (order_id, promotion_id),
    key coupon_redemptions_of_promotion (promotion_id, customer_key)
  )`.execute(db)
