// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
import { nowSql, secondsAgo, type IdempotencyTables } from '@storewright/database'
import { sql } from 'kysely'
import type { Db } from './database.ts'

export type { Db }

// An order past its deadline is cancelled by the next sweep; longer than this means that no sweep runs.
const SWEEP_SECONDS = 60

/** Invariant 3: every placed order settles; in a settled shop no order may be pending either. */
const deadlineInvariants = (db: Db, settled: boolean) => [
  {
    invariant: 3,
    what: settled ? 'every order is settled' : 'no order is past its deadline',
    rows: db.selectFrom('orders').select('id'),
    breaches: db
      .selectFrom('orders')
      .select('id')
      .where((eb) =>
        eb.or([
          eb('expires_at', '<', secondsAgo(SWEEP_SECONDS)),
          ...(settled ? [eb('status', 'in', ['pending', 'reserved'])] : []),
        ]),
      ),
  },
]

/** Invariant 4: one order per cart, and no more money held, captured or refunded than the order states. */
const paymentInvariants = (db: Db) => {
  const orders = db.selectFrom('orders').select('id')
  const keys = db
    .withTables<Pick<IdempotencyTables, 'idempotency_keys'>>()
    .selectFrom('idempotency_keys')
    .select('id')
  return [
    {
      invariant: 4,
      what: 'one order per cart',
      rows: orders,
      breaches: db
        .selectFrom('orders')
        .select('cart_id as id')
        .groupBy('cart_id')
        .having((eb) => eb(eb.fn.countAll(), '>', 1)),
    },
    {
      invariant: 4,
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
      invariant: 4,
      what: 'every stored idempotency key names one resource',
      rows: keys,
      breaches: keys.where((eb) => eb.or([eb('status', 'is', null), eb('resource_id', 'is', null)])),
    },
    {
      invariant: 4,
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
      invariant: 4,
      what: 'refunded <= captured <= authorized <= total',
      rows: orders,
      breaches: db
        .selectFrom('orders')
        .select('id')
        .where((eb) =>
          eb.or([
            eb('refunded_minor', '<', 0),
            eb('refunded_minor', '>', eb.ref('captured_minor')),
            eb('captured_minor', '>', eb.ref('authorized_minor')),
            eb('authorized_minor', '>', eb.ref('total_minor')),
          ]),
        ),
    },
    {
      invariant: 4,
      what: 'authorized and captured = the payment attempts',
      rows: orders,
      breaches: db
        .selectFrom('orders as o')
        .leftJoin(
          (eb) =>
            eb
              .selectFrom('payment_attempts')
              .select(({ case: when, fn, ref }) => [
                'order_id',
                fn
                  .sum<number>(when().when('kind', '=', 'authorize').then(ref('amount_minor')).else(0).end())
                  .as('authorized'),
                fn
                  .sum<number>(when().when('kind', '=', 'capture').then(ref('amount_minor')).else(0).end())
                  .as('captured'),
              ])
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
      invariant: 4,
      what: 'confirmed orders are authorized in full, rejected ones not at all',
      rows: orders,
      breaches: db
        .selectFrom('orders')
        .select('id')
        .where((eb) =>
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
  ]
}

/** Invariant 5: the money adds up to the penny. */
const totalInvariants = (db: Db) => [
  {
    invariant: 5,
    what: 'line total = quantity × unit price − discount + tax',
    rows: db.selectFrom('order_lines').select('id'),
    breaches: db
      .selectFrom('order_lines')
      .select('id')
      .where(
        'total_minor',
        '<>',
        ({ ref }) =>
          sql<number>`${ref('quantity')} * ${ref('unit_price_minor')} - ${ref('discount_minor')} + ${ref('tax_minor')}`,
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
            ])
            .groupBy('order_id')
            .as('l'),
        (join) => join.onRef('l.order_id', '=', 'o.id'),
      )
      .select('o.id')
      .where((eb) => {
        const shippingWithTax = sql`${eb.ref('o.shipping_minor')} + (${eb.ref('o.tax_minor')} - ${eb.ref('l.tax')})`
        return eb.or([
          eb('l.order_id', 'is', null),
          eb('o.subtotal_minor', '<>', eb.ref('l.gross')),
          eb('o.discount_minor', '<>', eb.ref('l.discount')),
          eb('o.tax_minor', '<', eb.ref('l.tax')),
          eb('o.total_minor', '<>', sql<number>`${eb.ref('l.total')} + ${shippingWithTax}`),
        ])
      }),
  },
]

/** Invariants 3 to 5, within this schema. */
export const orderInvariants = (db: Db, { settled }: { settled: boolean }) => [
  ...deadlineInvariants(db, settled),
  ...paymentInvariants(db),
  ...totalInvariants(db),
]

/** Invariant 9: what remains of an erased person's orders names nobody. */
export const erasedOrderInvariants = (db: Db) => {
  const erased = db.selectFrom('orders').select('id').where('erased_at', 'is not', null)
  return [
    {
      invariant: 9,
      what: 'the orders of an erased person name nobody',
      rows: erased,
      breaches: erased.where((eb) =>
        eb.or([
          eb('user_id', 'is not', null),
          eb('email', 'is not', null),
          eb('access_token_hash', 'is not', null),
          eb('billing_address', 'is not', null),
          sql<boolean>`coalesce(json_unquote(json_extract(${eb.ref('shipping_address')}, '$.name')), '') <> 'Erased'`,
        ]),
      ),
    },
  ]
}

/** How many orders still wait for their stock, and how many calls of payment providers are open. */
export const countPending = (db: Db) =>
  db
    .selectNoFrom((eb) => [
      eb
        .selectFrom('orders')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('status', 'in', ['pending', 'reserved'])
        .as('orders'),
      eb
        .selectFrom('payment_attempts')
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .where('state', '=', 'open')
        .as('payments'),
    ])
    .executeTakeFirstOrThrow()

/** The next page of orders by id; `overdue` is 1 past the deadline. */
export const listOrders = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('orders')
    .select(({ ref }) => [
      'id',
      'status',
      sql<number>`coalesce(${ref('expires_at')} < ${nowSql}, 0)`.as('overdue'),
    ])
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

/** What was ordered and, as negative quantities, what was shipped of it, for a range of orders. */
export const unshippedLines = (db: Db, { first, last }: { first: string; last: string }) =>
  db
    .selectFrom('order_lines')
    .select(({ ref }) => ['order_id', 'sku', sql<number>`cast(${ref('quantity')} as signed)`.as('quantity')])
    .where('order_id', '>=', first)
    .where('order_id', '<=', last)
    .unionAll(
      db
        .selectFrom('shipments as s')
        .innerJoin('shipment_lines as l', 'l.shipment_id', 's.id')
        .select(({ ref }) => [
          's.order_id',
          'l.sku',
          sql<number>`-cast(${ref('l.quantity')} as signed)`.as('quantity'),
        ])
        .where('s.status', '=', 'shipped')
        .where('s.order_id', '>=', first)
        .where('s.order_id', '<=', last),
    )

/** Whether an order took a step in the last seconds. */
export const orderChangedWithin = async (db: Db, orderId: string, seconds: number): Promise<boolean> =>
  (await db
    .selectFrom('order_timeline')
    .select('id')
    .where('order_id', '=', orderId)
    .where('at', '>', secondsAgo(seconds))
    .limit(1)
    .executeTakeFirst()) !== undefined
