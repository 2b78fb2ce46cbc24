import { newId } from '@storewright/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../src/audit/audit.ts'
import { withSnapshots } from '../src/audit/snapshot.ts'
import type { Service } from '../src/config.ts'
import { ERASED_ID, fillShop, startSchemas, type Schemas } from './harness.ts'

let schemas: Schemas
let ids: Awaited<ReturnType<typeof fillShop>>

beforeAll(async () => {
  schemas = await startSchemas()
  ids = await fillShop(schemas)
})
afterAll(() => schemas.drop())

const runAudit = (options: { settled?: boolean; waiting?: (group: string) => Promise<number> } = {}) =>
  audit({ auditUrl: schemas.auditUrl, prefix: schemas.prefix, timeoutMs: 1, ...options })
const breachesOf = async (options = {}) =>
  (await runAudit(options)).checks
    .filter(({ breaches }) => breaches > 0)
    .map(({ invariant, what }) => `${invariant} ${what}`)

type Damage = {
  what: string
  service: Service
  harm: string
  repair: string
  finds: string[]
}

const OFFERS = '10 the offers are those of the catalog'
const PROMOTIONS = '10 the promotions are those of the catalog'
const SAME_STATUS = '10 the catalog and the order service have the same stock status'

/** What `ops rebuild` mends; the owner is right. */
const copies: Damage[] = [
  {
    what: 'an offer at another price than the catalog’s',
    service: 'order',
    harm: 'update {offers} set prices = \'{"GBP":299}\'',
    repair: 'update {offers} set prices = \'{"GBP":300}\'',
    finds: [OFFERS],
  },
  {
    what: 'an offer with another name than the catalog’s',
    service: 'order',
    harm: `update {offers} set name = 'Mug'`,
    repair: `update {offers} set name = 'Mug, Blue'`,
    finds: [OFFERS],
  },
  {
    what: 'an offer that is off sale though its product is published',
    service: 'order',
    harm: 'update {offers} set on_sale = 0',
    repair: 'update {offers} set on_sale = 1',
    finds: [OFFERS],
  },
  {
    what: 'a draft that is on sale',
    service: 'catalog',
    harm: `update {products} set status = 'draft'`,
    repair: `update {products} set status = 'published'`,
    finds: [OFFERS],
  },
  {
    what: 'a copy that is ahead of its owner, and would miss what comes next',
    service: 'order',
    harm: 'update {offer_products} set version = 4',
    repair: 'update {offer_products} set version = 2',
    finds: [OFFERS],
  },
  {
    what: 'a promotion that the catalog does not have',
    service: 'order',
    harm: `insert into {promotions} (promotion_id, version, deleted, state) values ('${newId()}', 1, 0, '{}')`,
    repair: 'delete from {promotions}',
    finds: [PROMOTIONS],
  },
  {
    what: 'a promotion that the order service does not have',
    service: 'catalog',
    harm: `insert into {promotions} (id, enabled, automatic, starts_at, ends_at, state, version, deleted, created_at,
       updated_at) values ('${newId()}', 1, 1, '2020-01-01', '2030-01-01', '{}', 1, 0, '2020-01-01', '2020-01-01')`,
    repair: 'delete from {promotions}',
    finds: [PROMOTIONS],
  },
  {
    what: 'a variant that has no offer',
    service: 'order',
    harm: `update {offers} set sku = 'GHOST'`,
    repair: `update {offers} set sku = 'MUG'`,
    finds: [OFFERS],
  },
  {
    what: 'a variant whose SKU inventory does not know',
    service: 'catalog',
    harm: `insert into {variants} (sku, product_id, position, name, attributes, prices, deleted)
      select 'GHOST', id, 1, '', '{}', '[]', 0 from {products}`,
    repair: `delete from {variants} where sku = 'GHOST'`,
    finds: [OFFERS, '10 inventory knows the SKUs of the catalog'],
  },
  {
    what: 'a product that the catalog shows as sold out',
    service: 'catalog',
    harm: `update {stock_statuses} set status = 'out_of_stock'`,
    repair: `update {stock_statuses} set status = 'in_stock'`,
    finds: ['10 the catalog shows what is in stock', SAME_STATUS],
  },
  {
    what: 'a SKU whose status the order service never took',
    service: 'order',
    harm: `update {stock_statuses} set sku = 'GHOST'`,
    repair: `update {stock_statuses} set sku = 'MUG'`,
    finds: ['10 the order service knows what is in stock', SAME_STATUS],
  },
  {
    what: 'a SKU that is low in one copy only',
    service: 'order',
    harm: `update {stock_statuses} set status = 'low_stock'`,
    repair: `update {stock_statuses} set status = 'in_stock'`,
    finds: [SAME_STATUS],
  },
]

