import { sql, type Kysely } from 'kysely'
import type { Database } from './database.ts'

const isOpen = sql<boolean>`(o.status in ('draft', 'submitted', 'partly_received') and l.received < l.ordered)`

/** What the audit checks about restocking, at any moment: rules, alerts' thresholds, purchase orders and their receipts. */
export const restockingInvariants = (db: Kysely<Database>) => {
  const invariant = 1
  const lines = db
    .selectFrom('purchase_order_lines as l')
    .innerJoin('purchase_orders as o', 'o.id', 'l.order_id')
  const lineId = sql<string>`concat('PO-', o.seq, ' ', l.sku, ' @', l.location_id)`.as('id')
  const stockId = sql<string>`concat(s.sku, ' @', s.location_id)`.as('id')
  const receipts = db
    .selectFrom('movements')
    .select(({ fn }) => ['reference', 'sku', 'location_id', fn.sum<number>('delta').as('total')])
    .where('kind', '=', 'receipt')
    .groupBy(['reference', 'sku', 'location_id'])
  const twice = lines
    .select(['l.sku', 'l.location_id'])
    .where('o.automatic', '=', 1)
    .where(isOpen)
    .groupBy(['l.sku', 'l.location_id'])
    .having(({ fn }) => fn.countAll<number>(), '>', 1)
  return [
    {
      invariant,
      what: 'received of a purchase order = sum of its receipts',
      rows: lines.select('l.sku'),
      breaches: lines
        .leftJoin(receipts.as('r'), (join) =>
          join
            .on(sql<string>`concat('PO-', o.seq)`, '=', (eb) => eb.ref('r.reference'))
            .onRef('r.sku', '=', 'l.sku')
            .onRef('r.location_id', '=', 'l.location_id'),
        )
        .select(lineId)
        .where('l.received', '<>', (eb) => eb.fn.coalesce('r.total', eb.lit(0))),
    },
    {
      invariant,
      what: 'at most one open automatic order per SKU and location',
      rows: lines.select('l.sku').where('o.automatic', '=', 1),
      breaches: db.selectFrom(twice.as('s')).select(stockId),
    },
    {
      invariant,
      what: 'a line is on order while some of it is to come',
      rows: lines.select('l.sku'),
      breaches: lines.select(lineId).where(
        sql<boolean>`${isOpen} <> (l.open_sku is not null)
            or (${isOpen} and o.automatic = 1) <> (l.automatic_sku is not null)`,
      ),
    },
    {
      invariant,
      what: 'what reached its reorder point is due or on order',
      rows: db.selectFrom('stock').select('sku').where('reorder_point', 'is not', null),
      breaches: db
        .selectFrom('stock as s')
        .leftJoin('reorder_rules as r', (join) =>
          join.onRef('r.sku', '=', 's.sku').onRef('r.location_id', '=', 's.location_id'),
        )
        .select(stockId)
        .where(
          sql<boolean>`not (s.reorder_point <=> if(r.automatic = 1, r.reorder_point, null))
            or not (s.low_stock_threshold <=> r.low_stock_threshold)
            or coalesce(cast(s.on_hand as signed) - cast(s.reserved as signed) <= s.reorder_point, 0)
              <> (s.reorder_state is not null)
            or (s.reorder_state = 'ordered' and not exists (select 1 from purchase_order_lines l
              where l.open_sku = s.sku and l.location_id = s.location_id))`,
        ),
    },
  ]
}
