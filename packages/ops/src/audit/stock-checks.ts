import { sql } from 'kysely'
import { checkRows, type Snapshot } from './check.ts'

const place = (table: string) =>
  sql`concat(${sql.ref(`${table}.sku`)}, ' @', ${sql.ref(`${table}.location_id`)})`
const everySku = sql`stock`
const live = sql`('held', 'confirmed')`

/** Invariant 1: the stock is the sum of its ledger, and what is reserved is the sum of what is held. */
export const checkStock = (inventory: Snapshot) => [
  () =>
    checkRows(inventory, 1, 'on hand = sum of movements', {
      every: everySku,
      broken: sql`select ${place('s')} as id from stock s
        left join (select sku, location_id, sum(delta) as total from movements group by sku, location_id) m
          on m.sku = s.sku and m.location_id = s.location_id
        where s.on_hand <> coalesce(m.total, 0)`,
    }),
  () =>
    checkRows(inventory, 1, 'no movement without stock', {
      every: sql`(select distinct sku, location_id from movements) as moved`,
      broken: sql`select distinct ${place('m')} as id from movements m
        left join stock s on s.sku = m.sku and s.location_id = m.location_id where s.sku is null`,
    }),
  () =>
    checkRows(inventory, 1, 'reserved = sum of live reservations', {
      every: everySku,
      broken: sql`select ${place('s')} as id from stock s
        left join (
          select l.sku, l.location_id, sum(l.held) as total from reservation_lines l
          join reservations r on r.order_id = l.order_id and r.state in ${live}
          group by l.sku, l.location_id
        ) h on h.sku = s.sku and h.location_id = s.location_id
        where s.reserved <> coalesce(h.total, 0)`,
    }),
  () =>
    checkRows(inventory, 1, '0 <= reserved <= on hand', {
      every: everySku,
      broken: sql`select ${place('s')} as id from stock s
        where s.on_hand < 0 or s.reserved < 0 or s.reserved > s.on_hand`,
    }),
  () =>
    checkRows(inventory, 1, 'nothing held by an ended reservation', {
      every: sql`reservations`,
      broken: sql`select distinct l.order_id as id from reservation_lines l
        join reservations r on r.order_id = l.order_id
        where r.state not in ${live} and l.held > 0`,
    }),
]