const damages: Damage[] = [
  {
    what: 'stock that no movement explains',
    service: 'inventory',
    harm: 'update {stock} set on_hand = 11',
    repair: 'update {stock} set on_hand = 10',
    finds: ['1 on hand = sum of movements'],
  },
  {
    what: 'a movement of something that has no stock',
    service: 'inventory',
    harm: `insert into {movements} (id, sku, location_id, kind, delta, balance, reason, recorded_at)
      values ('${newId()}', 'GHOST', 1, 'receipt', 1, 1, 'x', utc_timestamp(6))`,
    repair: `delete from {movements} where sku = 'GHOST'`,
    finds: ['1 no movement without stock'],
  },
  {
    what: 'stock that is reserved without a reservation',
    service: 'inventory',
    harm: 'update {stock} set reserved = 4',
    repair: 'update {stock} set reserved = 3',
    finds: ['1 reserved = sum of active reservations'],
  },
  {
    what: 'stock held by a reservation that has ended',
    service: 'inventory',
    harm: `update {reservations} set state = 'cancelled'`,
    repair: `update {reservations} set state = 'confirmed'`,
    finds: [
      '1 reserved = sum of active reservations',
      '1 nothing held by an ended reservation',
      '2 orders hold their stock until they are over',
    ],
  },
  {
    what: 'a confirmed order that holds other SKUs than were ordered',
    service: 'order',
    harm: `update {order_lines} set sku = 'JUG' where position = 2`,
    repair: `update {order_lines} set sku = 'MUG' where position = 2`,
    finds: ['2 orders hold their stock until they are over'],
  },
  {
    what: 'an order that is over and still holds stock',
    service: 'order',
    harm: `update {orders} set status = 'cancelled'`,
    repair: `update {orders} set status = 'confirmed'`,
    finds: ['2 orders hold their stock until they are over'],
  },
  {
    what: 'an order that was not settled by its deadline',
    service: 'order',
    harm: `update {orders} set status = 'reserved', expires_at = utc_timestamp(6) - interval 5 minute`,
    repair: `update {orders} set status = 'confirmed', expires_at = null`,
    finds: ['3 no order is past its deadline'],
  },
  {
    what: 'a cart that names another order than the one made from it',
    service: 'order',
    harm: `update {carts} set order_id = '${newId()}'`,
    repair: 'update {carts} set order_id = (select id from {orders})',
    finds: ['4 an ordered cart and its order name each other'],
  },
  {
    what: 'a second authorization that was not voided',
    service: 'order',
    harm: `insert into {payment_attempts} (id, order_id, kind, uniqueness_key, provider, amount_minor, currency, state,
      correlation_id, created_at) select '${newId()}', id, 'authorize', 'second', 'sandbox', 3000, 'GBP', 'succeeded',
      'c', utc_timestamp(6) from {orders}`,
    repair: `delete from {payment_attempts} where uniqueness_key = 'second'`,
    finds: [
      '4 at most one unvoided authorization per order',
      '4 authorized and captured = the payment attempts',
    ],
  },
  {
    what: 'money that was never authorized',
    service: 'order',
    harm: `update {payment_attempts} set state = 'declined'`,
    repair: `update {payment_attempts} set state = 'succeeded'`,
    finds: ['4 authorized and captured = the payment attempts'],
  },
  {
    what: 'money that is held for a rejected order',
    service: 'order',
    harm: `update {orders} set status = 'rejected'`,
    repair: `update {orders} set status = 'confirmed'`,
    finds: [
      '2 orders hold their stock until they are over',
      '4 confirmed orders are authorized in full, rejected ones not at all',
    ],
  },
  {
    what: 'an order total that differs from the sum of its lines',
    service: 'order',
    harm: 'update {order_lines} set unit_price_minor = 999, total_minor = 1998 where position = 1',
    repair: 'update {order_lines} set unit_price_minor = 1000, total_minor = 2000 where position = 1',
    finds: ['5 order total = sum of line totals + shipping with its tax'],
  },
  {
    what: 'an event that never leaves the outbox',
    service: 'catalog',
    harm: `insert into {outbox} (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data)
      values ('${newId()}', 'x', 'y', 1, 'c', utc_timestamp(6) - interval 5 minute, '{}')`,
    repair: 'delete from {outbox}',
    finds: ['6 catalog: the outbox drains'],
  },
  {
    what: 'an event that is parked',
    service: 'user',
    harm: `insert into {outbox} (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data, parked_at)
      values ('${newId()}', 'x', 'y', 1, 'c', utc_timestamp(6), '{}', utc_timestamp(6))`,
    repair: 'delete from {outbox}',
    finds: ['6 user: the outbox drains'],
  },
  {
    what: 'an event that no consumer applied',
    service: 'order',
    harm: `update {event_counters} set count = 6 where kind = 'emitted' and type = 'order.order-placed.v1'`,
    repair: `update {event_counters} set count = 5 where kind = 'emitted' and type = 'order.order-placed.v1'`,
    finds: ['6 emitted = applied + dead-lettered + dropped'],
  },
  {
    what: 'an event that took effect twice',
    service: 'inventory',
    harm: `update {event_counters} set count = 4 where kind = 'applied' and type = 'order.order-placed.v1'`,
    repair: `update {event_counters} set count = 3 where kind = 'applied' and type = 'order.order-placed.v1'`,
    finds: ['6 emitted = applied + dead-lettered + dropped'],
  },
  {
    what: 'an order that still names an erased person',
    service: 'order',
    harm: `update {orders} set user_id = '${ERASED_ID}'`,
    repair: 'update {orders} set user_id = null',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'a cart that still names an erased person',
    service: 'order',
    harm: `update {carts} set user_id = '${ERASED_ID}'`,
    repair: 'update {carts} set user_id = null',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'an erased order that still has an address with a name',
    service: 'order',
    harm: 'update {orders} set erased_at = utc_timestamp(6)',
    repair: 'update {orders} set erased_at = null',
    finds: ['9 the orders of an erased person name nobody'],
  },
  {
    what: 'activity of an erased person',
    service: 'user',
    harm: `insert into {activity} (id, user_id, type, at)
      values ('${newId()}', '${ERASED_ID}', 'logged-in', utc_timestamp(6))`,
    repair: 'delete from {activity}',
    finds: ['9 an erased person is in no table any more'],
  },
  {
    what: 'an erased account that still has an address',
    service: 'user',
    harm: `update {users} set email = 'ada@example.com'`,
    repair: `update {users} set email = '${ERASED_ID}@erased.invalid'`,
    finds: ['9 an erased account holds nothing but its id'],
  },
  {
    what: 'an open session of an erased person',
    service: 'user',
    harm: `insert into {sessions} (id, user_id, created_at, last_used_at, expires_at)
      values ('${newId()}', '${ERASED_ID}', utc_timestamp(6), utc_timestamp(6), utc_timestamp(6))`,
    repair: 'delete from {sessions}',
    finds: ['9 an erased account holds nothing but its id'],
  },
  ...copies,
]

