// What the operators' audit reads of this schema, in one snapshot and with rights to read only.
import { secondsAgo } from '@storewright/database'
import { sql, type AliasedExpression, type Expression, type Kysely } from 'kysely'
import type { Database, ReservationState } from './database.ts'
import { restockingInvariants } from './restocking-invariant-queries.ts'

export type Db = Kysely<Database>

const ACTIVE: ReservationState[] = ['held', 'confirmed']

const stockId = (sku: Expression<string>, locationId: Expression<number>) =>
  sql<string>`concat(${sku}, ' @', ${locationId})`.as('id')

/** The stock whose column differs from the total of its SKU and location; what has no total counts as 0. */
const differing = (
  db: Db,
  column: 'on_hand' | 'reserved',
  totals: AliasedExpression<{ sku: string; location_id: number; total: number }, 't'>,
) =>
  db
    .selectFrom('stock as s')
    .leftJoin(totals, (join) =>
      join.onRef('t.sku', '=', 's.sku').onRef('t.location_id', '=', 's.location_id'),
    )
    .select((eb) => stockId(eb.ref('s.sku'), eb.ref('s.location_id')))
    .where(`s.${column}`, '<>', (eb) => eb.fn.coalesce('t.total', eb.lit(0)))

/** Invariant 1: stock is the sum of its movements, what is reserved that of reservations, and restocking follows both. */
export const stockInvariants = (db: Db) => {
  const stock = db.selectFrom('stock').select('sku')
  const invariant = 1
  const moved = db
    .selectFrom('movements')
    .select(({ fn }) => ['sku', 'location_id', fn.sum<number>('delta').as('total')])
    .groupBy(['sku', 'location_id'])
  const last = db
    .selectFrom('movements')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .groupBy(['sku', 'location_id'])
  const ends = db
    .selectFrom('movements as m')
    .innerJoin(last.as('last'), 'last.seq', 'm.seq')
    .select(['m.sku', 'm.location_id', 'm.balance as total'])
  const chain = db.selectFrom('movements').select(({ fn, ref }) => [
    'sku',
    'location_id',
    sql<number>`cast(${ref('balance')} as signed) - ${ref('delta')}`.as('before_it'),
    fn
      .agg<number | null>('lag', ['balance'])
      .over((over) => over.partitionBy(['sku', 'location_id']).orderBy('seq'))
      .as('balance_before'),
  ])
  const held = db
    .selectFrom('reservation_lines as l')
    .innerJoin('reservations as r', 'r.order_id', 'l.order_id')
    .select(({ fn }) => ['l.sku', 'l.location_id', fn.sum<number>('l.held').as('total')])
    .where('r.state', 'in', ACTIVE)
    .groupBy(['l.sku', 'l.location_id'])
  return [
    {
      invariant,
      what: 'on hand = sum of movements',
      rows: stock,
      breaches: differing(db, 'on_hand', moved.as('t')),
    },
    {
      invariant,
      what: 'balance of a movement = the one before + delta',
      rows: db.selectFrom('movements').select('seq'),
      breaches: db
        .selectFrom(chain.as('c'))
        .select((eb) => stockId(eb.ref('c.sku'), eb.ref('c.location_id')))
        .where('c.before_it', '<>', (eb) => eb.fn.coalesce('c.balance_before', eb.lit(0))),
    },
    {
      invariant,
      what: 'on hand = the last balance',
      rows: stock,
      breaches: differing(db, 'on_hand', ends.as('t')),
    },
    {
      invariant,
      what: 'no movement without stock',
      rows: db.selectFrom('movements').select(['sku', 'location_id']).distinct(),
      breaches: db
        .selectFrom('movements as m')
        .leftJoin('stock as s', (join) =>
          join.onRef('s.sku', '=', 'm.sku').onRef('s.location_id', '=', 'm.location_id'),
        )
        .select((eb) => stockId(eb.ref('m.sku'), eb.ref('m.location_id')))
        .distinct()
        .where('s.sku', 'is', null),
    },
    {
      invariant,
      what: 'reserved = sum of active reservations',
      rows: stock,
      breaches: differing(db, 'reserved', held.as('t')),
    },
    {
      invariant,
      what: '0 <= reserved <= on hand',
      rows: stock,
      breaches: db
        .selectFrom('stock as s')
        .select((eb) => stockId(eb.ref('s.sku'), eb.ref('s.location_id')))
        .where((eb) =>
          eb.or([
            eb('s.on_hand', '<', 0),
            eb('s.reserved', '<', 0),
            eb('s.reserved', '>', eb.ref('s.on_hand')),
          ]),
        ),
    },
    {
      invariant,
      what: 'nothing held by an ended reservation',
      rows: db.selectFrom('reservations').select('order_id'),
      breaches: db
        .selectFrom('reservation_lines as l')
        .innerJoin('reservations as r', 'r.order_id', 'l.order_id')
        .select('l.order_id as id')
        .distinct()
        .where('r.state', 'not in', ACTIVE)
        .where('l.held', '>', 0),
    },
    ...restockingInvariants(db),
  ]
}

