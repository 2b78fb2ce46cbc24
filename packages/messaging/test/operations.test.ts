import { inTransaction, newId } from '@storewright/database'
import { listParked, on, openOperations, outboxSummary, purgeInbox, unpark } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { register } from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startRig, type Rig } from './support/rig.ts'
import { recordEffect, subscriptions, type Trx } from './support/service.ts'
import { GROUP, ThingNoted, ThingUnheard, ThingWhispered, topology } from './support/things.ts'

let rig: Rig
let operations: Awaited<ReturnType<typeof openOperations>>
let broken = true
beforeAll(async () => {
  rig = await startRig()
  operations = await openOperations({ url: rig.vhost.url, topology })
})
afterAll(async () => {
  await operations.close()
  await rig.close()
})
beforeEach(() => void (broken = true))
afterEach(() => rig.clear())

const noted = (text = '') => anEvent(ThingNoted, { thingId: newId(), text })
const startConsumer = () =>
  rig.consumer({
    subscriptions: [
      on(ThingNoted, async (trx: Trx, event) => {
        if (broken) throw new Error(`cannot do ${event.data.text}`)
        await recordEffect(trx, event)
      }),
      subscriptions()[1]!,
      on(ThingWhispered, async () => {
        throw new Error('the secret is 1234')
      }),
    ],
  })
const kill = async (count: number) => {
  const events = Array.from({ length: count }, (_, index) => noted(`thing ${index}`))
  await rig.enqueue(...events)
  await startConsumer()
  await rig.settle({ dead: count })
  return events
}
const deadCount = async () => (await operations.groups())[0]?.dead

describe('dead letters', () => {
  it('are listed and shown with all there is to know, as often as one likes, and stay', async () => {
    const [event] = await kill(3)
    for (let round = 0; round < 25; round++) {
      const { total, items } = await operations.listDeadLetters(GROUP)
      expect(total).toBe(3)
      expect(items).toHaveLength(3)
    }
    const { items } = await operations.listDeadLetters(GROUP)
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
    const shown = await operations.showDeadLetter(GROUP, event!.id)
    expect(shown).toMatchObject({ body: event!.data, headers: { 'cloudEvents:id': event!.id } })
    expect(shown?.stack).toContain('operations.test.ts')
    expect(await operations.showDeadLetter(GROUP, newId())).toBeNull()
    expect(await deadCount()).toBe(3)
  })

  it('keep the content of internal events to themselves unless asked', async () => {
    const event = anEvent(ThingWhispered, { thingId: 'secret-cart', text: 'hush' })
    await rig.enqueue(event)
    await startConsumer()
    await rig.settle({ dead: 1 })
    const listed = await operations.listDeadLetters(GROUP)
    const shown = await operations.showDeadLetter(GROUP, event.id)
    for (const screen of [JSON.stringify(listed), JSON.stringify(shown)])
      for (const secret of ['hush', 'secret-cart', '1234']) expect(screen).not.toContain(secret)
    const revealed = await operations.showDeadLetter(GROUP, event.id, { reveal: true })
    expect(revealed).toMatchObject({ body: event.data, error: 'the secret is 1234', subject: 'secret-cart' })
  })

  it('are replayed to their group, and count as dead until they are applied', async () => {
    const events = await kill(3)
    // Still broken: back it comes, and counts once.
    expect(await operations.replayDeadLetters(GROUP, [events[0]!.id])).toEqual({ replayed: 1, missing: [] })
    await eventually(async () => (await deadCount()) === 3)
    expect(await rig.books()).toMatchObject({ dead: 3, applied: 0 })

    broken = false
    const absent = newId()
    expect(await operations.replayDeadLetters(GROUP, [events[1]!.id, absent])).toEqual({
      replayed: 1,
      missing: [absent],
    })
    await rig.settle({ applied: 1, dead: 2, effects: 1 })
    expect(await operations.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 2, missing: [] })
    await rig.settle({ applied: 3, dead: 0, effects: 3, events: 3 })
    expect(await deadCount()).toBe(0)
  })

  it('are dropped by an operator, and the books say so', async () => {
    const events = await kill(3)
    expect(await operations.dropDeadLetters(GROUP, [events[0]!.id], { db: rig.db })).toEqual({
      dropped: 1,
      missing: [],
    })
    expect(await rig.books()).toMatchObject({ dead: 2, dropped: 1 })
    await operations.dropDeadLetters(GROUP, 'all', { db: rig.db })
    expect(await rig.books()).toMatchObject({ dead: 0, dropped: 3, applied: 0 })
    expect(await deadCount()).toBe(0)
    // It stays dropped, even if a copy turns up.
    broken = false
    await rig.enqueue(events[0]!)
    await rig.settle({ duplicates: 1, applied: 0 })
  })

  it('count once where the ack was lost and a second copy was made', async () => {
    const [event] = await kill(1)
    // Delivered again, it is recognised, and makes no second dead letter.
    await rig.enqueue(event!)
    await rig.settle({ dead: 1, duplicates: 1 })
    expect(await deadCount()).toBe(1)
    const channel = await rig.broker.openChannel()
    const copy = await channel.get(`${GROUP}.dead`)
    if (copy) {
      const { messageId, type, headers } = copy.properties
      channel.sendToQueue(`${GROUP}.dead`, copy.content, { messageId, type, headers, persistent: true })
    }
    await channel.close()
    await eventually(async () => (await deadCount()) === 2)
    expect((await operations.listDeadLetters(GROUP)).items).toMatchObject([{ copies: 2 }])
    broken = false
    expect(await operations.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 1, missing: [] })
    await rig.settle({ applied: 1, dead: 0, duplicates: 2, effects: 1 })
  })

  it('come from the broker itself where a message came back too often, and are replayed like any other', async () => {
    const event = noted('unlucky')
    await rig.enqueue(event)
    await eventually(async () => {
      const channel = await rig.broker.openChannel()
      await channel.get(GROUP)
      await channel.close()
      return (await deadCount()) === 1
    })
    expect((await operations.listDeadLetters(GROUP)).items).toMatchObject([
      { messageId: event.id, reason: 'delivery_limit' },
    ])
    broken = false
    await startConsumer()
    expect(await operations.replayDeadLetters(GROUP, [event.id])).toEqual({ replayed: 1, missing: [] })
    await rig.settle({ applied: 1, dead: 0, effects: 1 })
  })

  it('that are no events can be replayed and dropped with all others only', async () => {
    await rig.vhost.sendToQueue(GROUP, 'garbage')
    await startConsumer()
    await eventually(async () => (await deadCount()) === 1)
    expect((await operations.listDeadLetters(GROUP)).items).toMatchObject([
      { messageId: null, internal: true },
    ])
    // Dead again at once; it must not go round for ever.
    expect(await operations.replayDeadLetters(GROUP, 'all')).toEqual({ replayed: 1, missing: [] })
    await eventually(async () => (await deadCount()) === 1)
    await operations.dropDeadLetters(GROUP, 'all', { db: rig.db })
    await eventually(async () => (await deadCount()) === 0)
    expect(await rig.books()).toMatchObject({ dead: 0, dropped: 0, applied: 0 })
  })

  it('cannot be seen when the broker is away', async () => {
    await expect(openOperations({ url: 'amqp://127.0.0.1:1/' })).rejects.toThrow()
  })
})

