import { sql, type Kysely } from 'kysely'

// One plan for each SKU, currency and instant.
export const up = (db: Kysely<unknown>) =>
  sql`alter table scheduled_prices
    add column compare_at_minor bigint null after currency,
    add unique key scheduled_prices_once_per_currency (sku, currency, effective_at),
    drop key scheduled_prices_once`.execute(db)