/** The next page of reservations by their order's id; `active` is 1 where they may hold stock. */
export const listReservations = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('reservations')
    .select((eb) => ['order_id as id', eb('state', 'in', ACTIVE).as('active')])
    .where('order_id', '>', after)
    .orderBy('order_id')
    .limit(limit)
    .execute()

/** What is held for a range of orders, by SKU and location. */
export const heldLines = (db: Db, { first, last }: { first: string; last: string }) =>
  db
    .selectFrom('reservation_lines')
    .select(['order_id', 'sku', 'held as quantity'])
    .where('order_id', '>=', first)
    .where('order_id', '<=', last)

/** Whether an order's reservation changed in the last seconds. */
export const reservationChangedWithin = async (db: Db, orderId: string, seconds: number): Promise<boolean> =>
  (await db
    .selectFrom('reservations')
    .select('order_id')
    .where('order_id', '=', orderId)
    .where('updated_at', '>', secondsAgo(seconds))
    .executeTakeFirst()) !== undefined

/** The next page of known SKUs with what is available of them; `version` is that of the SKU's last event. */
export const listAvailable = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('stock as s')
    .select(({ ref }) => [
      's.sku as id',
      sql<number>`sum(cast(${ref('s.on_hand')} as signed) - cast(${ref('s.reserved')} as signed))`.as(
        'available',
      ),
      sql<number>`coalesce((select version from event_sequences where subject = ${ref('s.sku')}), 0)`.as(
        'version',
      ),
    ])
    .where('s.sku', '>', after)
    .groupBy('s.sku')
    .orderBy('s.sku')
    .limit(limit)
    .execute()

/** The next page of this service's copy of list prices by SKU. */
export const listPriceCopies = (db: Db, { after, limit }: { after: string; limit: number }) =>
  db
    .selectFrom('list_prices')
    .select(['sku as id', 'prices', 'version'])
    .where('sku', '>', after)
    .orderBy('sku')
    .limit(limit)
    .execute()

/** Whether stock of a SKU moved, or a reservation of it changed, in the last seconds. */
export const stockChangedWithin = async (db: Db, sku: string, seconds: number): Promise<boolean> => {
  const moved = db
    .selectFrom('movements')
    .select('sku')
    .where('sku', '=', sku)
    .where('recorded_at', '>', secondsAgo(seconds))
  const reserved = db
    .selectFrom('reservation_lines as l')
    .innerJoin('reservations as r', 'r.order_id', 'l.order_id')
    .select('l.sku')
    .where('l.sku', '=', sku)
    .where('r.updated_at', '>', secondsAgo(seconds))
  return (
    (await moved.limit(1).executeTakeFirst()) !== undefined ||
    (await reserved.limit(1).executeTakeFirst()) !== undefined
  )
}
