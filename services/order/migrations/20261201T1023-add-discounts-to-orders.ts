import { sql, type Kysely } from 'kysely'

// `discounts` is what each promotion took off, as JSON; null where none did. `retry_cart_id` is the cart that a rejected
// or expired order left behind, `channel` what the client app calls itself.
export const up = (db: Kysely<unknown>) =>
  sql`alter table orders
    add column channel varchar(40) character set ascii collate ascii_bin null after email,
    add column discounts json null after discount_minor,
    add column retry_cart_id char(36) character set ascii collate ascii_bin null after cart_id`.execute(db)
