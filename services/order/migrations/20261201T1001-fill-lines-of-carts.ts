import { sql, type Kysely } from 'kysely'

// Lines in their order; the open cart that a user touched last becomes the active one of its currency. All other open
// carts may expire, thirty days from now at the earliest.
const fill = sql`update carts
  left join (
    select cart_id, concat('[', group_concat(
      json_object('sku', sku, 'quantity', quantity, 'seenPriceMinor', added_price_minor)
      order by added_at, position, sku separator ','), ']') as items
    from cart_items group by cart_id
  ) filled on filled.cart_id = carts.id
  left join (
    select id, row_number() over (partition by user_id, currency order by updated_at desc, id) as place
    from carts where status = 'open' and user_id is not null
  ) touched on touched.id = carts.id
  set carts.lines = coalesce(filled.items, '[]'),
    carts.codes = '[]',
    carts.active_key = if(touched.place = 1, concat(carts.user_id, ':', carts.currency), null),
    carts.expires_at = if(touched.place = 1 or carts.status = 'ordered', null,
      date(utc_timestamp()) + interval 31 day)`

export const up = (db: Kysely<unknown>) =>
  db.connection().execute(async (connection) => {
    // The default of MySQL would cut a cart off after some ten lines.
    await sql`set session group_concat_max_len = 4194304`.execute(connection)
    await fill.execute(connection)
  })
