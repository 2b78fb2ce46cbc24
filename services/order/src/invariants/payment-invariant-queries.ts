import type { IdempotencyTables } from '@storewright/database'
import type { Db } from '../database.ts'

/** Invariant 4: one order per cart, and no more money held, captured or refunded than the order states. */
export const paymentInvariants = (db: Db) => {
  const orders = db.selectFrom('orders').select('id')
  const keys = db
    .withTables<Pick<IdempotencyTables, 'idempotency_keys'>>()
    .selectFrom('idempotency_keys')
    .select('id')
  return [
    {
      what: 'one order per cart',
      rows: orders,
      breaches: db
        .selectFrom('orders')
        .select('cart_id as id')
        .groupBy('cart_id')
        .having((eb) => eb(eb.fn.countAll(), '>', 1)),
    },
    {
      what: 'an ordered cart and its order name each other',
      rows: db.selectFrom('carts').select('id').where('status', '=', 'ordered'),
      breaches: db
        .selectFrom('carts as c')
        .leftJoin('orders as o', (join) =>
          join.onRef('o.cart_id', '=', 'c.id').onRef('o.id', '=', 'c.order_id'),
        )
        .select('c.id')
        .where('c.status', '=', 'ordered')
        .where('o.id', 'is', null),
    },
    {
      what: 'every stored idempotency key names one resource',
      rows: keys,
      breaches: keys.where((eb) => eb.or([eb('status', 'is', null), eb('resource_id', 'is', null)])),
    },
    {
      what: 'at most one unvoided authorization per order',
      rows: orders,
      breaches: db
        .selectFrom('payment_attempts')
        .select('order_id as id')
        .where('kind', '=', 'authorize')
        .where('state', '=', 'succeeded')
        .groupBy('order_id')
        .having((eb) => eb(eb.fn.countAll(), '>', 1)),
    },
    {
      what: 'refunded <= captured <= authorized <= total',
      rows: orders,
      breaches: orders.where((eb) =>
        eb.or([
          eb('refunded_minor', '<', 0),
          eb('refunded_minor', '>', eb.ref('captured_minor')),
          eb('captured_minor', '>', eb.ref('authorized_minor')),
          eb('authorized_minor', '>', eb.ref('total_minor')),
        ]),
      ),
    },
    {
      what: 'authorized and captured = the payment attempts',
      rows: orders,
      breaches: db
        .selectFrom('orders as o')
        .leftJoin(
          (eb) =>
            eb
              .selectFrom('payment_attempts')
              .select((attempts) => {
                const sumOf = (kind: 'authorize' | 'capture') =>
                  attempts.fn.sum<number>(
                    attempts.case().when('kind', '=', kind).then(attempts.ref('amount_minor')).else(0).end(),
                  )
                return ['order_id', sumOf('authorize').as('authorized'), sumOf('capture').as('captured')]
              })
              .where('state', '=', 'succeeded')
              .groupBy('order_id')
              .as('p'),
          (join) => join.onRef('p.order_id', '=', 'o.id'),
        )
        .select('o.id')
        .where((eb) =>
          eb.or([
            eb('o.authorized_minor', '<>', eb.fn.coalesce('p.authorized', eb.lit(0))),
            eb('o.captured_minor', '<>', eb.fn.coalesce('p.captured', eb.lit(0))),
          ]),
        ),
    },
    {
      what: 'confirmed orders are authorized in full, rejected ones not at all',
      rows: orders,
      breaches: orders.where((eb) =>
        eb.or([
          eb('status', 'in', ['confirmed', 'partly_shipped', 'shipped', 'delivered']).and(
            'authorized_minor',
            '<>',
            eb.ref('total_minor'),
          ),
          eb('status', '=', 'rejected').and('authorized_minor', '<>', 0),
        ]),
      ),
    },
    {
      what: 'no payment is stuck: refused to be voided, or not answered',
      rows: db.selectFrom('payment_attempts').select('id'),
      breaches: db.selectFrom('payment_attempts').select('id').where('stuck_at', 'is not', null),
    },
    {
      what: 'staff recorded as much money as the order shows as received',
      rows: orders,
      breaches: db
        .selectFrom('orders as o')
        .leftJoin(
          (eb) =>
            eb
              .selectFrom('payment_receipts')
              .select(({ fn }) => ['order_id', fn.sum<number>('amount_minor').as('received')])
              .groupBy('order_id')
              .as('r'),
          (join) => join.onRef('r.order_id', '=', 'o.id'),
        )
        .select('o.id')
        .where((eb) => eb('o.received_minor', '<>', eb.fn.coalesce('r.received', eb.lit(0)))),
    },
  ].map((check) => ({ invariant: 4, ...check }))
}
