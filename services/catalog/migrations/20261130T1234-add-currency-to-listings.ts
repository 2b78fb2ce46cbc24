import { sql, type Kysely } from 'kysely'

// A product stands in the lists of each currency that it has prices in, and, unless it is published, in one of currency
// ''. Each order of a list is an index; `listings_stock` finds the few that are in or out of stock.
export const up = (db: Kysely<unknown>) =>
  sql`alter table listings
    modify currency char(3) character set ascii collate ascii_bin not null,
    drop primary key,
    add primary key (product_id, currency, scope),
    drop index listings_newest,
    add index listings_newest (status, scope, currency, listed_at, product_id, in_stock, price_minor),
    drop index listings_name,
    add index listings_name (status, scope, currency, name, product_id, in_stock, price_minor),
    drop index listings_price,
    add index listings_price (status, scope, currency, price_minor, product_id, in_stock),
    drop index listings_popular,
    add index listings_popular (status, scope, currency, popularity, product_id, in_stock, price_minor),
    add index listings_stock (status, scope, currency, in_stock, price_minor, product_id)`.execute(db)
