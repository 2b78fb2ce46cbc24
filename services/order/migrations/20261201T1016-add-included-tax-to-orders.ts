import { sql, type Kysely } from 'kysely'

// `tax_included_minor` is the part of the tax that the prices contain already, `shipping_tax_minor` the part that is on
// shipping, contained or not.
export const up = (db: Kysely<unknown>) =>
  sql`alter table orders
    add column tax_included_minor bigint not null default 0 after tax_minor,
    add column shipping_tax_minor bigint not null default 0 after tax_included_minor,
    drop constraint orders_total_adds_up,
    add constraint orders_total_is_sum check (total_minor = subtotal_minor - discount_minor + shipping_minor
      + tax_minor - tax_included_minor and total_minor >= 0),
    add constraint orders_tax_in_bounds check (tax_included_minor between 0 and tax_minor
      and shipping_tax_minor between 0 and tax_minor)`.execute(db)
