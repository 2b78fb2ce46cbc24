import { inTransaction, newId } from '@storewright/database'
import { on } from '@storewright/messaging'
import { openQueueAdmin, type QueueAdmin } from '@storewright/messaging/admin'
import { listParkedEvents, summariseOutbox, unparkEvents } from '@storewright/messaging/admin/outbox'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { register } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { purgeInbox } from '../src/consumer/inbox.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { recordEffect, subscriptions, type Trx } from './support/service.ts'
import { GROUP, ThingNoted, ThingUnrouted, ThingInternal, topology } from './support/test-events.ts'

let harness: Harness
let admin: QueueAdmin
let broken = true
beforeAll(async () => {
  harness = await startHarness()
  admin = await openQueueAdmin({ url: harness.vhost.url, topology })
})
afterAll(async () => {
  await admin.close()
  await harness.close()
})
beforeEach(() => void (broken = true))
afterEach(() => harness.clear())

const noted = (text = '') => anEvent(ThingNoted, { thingId: newId(), text })
const startConsumer = () =>
  harness.consumer({
    subscriptions: [
      on(ThingNoted, async (trx: Trx, event) => {
        if (broken) throw new Error(`cannot do ${event.data.text}`)
        await recordEffect(trx, event)
      }),
      subscriptions()[1]!,
      on(ThingInternal, async () => {
        throw new Error('the secret is 1234')
      }),
    ],
  })
/** Dead-letters that many events. */
const createDeadLetters = async (count: number) => {
  const events = Array.from({ length: count }, (_, index) => noted(`thing ${index}`))
  await harness.enqueue(...events)
  await startConsumer()
  await harness.settle({ dead: count })
  return events
}
const deadCount = async () => (await admin.listGroups())[0]?.dead