const noQueue = () => Promise.resolve(0)

describe('the audit', () => {
  it('finds no breach in a consistent shop and counts what it checked', async () => {
    const { breaches, checks, pending } = await runAudit({ settled: true })
    expect({ breaches, pending }).toEqual({ breaches: 0, pending: [] })
    const checked = Object.fromEntries(checks.map((check) => [check.what, check.checked]))
    expect(checked).toMatchObject({
      'on hand = sum of movements': 1,
      'orders hold their stock until they are over': 1,
      'line total = quantity × unit price − discount + tax': 2,
    })
  })

  it.each(damages)('finds $what', async ({ service, harm, repair, finds }) => {
    await schemas.run(service, harm)
    try {
      expect(await breachesOf({ waiting: noQueue })).toEqual(finds)
    } finally {
      await schemas.run(service, repair)
    }
    expect(await breachesOf({ waiting: noQueue })).toEqual([])
  })

  it('gives the ids of what it found', async () => {
    await schemas.run('inventory', 'update {stock} set on_hand = 11')
    const { checks } = await runAudit()
    await schemas.run('inventory', 'update {stock} set on_hand = 10')
    expect(checks.find(({ breaches }) => breaches > 0)?.examples).toEqual(['MUG @1'])
  })
})

describe('a difference between services', () => {
  const setEmitted = (count: number) =>
    schemas.run('order', `update {event_counters} set count = ${count} where type = 'order.order-placed.v1'`)

  it('is pending while a queue holds the event or without a broker, and a breach with --settled', async () => {
    await setEmitted(6)
    expect(await breachesOf({ waiting: () => Promise.resolve(1) })).toEqual([])
    expect(await breachesOf()).toEqual([])
    expect(await breachesOf({ settled: true })).toEqual(['6 emitted = applied + dead-lettered + dropped'])
    expect((await runAudit({ settled: true })).pending).toEqual([
      '1 of order.order-placed.v1 between 6 emitted and 5 handled by inventory.order-events',
      '1 of order.order-placed.v1 between 6 emitted and 5 handled by user.order-events',
    ])
    await setEmitted(5)
  })

  it('is pending between an order and its reservation until neither has changed for a minute', async () => {
    await schemas.run('order', `update {orders} set status = 'cancelled'`)
    const step = (ago: string) =>
      schemas.run(
        'order',
        `insert into {order_timeline} (order_id, at, type, done_by, summary, correlation_id)
         values ('${ids.orderId}', utc_timestamp(6) - interval ${ago}, 'x', 'system', 'x', 'c')`,
      )
    await step('2 second')
    const { checks, breaches } = await runAudit()
    expect(breaches).toBe(0)
    expect(checks.find(({ invariant }) => invariant === 2)).toMatchObject({ pending: 1 })
    expect(await breachesOf({ settled: true })).toEqual(['2 orders hold their stock until they are over'])

    await schemas.run('order', 'delete from {order_timeline}')
    await step('2 minute')
    expect(await breachesOf()).toEqual(['2 orders hold their stock until they are over'])
    await schemas.run('order', `update {orders} set status = 'confirmed'`)
  })
})

