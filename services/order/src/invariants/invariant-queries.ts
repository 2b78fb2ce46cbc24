// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
import { nowSql, secondsAgo } from '@storewright/database'
import { sql } from 'kysely'
import type { Db } from '../database.ts'
import { couponInvariants } from './coupon-invariant-queries.ts'
import { paymentInvariants } from './payment-invariant-queries.ts'
import { totalInvariants } from './total-invariant-queries.ts'

export type { Db }
export { offerName } from '../offers/offer-name.ts'
export { listContacts, listOffers, listPromotions, listStockStatuses } from './copy-invariant-queries.ts'

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

/** Invariants 3 to 5 and 7, within this schema. */
export const orderInvariants = (db: Db, { settled }: { settled: boolean }) => [
  ...deadlineInvariants(db, settled),
  ...paymentInvariants(db),
  ...totalInvariants(db),
  ...couponInvariants(db),
]

/** Invariant 9: what remains of an erased person's orders names nobody. */
export const erasedOrderInvariants = (db: Db) => {
  const erased = db.selectFrom('orders').select('id').where('erased_at', 'is not', null)
  const people = db.selectFrom('erased_users').select('user_id as id')
  return [
    {
      invariant: 9,
      what: 'nobody knows how to reach an erased person',
      rows: people,
      breaches: people.where('user_id', 'in', (eb) => eb.selectFrom('account_contacts').select('user_id')),
    },
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
