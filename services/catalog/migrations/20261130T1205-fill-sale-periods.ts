import { sql, type Kysely } from 'kysely'

// From the price history: a price lasted until the next one, and was asked from the product's first publication on. When
// products were off sale in between is not known; those that are off sale now are so since their last change.
export const up = (db: Kysely<unknown>) =>
  sql`insert into sale_periods (sku, currency, amount_minor, from_at, until_at)
    select sku, currency, price_minor, from_at, until_at
    from (
      select
        h.sku, h.currency, h.price_minor,
        greatest(h.effective_at, p.published_at) as from_at,
        coalesce(
          lead(h.effective_at) over (partition by h.sku order by h.id),
          if(p.status = 'published' and v.deleted = 0, cast('9999-12-31' as datetime(6)), p.updated_at)
        ) as until_at
      from price_history h
      join variants v on v.sku = h.sku
      join products p on p.id = v.product_id
      where p.published_at is not null and not exists (select 1 from sale_periods)
    ) as asked
    where until_at > from_at`.execute(db)