describe('a copy of another service’s state', () => {
  const setPrice = (price: number) =>
    schemas.run('order', `update {offers} set prices = json_object('GBP', ${price})`)
  const touch = (ago: string) =>
    schemas.run('catalog', `update {products} set updated_at = utc_timestamp(6) - interval ${ago}`)

  it('may be behind for a minute after its owner changed, or while an event is under way', async () => {
    await setPrice(299)
    await touch('2 second')
    const { checks, breaches } = await runAudit({ waiting: noQueue })
    expect(breaches).toBe(0)
    expect(checks.find(({ what }) => what.startsWith('the offers'))).toMatchObject({ pending: 1 })
    expect(await breachesOf({ settled: true })).toEqual([OFFERS])

    await touch('2 minute')
    expect(await breachesOf({ waiting: noQueue })).toEqual([OFFERS])
    const emit = (count: number) =>
      schemas.run(
        'catalog',
        `update {event_counters} set count = ${count} where kind = 'emitted'
           and consumer_group = 'order.catalog-events'`,
      )
    await emit(6)
    expect(await breachesOf()).toEqual([])
    await emit(5)
    await setPrice(300)
    expect(await breachesOf()).toEqual([])
  })
})

describe('the audit of an erasure', () => {
  const receipt = (at: string) =>
    schemas.run('user', `update {erasure_receipts} set erased_at = ${at} where service = 'order'`)

  it('is pending until the service has sent its receipt, and a breach with --settled', async () => {
    await schemas.run('order', `update {orders} set user_id = '${ERASED_ID}'`)
    await receipt('null')
    const { checks, breaches } = await runAudit()
    expect(breaches).toBe(0)
    expect(checks.find(({ what }) => what.includes('no table'))).toMatchObject({ checked: 1, pending: 1 })
    expect(await breachesOf({ settled: true })).toEqual(['9 an erased person is in no table any more'])

    await receipt('utc_timestamp(6)')
    expect(await breachesOf()).toEqual(['9 an erased person is in no table any more'])
    await schemas.run('order', 'update {orders} set user_id = null')
    expect(await breachesOf()).toEqual([])
  })

  it('finds an erasure that has not ended only with --settled', async () => {
    await schemas.run('user', 'update {erasures} set completed_at = null')
    expect(await breachesOf()).toEqual([])
    expect(await breachesOf({ settled: true })).toEqual(['9 every erasure has ended'])
    await schemas.run('user', 'update {erasures} set completed_at = utc_timestamp(6)')
  })
})

describe('the snapshot of the audit', () => {
  it('sees one moment, and cannot write', async () => {
    const { auditUrl, prefix } = schemas
    await withSnapshots({ auditUrl, prefix, services: ['inventory', 'order'] }, async ({ inventory }) => {
      const onHand = async () =>
        (await sql<{ n: number }>`select on_hand as n from stock`.execute(inventory)).rows
      const before = await onHand()
      await schemas.run('inventory', 'update {stock} set on_hand = 99')
      expect(await onHand()).toEqual(before)
      await expect(sql`update stock set on_hand = 0`.execute(inventory)).rejects.toThrow()
    })
    await schemas.run('inventory', 'update {stock} set on_hand = 10')
  })
})

it('compares the text of every unique key byte by byte, as the code does', async () => {
  // A collation that folds makes one row of what the code, or a client, takes for two.
  const { rows } = await schemas.run(
    'user',
    `select concat_ws('.', c.table_schema, c.table_name, c.column_name) as name, c.collation_name as collation
     from information_schema.statistics s
     join information_schema.columns c using (table_schema, table_name, column_name)
     where c.table_schema like '${schemas.prefix.replaceAll('_', '\\_')}%' and s.non_unique = 0
       and c.collation_name not like '%\\_bin'`,
  )
  expect(rows).toEqual([])
})