describe('dead letters', () => {
  it('are listed and shown with reason, error and headers, and stay in the queue', async () => {
    const [event] = await createDeadLetters(3)
    for (let round = 0; round < 25; round++) {
      const { total, items } = await admin.listDeadLetters(GROUP)
      expect(total).toBe(3)
      expect(items).toHaveLength(3)
    }
    const { items } = await admin.listDeadLetters(GROUP)
    expect(items.find(({ messageId }) => messageId === event!.id)).toMatchObject({
      type: ThingNoted.type,
      subject: event!.subject,
      correlationId: event!.correlationId,
      reason: 'handler-failed',
      error: 'cannot do thing 0',
      attempts: 3,
      copies: 1,
      internal: false,
    })
    const shown = await admin.showDeadLetter(GROUP, event!.id)
    expect(shown).toMatchObject({ body: event!.data, headers: { 'cloudEvents:id': event!.id } })
    expect(shown?.stack).toContain('admin.test.ts')
    expect(await admin.showDeadLetter(GROUP, newId())).toBeNull()
    expect(await deadCount()).toBe(3)
  })

  it('hide the content of internal events unless revealed', async () => {
    const event = anEvent(ThingInternal, { thingId: 'secret-cart', text: 'confidential' })
    await harness.enqueue(event)
    await startConsumer()
    await harness.settle({ dead: 1 })
    const listed = await admin.listDeadLetters(GROUP)
    const shown = await admin.showDeadLetter(GROUP, event.id)
    for (const screen of [JSON.stringify(listed), JSON.stringify(shown)])
      for (const secret of ['confidential', 'secret-cart', '1234']) expect(screen).not.toContain(secret)
    const revealed = await admin.showDeadLetter(GROUP, event.id, { reveal: true })
    expect(revealed).toMatchObject({ body: event.data, error: 'the secret is 1234', subject: 'secret-cart' })
  })

  it('are replayed to their group and count as dead until they are applied', async () => {
    const events = await createDeadLetters(3)
    // Still broken: it is dead-lettered again and counts once.
    expect(await admin.replayDeadLetters(GROUP, [events[0]!.id])).toEqual({ replayed: 1, missing: [] })
    await eventually(async () => (await deadCount()) === 3)
    expect(await harness.counts()).toMatchObject({ dead: 3, applied: 0 })

    broken = false
    const absent = newId()
    expect(await admin.replayDeadLetters(GROUP, [events[1]!.id, absent])).toEqual({
      replayed: 1,
      missing: [absent],
    })
    await harness.settle({ applied: 1, dead: 2, effects: 1 })
    expect(await admin.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 2, missing: [] })
    await harness.settle({ applied: 3, dead: 0, effects: 3, events: 3 })
    expect(await deadCount()).toBe(0)
  })

  it('stay replays of their owner through retries, death and being sent again', async () => {
    const event = { ...noted('copied'), replay: true }
    await harness.enqueue(event)
    const seen: (boolean | undefined)[] = []
    await harness.consumer({
      subscriptions: subscriptions(
        on(
          ThingNoted,
          async (_trx: Trx, { replay }) => {
            seen.push(replay)
            if (broken) throw new Error('cannot copy')
          },
          { replays: true },
        ),
      ),
    })
    await harness.settle({ dead: 1 })
    expect((await admin.showDeadLetter(GROUP, event.id))?.headers).toMatchObject({ 'x-replay': true })
    broken = false
    await admin.replayDeadLetters(GROUP, 'all')
    await harness.settle({ dead: 0, applied: 1 })
    expect(seen).toEqual([true, true, true, true])
  })

  it('are sent again to handlers that take no replays of the owner', async () => {
    await createDeadLetters(1)
    broken = false
    await admin.replayDeadLetters(GROUP, 'all')
    await harness.settle({ applied: 1, effects: 1 })
  })

  it('are dropped by an operator and counted as dropped, also when a copy arrives later', async () => {
    const events = await createDeadLetters(3)
    expect(await admin.dropDeadLetters(GROUP, [events[0]!.id], { db: harness.db })).toEqual({
      dropped: 1,
      missing: [],
    })
    expect(await harness.counts()).toMatchObject({ dead: 2, dropped: 1 })
    await admin.dropDeadLetters(GROUP, 'all', { db: harness.db })
    expect(await harness.counts()).toMatchObject({ dead: 0, dropped: 3, applied: 0 })
    expect(await deadCount()).toBe(0)
    // It stays dropped when a copy arrives.
    broken = false
    await harness.enqueue(events[0]!)
    await harness.settle({ duplicates: 1, applied: 0 })
  })

  it('count once when a lost ack made a second copy', async () => {
    const [event] = await createDeadLetters(1)
    // Delivered again, it makes no second dead letter.
    await harness.enqueue(event!)
    await harness.settle({ dead: 1, duplicates: 1 })
    expect(await deadCount()).toBe(1)
    const channel = await harness.broker.openChannel()
    const copy = await channel.get(`${GROUP}.dead`)
    if (copy) {
      const { messageId, type, headers } = copy.properties
      channel.sendToQueue(`${GROUP}.dead`, copy.content, { messageId, type, headers, persistent: true })
    }
    await channel.close()
    await eventually(async () => (await deadCount()) === 2)
    expect((await admin.listDeadLetters(GROUP)).items).toMatchObject([{ copies: 2 }])
    broken = false
    expect(await admin.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 1, missing: [] })
    await harness.settle({ applied: 1, dead: 0, duplicates: 2, effects: 1 })
  })

  it('of the broker’s own delivery limit are listed and replayed like any other', async () => {
    const event = noted('unlucky')
    await harness.enqueue(event)
    await eventually(async () => {
      const channel = await harness.broker.openChannel()
      await channel.get(GROUP)
      await channel.close()
      return (await deadCount()) === 1
    })
    expect((await admin.listDeadLetters(GROUP)).items).toMatchObject([
      { messageId: event.id, reason: 'delivery_limit' },
    ])
    broken = false
    await startConsumer()
    expect(await admin.replayDeadLetters(GROUP, [event.id])).toEqual({ replayed: 1, missing: [] })
    await harness.settle({ applied: 1, dead: 0, effects: 1 })
  })

  it('without an event id are replayed and dropped only with all others', async () => {
    await harness.vhost.sendToQueue(GROUP, 'garbage')
    await startConsumer()
    await eventually(async () => (await deadCount()) === 1)
    expect((await admin.listDeadLetters(GROUP)).items).toMatchObject([{ messageId: null, internal: true }])
    // Dead-lettered again at once; one replay must not loop.
    expect(await admin.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 1, missing: [] })
    await eventually(async () => (await deadCount()) === 1)
    await admin.dropDeadLetters(GROUP, 'all', { db: harness.db })
    await eventually(async () => (await deadCount()) === 0)
    expect(await harness.counts()).toMatchObject({ dead: 0, dropped: 0, applied: 0 })
  })

  it('cannot be listed while the broker is unavailable', async () => {
    await expect(openQueueAdmin({ url: 'amqp://127.0.0.1:1/' })).rejects.toThrow()
  })
})

