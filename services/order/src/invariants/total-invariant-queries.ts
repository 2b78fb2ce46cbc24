import { sql } from 'kysely'
import type { Db } from '../database.ts'

/** Invariant 5: the money adds up to the penny. */
export const totalInvariants = (db: Db) => [
  {
    invariant: 5,
    what: 'line total = quantity × unit price − discount + tax that the price does not contain',
    rows: db.selectFrom('order_lines').select('id'),
    breaches: db
      .selectFrom('order_lines')
      .select('id')
      .where(
        'total_minor',
        '<>',
        ({ ref }) =>
          sql<number>`${ref('quantity')} * ${ref('unit_price_minor')} - ${ref('discount_minor')} + ${ref('tax_minor')} - ${ref('tax_included_minor')}`,
      ),
  },
  {
    invariant: 5,
    what: 'order total = sum of line totals + shipping with its tax',
    rows: db.selectFrom('orders').select('id'),
    breaches: db
      .selectFrom('orders as o')
      .leftJoin(
        (eb) =>
          eb
            .selectFrom('order_lines')
            .select(({ fn, ref }) => [
              'order_id',
              fn.sum<number>('total_minor').as('total'),
              fn.sum<number>(sql`${ref('quantity')} * ${ref('unit_price_minor')}`).as('gross'),
              fn.sum<number>('discount_minor').as('discount'),
              fn.sum<number>('tax_minor').as('tax'),
              fn.sum<number>('tax_included_minor').as('taxIncluded'),
            ])
            .groupBy('order_id')
            .as('l'),
        (join) => join.onRef('l.order_id', '=', 'o.id'),
      )
      .select('o.id')
      .where((eb) => {
        const included = sql`${eb.ref('o.tax_included_minor')} - ${eb.ref('l.taxIncluded')}`
        const shippingWithTax = sql`${eb.ref('o.shipping_minor')} + ${eb.ref('o.shipping_tax_minor')} - (${included})`
        return eb.or([
          eb('l.order_id', 'is', null),
          eb('o.subtotal_minor', '<>', eb.ref('l.gross')),
          eb('o.discount_minor', '<>', eb.ref('l.discount')),
          eb('o.tax_minor', '<>', sql<number>`${eb.ref('l.tax')} + ${eb.ref('o.shipping_tax_minor')}`),
          eb('o.tax_included_minor', '<', eb.ref('l.taxIncluded')),
          eb('o.total_minor', '<>', sql<number>`${eb.ref('l.total')} + ${shippingWithTax}`),
        ])
      }),
  },
]
