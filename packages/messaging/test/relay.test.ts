import { inTransaction, schemaOf } from '@storewright/database'
import { listParkedEvents, summariseOutbox, unparkEvents } from '@storewright/messaging/admin/outbox'
import { emit } from '@storewright/messaging/outbox'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isBalanced, startProxy, total, withoutMandatory, withPublish } from './support/faults.ts'
import { readCounts, startHarness, type Harness } from './support/harness.ts'
import { emitThings, type Trx } from './support/service.ts'
import { GROUP, ThingIgnored, ThingNoted, ThingUnrouted, topology } from './support/test-events.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
afterEach(() => harness.clear())

const note = (trx: Trx, thingId: string, text = '') => emit(trx, ThingNoted, { thingId, text })
const parkedEvents = () =>
  eventually(async () => {
    const parked = await listParkedEvents(harness.db)
    return parked.length > 0 && parked
  })
const outbox = async () => (await summariseOutbox(harness.db)).waiting
const effects = () => harness.db.selectFrom('effects').selectAll().orderBy('version').execute()

const bindUnrouted = async () => {
  const channel = await harness.broker.openChannel()
  await channel.bindQueue(GROUP, topology.exchange, ThingUnrouted.type)
  return async () => {
    await channel.unbindQueue(GROUP, topology.exchange, ThingUnrouted.type)
    await channel.close()
  }
}