describe('the outbox', () => {
  it('is summarised by type, and its parked events are listed and unparked', async () => {
    await inTransaction(harness.db, async (trx) => {
      await emit(trx, ThingUnrouted, { thingId: 'stuck', text: '' })
      await emit(trx, ThingNoted, { thingId: 'stuck', text: '' })
    })
    expect(await summariseOutbox(harness.db)).toMatchObject({ waiting: 2, parked: 0 })
    const relay = await harness.relay()
    await eventually(async () => (await listParkedEvents(harness.db)).length === 1)
    await relay.stop()
    expect(await summariseOutbox(harness.db)).toMatchObject({
      waiting: 1,
      parked: 1,
      byType: [
        { type: ThingNoted.type, waiting: 1, parked: 0 },
        { type: ThingUnrouted.type, waiting: 0, parked: 1 },
      ],
    })
    const [parked] = await listParkedEvents(harness.db)
    expect(parked).toMatchObject({ type: ThingUnrouted.type, reason: 'returned by the broker: NO_ROUTE' })
    expect(await unparkEvents(harness.db, [newId()])).toBe(0)
    expect(await unparkEvents(harness.db, [parked!.eventId])).toBe(1)
    expect(await summariseOutbox(harness.db)).toMatchObject({ waiting: 2, parked: 0 })
  })
})

describe('the inbox', () => {
  it('deletes settled events after thirty days but never dead ones', async () => {
    for (const [state, days] of [
      ['applied', 31],
      ['applied', 29],
      ['dead', 400],
    ] as const)
      await sql`insert into inbox (consumer_group, event_id, state, recorded_at)
        values (${GROUP}, ${newId()}, ${state}, utc_timestamp(6) - interval ${days} day)`.execute(harness.db)
    expect(await purgeInbox(harness.db)).toBe(1)
    const { rows } = await sql<{ state: string }>`select state from inbox order by state`.execute(harness.db)
    expect(rows.map(({ state }) => state)).toEqual(['applied', 'dead'])
  })
})

describe('metrics', () => {
  it('report outbox, queues, dead letters, connection and leadership', async () => {
    await createDeadLetters(1)
    broken = false
    await inTransaction(harness.db, (trx) => emit(trx, ThingUnrouted, { thingId: 'a', text: '' }))
    await inTransaction(harness.db, (trx) => emit(trx, ThingNoted, { thingId: 'b', text: '' }))
    await harness.relay()
    await harness.settle({ applied: 1, waiting: 1 })
    // An event that is parked is tried again each second, and is not parked meanwhile.
    const text = await eventually(async () => {
      const metrics = await register.metrics()
      return metrics.includes('storewright_outbox_events{service="test",state="parked"} 1') && metrics
    })
    for (const line of [
      /storewright_outbox_events\{service="test",state="parked"\} 1/,
      /storewright_outbox_oldest_seconds\{service="test"\} \d/,
      /storewright_queue_messages\{group="test.things",queue="test.things.dead"\} 1/,
      /storewright_events_dead_total\{group="test.things",type="test.thing-noted.v1",reason="handler-failed"\} \d/,
      /storewright_broker_connected\{name="test",purpose="publish"\} 1/,
      /storewright_relay_leads\{service="test"\} 1/,
      /storewright_consumer_event_age_seconds\{group="test.things"\} \d/,
    ])
      expect(text).toMatch(line)
  })
})
