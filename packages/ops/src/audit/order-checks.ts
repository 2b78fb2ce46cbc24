import { sql } from 'kysely'
import { checkRows, type Snapshot } from './check.ts'

const everyOrder = sql`orders`
// An order past its deadline is cancelled by the next sweep; longer than this means that nobody sweeps.
const SWEEP_SECONDS = 60

/** Invariant 3: every placed order settles. When the shop is to be still, nothing may be on its way either. */
export const checkSettled = (order: Snapshot, strict: boolean) => [
  () =>
    checkRows(order, 3, strict ? 'every order is settled' : 'no order is past its deadline', {
      every: everyOrder,
      broken: sql`select id from orders
        where expires_at < utc_timestamp(6) - interval ${sql.lit(SWEEP_SECONDS)} second
          or (${sql.lit(strict)} and status in ('pending', 'reserved'))`,
    }),
]

/** Invariant 4: one order per cart, and no more money held, taken or given back than the order says. */
export const checkPayments = (order: Snapshot) => [
  () =>
    checkRows(order, 4, 'one order per cart', {
      every: everyOrder,
      broken: sql`select cart_id as id from orders group by cart_id having count(*) > 1`,
    }),
  () =>
    checkRows(order, 4, 'an ordered cart and its order name each other', {
      every: sql`(select id from carts where status = 'ordered') as ordered`,
      broken: sql`select c.id from carts c left join orders o on o.cart_id = c.id and o.id = c.order_id
        where c.status = 'ordered' and o.id is null`,
    }),
  () =>
    checkRows(order, 4, 'every idempotency key that was kept names one resource', {
      every: sql`idempotency_keys`,
      broken: sql`select id from idempotency_keys where status is null or resource_id is null`,
    }),
  () =>
    checkRows(order, 4, 'at most one unvoided authorization per order', {
      every: everyOrder,
      broken: sql`select order_id as id from payment_attempts
        where kind = 'authorize' and state = 'succeeded' group by order_id having count(*) > 1`,
    }),
  () =>
    checkRows(order, 4, 'refunded <= captured <= authorized <= total', {
      every: everyOrder,
      broken: sql`select id from orders where refunded_minor < 0 or refunded_minor > captured_minor
        or captured_minor > authorized_minor or authorized_minor > total_minor`,
    }),
  () =>
    checkRows(order, 4, 'money held and taken = the payment attempts', {
      every: everyOrder,
      broken: sql`select o.id from orders o
        left join (
          select order_id,
            sum(case when kind = 'authorize' then amount_minor else 0 end) as authorized,
            sum(case when kind = 'capture' then amount_minor else 0 end) as captured
          from payment_attempts where state = 'succeeded' group by order_id
        ) p on p.order_id = o.id
        where o.authorized_minor <> coalesce(p.authorized, 0) or o.captured_minor <> coalesce(p.captured, 0)`,
    }),
  () =>
    checkRows(order, 4, 'confirmed orders are authorized in full, rejected ones not at all', {
      every: everyOrder,
      broken: sql`select id from orders
        where (status in ('confirmed', 'partly_shipped', 'shipped', 'delivered')
            and authorized_minor <> total_minor)
          or (status = 'rejected' and authorized_minor <> 0)`,
    }),
]

/** Invariant 5: the money adds up to the penny. */
export const checkTotals = (order: Snapshot) => [
  () =>
    checkRows(order, 5, 'line total = quantity × unit price − discount + tax', {
      every: sql`order_lines`,
      broken: sql`select id from order_lines
        where total_minor <> quantity * unit_price_minor - discount_minor + tax_minor`,
    }),
  () =>
    checkRows(order, 5, 'order total = sum of line totals + shipping with its tax', {
      every: everyOrder,
      broken: sql`select o.id from orders o
        left join (
          select order_id, sum(total_minor) as total, sum(quantity * unit_price_minor) as gross,
            sum(discount_minor) as discount, sum(tax_minor) as tax
          from order_lines group by order_id
        ) l on l.order_id = o.id
        where l.order_id is null or o.subtotal_minor <> l.gross or o.discount_minor <> l.discount
          or o.tax_minor < l.tax
          or o.total_minor <> l.total + o.shipping_minor + (o.tax_minor - l.tax)`,
    }),
]