describe('the relay', () => {
  it('publishes CloudEvents whose body is the data alone and then deletes them from the outbox', async () => {
    const spy = await harness.vhost.spyOn(ThingNoted)
    await inTransaction(harness.db, (trx) => note(trx, 'mug', 'schön, "quoted" \\ and \u{1F375}'))
    await harness.relay()
    const [message] = await eventually(async () => {
      const messages = await spy.messages()
      return messages.length > 0 && messages
    })
    expect(message).toMatchObject({
      type: 'test.thing-noted.v1',
      data: { thingId: 'mug', text: 'schön, "quoted" \\ and \u{1F375}' },
      headers: {
        'cloudEvents:specversion': '1.0',
        'cloudEvents:id': message?.messageId,
        'cloudEvents:type': 'test.thing-noted.v1',
        'cloudEvents:source': '/storewright/test',
        'cloudEvents:subject': 'mug',
        'cloudEvents:aggregateversion': 1,
        'cloudEvents:dataschema': 'urn:storewright:schema:test.thing-noted.v1',
        'x-attempt': 1,
      },
    })
    expect(message?.headers['cloudEvents:time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    await eventually(async () => (await outbox()) === 0)
  })

  it('is notified by a commit of its own process and finds those of others by polling', async () => {
    await harness.consumer()
    const relay = await harness.relay({ pollMs: 60_000 })
    await emitThings(harness.db, 1)
    await harness.settle({ applied: 1, waiting: 0 })
    await relay.stop()

    await harness.relay({ pollMs: 20 })
    await sql`insert into outbox (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data)
      values ('0190a0b0-0000-7000-8000-000000000001', ${ThingNoted.type}, 'from-afar', 1, 'c', utc_timestamp(6),
        '{"thingId":"from-afar","text":""}')`.execute(harness.db)
    await harness.settle({ applied: 2, waiting: 0 })
  })

  it('publishes the events of one aggregate in order', async () => {
    await harness.consumer()
    await harness.relay()
    await inTransaction(harness.db, async (trx) => {
      for (let index = 0; index < 60; index++) await note(trx, `thing-${index % 3}`)
    })
    await harness.settle({ applied: 60, waiting: 0 })
    const rows = await harness.db.selectFrom('effects').selectAll().orderBy('id').execute()
    for (const thing of ['thing-0', 'thing-1', 'thing-2']) {
      const versions = rows.filter((row) => row.thing_id === thing).map(({ version }) => Number(version))
      expect(versions).toEqual(versions.map((_, index) => index + 1))
    }
  })

  it('deletes an unroutable event whose contract needs no consumer', async () => {
    await inTransaction(harness.db, (trx) => emit(trx, ThingIgnored, { thingId: 'a', text: '' }))
    await harness.relay()
    await eventually(async () => (await readCounts(harness.db, '')).emitted === 1)
    expect(await summariseOutbox(harness.db)).toMatchObject({ waiting: 0, parked: 0 })
  })
})

describe('an unroutable event', () => {
  it('is parked in the outbox with the later events of its aggregate behind it until it is unparked', async () => {
    await inTransaction(harness.db, async (trx) => {
      await emit(trx, ThingUnrouted, { thingId: 'stuck', text: '' })
      await note(trx, 'stuck')
      await note(trx, 'free')
    })
    await harness.consumer()
    await harness.relay()
    await harness.settle({ applied: 1, waiting: 2 })
    expect(await parkedEvents()).toMatchObject([
      {
        type: ThingUnrouted.type,
        subject: 'stuck',
        aggregateVersion: 1,
        reason: 'returned by the broker: NO_ROUTE',
      },
    ])
    expect((await effects()).map(({ thing_id }) => thing_id)).toEqual(['free'])

    const unbind = await bindUnrouted()
    expect(await unparkEvents(harness.db, 'all')).toBe(1)
    // The group does not know the type and dead-letters it; what matters is that it was published.
    await harness.settle({ applied: 2, dead: 1, waiting: 0 })
    await unbind()
  })

  it('is retried without an operator', async () => {
    await inTransaction(harness.db, (trx) => emit(trx, ThingUnrouted, { thingId: 'stuck', text: '' }))
    await harness.relay()
    await eventually(async () => (await summariseOutbox(harness.db)).parked === 1)
    const unbind = await bindUnrouted()
    await eventually(async () => (await readCounts(harness.db)).waiting === 0)
    await unbind()
  })

  it('does not delay other events, even when a whole batch is unroutable', async () => {
    await inTransaction(harness.db, async (trx) => {
      for (let index = 0; index < 120; index++)
        await emit(trx, ThingUnrouted, { thingId: `u-${index}`, text: '' })
      for (let index = 0; index < 10; index++) await note(trx, `free-${index}`)
    })
    await harness.consumer()
    await harness.relay({ batchSize: 20 })
    await harness.settle({ applied: 10, waiting: 120 })
  })

  it('is lost when it is published without the mandatory flag', async () => {
    await inTransaction(harness.db, (trx) => emit(trx, ThingUnrouted, { thingId: 'stuck', text: '' }))
    await harness.relay({ broker: withoutMandatory(harness.broker) })
    await eventually(async () => (await readCounts(harness.db)).waiting === 0)
    expect((await readCounts(harness.db, '')).emitted).toBe(1)
    // Gone from the outbox, and in no queue.
    expect(await harness.vhost.peek(GROUP)).toEqual([])
    expect(isBalanced({ ...(await harness.counts()), emitted: 1 }, 1)).toBe(false)
  })
})

describe('a round in which only some events fail', () => {
  it('deletes what was confirmed, parks what was refused, and publishes no later event of the refused one’s aggregate', async () => {
    let refusing = true
    const sent: string[] = []
    const broker = withPublish(harness.broker, (publish) => async (message) => {
      const { text } = JSON.parse(message.body.toString()) as { text: string }
      if (text === 'bad' && refusing) return { kind: 'refused', reason: 'because' }
      sent.push(text)
      return publish(message)
    })
    await inTransaction(harness.db, async (trx) => {
      for (const text of ['a1', 'bad', 'a3']) await note(trx, 'a', text)
      for (const text of ['b1', 'b2']) await note(trx, 'b', text)
    })
    await harness.consumer()
    await harness.relay({ broker })
    await harness.settle({ applied: 3, waiting: 2 })
    expect([...sent].sort()).toEqual(['a1', 'b1', 'b2'])
    expect(await parkedEvents()).toMatchObject([{ reason: 'refused: because', attempts: 1 }])

    refusing = false
    await unparkEvents(harness.db, 'all')
    await harness.settle({ applied: 5, waiting: 0 })
    expect(sent.slice(3)).toEqual(['bad', 'a3'])
    expect(isBalanced(await harness.counts(), 5)).toBe(true)
  })

  it('parks an event that alone gets no confirm, so that the others continue', async () => {
    const broker = withPublish(
      harness.broker,
      (publish) => async (message) =>
        message.body.toString().includes('mute') ? { kind: 'late', reason: 'no confirm' } : publish(message),
    )
    await inTransaction(harness.db, async (trx) => {
      await note(trx, 'a', 'mute')
      await note(trx, 'b')
    })
    await harness.consumer()
    await harness.relay({ broker })
    await harness.settle({ applied: 1, waiting: 1 })
    expect(await parkedEvents()).toMatchObject([{ subject: 'a', reason: 'no confirm' }])
  })
})

describe('a broker that neither confirms nor fails', () => {
  const unconfirmed = () => total('storewright_events_unconfirmed_total')

  it('gets a new channel after a deadline, and every event is published once it recovers', async () => {
    const proxy = await startProxy(harness.vhost.url)
    const broker = harness.openBroker({ url: proxy.url, confirmTimeoutMs: 300 })
    await harness.consumer()
    await harness.relay({ broker })
    await emitThings(harness.db, 1)
    await harness.settle({ applied: 1, waiting: 0 })
    const before = await unconfirmed()
    proxy.swallowAnswers()
    await emitThings(harness.db, 20)
    // Some reached the broker, but their confirms did not come back.
    await eventually(async () => (await unconfirmed()) > before && (await harness.counts()).applied > 1)
    expect(await harness.counts()).toMatchObject({ emitted: 1, waiting: 20 })
    proxy.passAnswers()
    await harness.settle({ emitted: 21, applied: 21, waiting: 0 })
    expect(isBalanced(await harness.counts(), 21)).toBe(true)
    await harness.stopAll()
    await proxy.close()
  })
})

describe('two relays on one outbox', () => {
  const holder = async () => {
    const { rows } = await sql<{ id: number | null }>`
      select is_used_lock(${`${schemaOf(harness.db)}.outbox-relay`}) as id`.execute(harness.db)
    return rows[0]?.id ?? undefined
  }
  const countPublished = () => {
    const ids: string[] = []
    const broker = withPublish(harness.broker, (publish) => (message) => {
      ids.push(String(message.properties.messageId))
      return publish(message)
    })
    return { ids, broker }
  }

  it('publish every event once, because only one holds the leader lock', async () => {
    const { ids, broker } = countPublished()
    await harness.consumer()
    await Promise.all([harness.relay({ broker }), harness.relay({ broker })])
    for (let round = 0; round < 5; round++) await emitThings(harness.db, 40)
    await harness.settle({ applied: 200, waiting: 0 })
    expect(ids).toHaveLength(200)
    expect(new Set(ids).size).toBe(200)
    expect(isBalanced(await harness.counts(), 200)).toBe(true)
  })

  it('publish events twice without the leader lock', async () => {
    const { ids, broker } = countPublished()
    const acquire = async () => ({
      lost: new AbortController().signal,
      isOutboxEmpty: async () => false,
      release: async () => undefined,
    })
    await emitThings(harness.db, 200)
    await Promise.all([harness.relay({ broker }, { acquire }), harness.relay({ broker }, { acquire })])
    await eventually(async () => (await outbox()) === 0)
    expect(ids.length).toBeGreaterThan(new Set(ids).size)
    // Even then nothing is counted twice.
    expect((await harness.counts()).emitted).toBe(200)
  })

  it('change over when the leader loses its lock', async () => {
    await harness.consumer()
    await Promise.all([harness.relay(), harness.relay()])
    const first = await eventually(holder)
    await sql.raw(`kill ${first}`).execute(harness.db)
    const second = await eventually(async () => {
      const id = await holder()
      return id !== first && id
    })
    expect(second).not.toBe(first)
    await emitThings(harness.db, 50)
    await harness.settle({ applied: 50, waiting: 0 })
    expect(isBalanced(await harness.counts(), 50)).toBe(true)
  })
})
