import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from '../src/audit/audit.ts'
import { withSnapshots } from '../src/audit/snapshot.ts'
import { couponDamages } from './coupon-damages.ts'
import { damages, OFFERS } from './damages.ts'
import { restockingDamages } from './restocking-damages.ts'
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

const noQueue = () => Promise.resolve(0)

describe('the audit', () => {
  it('finds no breach in a consistent shop and counts what it checked', async () => {
    const { breaches, checks, pending } = await runAudit({ settled: true })
    expect({ breaches, pending }).toEqual({ breaches: 0, pending: [] })
    const checked = Object.fromEntries(checks.map((check) => [check.what, check.checked]))
    expect(checked).toMatchObject({
      'on hand = sum of movements': 1,
      'orders hold their stock until they are over': 1,
      'line total = quantity × unit price − discount + tax that the price does not contain': 2,
    })
  })

  it.each([...damages, ...couponDamages, ...restockingDamages])(
    'finds $what',
    async ({ service, harm, repair, finds }) => {
      await schemas.run(service, harm)
      try {
        expect(await breachesOf({ waiting: noQueue })).toEqual(finds)
      } finally {
        await schemas.run(service, repair)
      }
    },
  )

  it('finds nothing once all of that is repaired', async () => {
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