describe('the outbox', () => {
  it('is summed up, and its parked events are listed and let go', async () => {
    await inTransaction(rig.db, async (trx) => {
      await emit(trx, ThingUnheard, { thingId: 'stuck', text: '' })
      await emit(trx, ThingNoted, { thingId: 'stuck', text: '' })
    })
    expect(await outboxSummary(rig.db)).toMatchObject({ waiting: 2, parked: 0 })
    const relay = await rig.relay()
    await eventually(async () => (await listParked(rig.db)).length === 1)
    await relay.stop()
    expect(await outboxSummary(rig.db)).toMatchObject({
      waiting: 1,
      parked: 1,
      byType: [
        { type: ThingNoted.type, waiting: 1, parked: 0 },
        { type: ThingUnheard.type, waiting: 0, parked: 1 },
      ],
    })
    const [parked] = await listParked(rig.db)
    expect(parked).toMatchObject({ type: ThingUnheard.type, reason: 'returned by the broker: NO_ROUTE' })
    expect(await unpark(rig.db, [newId()])).toBe(0)
    expect(await unpark(rig.db, [parked!.eventId])).toBe(1)
    expect(await outboxSummary(rig.db)).toMatchObject({ waiting: 2, parked: 0 })
  })
})

describe('the inbox', () => {
  it('forgets after thirty days, but never what is dead', async () => {
    for (const [state, days] of [
      ['applied', 31],
      ['applied', 29],
      ['dead', 400],
    ] as const)
      await sql`insert into inbox (consumer_group, event_id, state, recorded_at)
        values (${GROUP}, ${newId()}, ${state}, utc_timestamp(6) - interval ${days} day)`.execute(rig.db)
    expect(await purgeInbox(rig.db)).toBe(1)
    const { rows } = await sql<{ state: string }>`select state from inbox order by state`.execute(rig.db)
    expect(rows.map(({ state }) => state)).toEqual(['applied', 'dead'])
  })
})

describe('metrics', () => {
  it('tell what waits, what moves and what failed', async () => {
    await kill(1)
    broken = false
    await inTransaction(rig.db, (trx) => emit(trx, ThingUnheard, { thingId: 'a', text: '' }))
    await inTransaction(rig.db, (trx) => emit(trx, ThingNoted, { thingId: 'b', text: '' }))
    await rig.relay()
    await rig.settle({ applied: 1, waiting: 1 })
    const text = await register.metrics()
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
