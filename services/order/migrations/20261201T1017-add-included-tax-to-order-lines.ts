import { sql, type Kysely } from 'kysely'

// The rate is null where the country had none when the order was placed.
export const up = (db: Kysely<unknown>) =>
  sql`alter table order_lines
    add column tax_included_minor bigint not null default 0 after tax_minor,
    add column tax_basis_points int unsigned null after tax_included_minor,
    drop constraint order_lines_total_adds_up,
    add constraint order_lines_total_is_sum check (total_minor = quantity * unit_price_minor - discount_minor
      + tax_minor - tax_included_minor),
    add constraint order_lines_tax_in_bounds check (tax_included_minor between 0 and tax_minor)`.execute(db)
