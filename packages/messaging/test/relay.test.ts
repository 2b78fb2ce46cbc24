import { inTransaction, schemaOf } from '@storewright/database'
import { listParked, outboxSummary, unpark } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isBalanced, startProxy, total, withoutMandatory, withPublish } from './support/parts.ts'
import { readBooks, startRig, type Rig } from './support/rig.ts'
import { sayThings, type Trx } from './support/service.ts'
import { GROUP, ThingIgnored, ThingNoted, ThingUnheard, topology } from './support/things.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
afterEach(() => rig.clear())

const note = (trx: Trx, thingId: string, text = '') => emit(trx, ThingNoted, { thingId, text })
const parkedEvents = () =>
  eventually(async () => {
    const parked = await listParked(rig.db)
    return parked.length > 0 && parked
  })
const outbox = async () => (await outboxSummary(rig.db)).waiting
const effects = () => rig.db.selectFrom('effects').selectAll().orderBy('version').execute()

const bindUnheard = async () => {
  const channel = await rig.broker.openChannel()
  await channel.bindQueue(GROUP, topology.exchange, ThingUnheard.type)
  return async () => {
    await channel.unbindQueue(GROUP, topology.exchange, ThingUnheard.type)
    await channel.close()
  }
}

describe('the relay', () => {
  it('publishes CloudEvents whose body is the data alone, and then forgets them', async () => {
    const spy = await rig.vhost.spyOn(ThingNoted)
    await inTransaction(rig.db, (trx) => note(trx, 'mug', 'schön, "quoted" \\ and \u{1F375}'))
    await rig.relay()
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

  it('is woken by a commit of its own process, and finds those of others by looking', async () => {
    await rig.consumer()
    const relay = await rig.relay({ pollMs: 60_000 })
    await sayThings(rig.db, 1)
    await rig.settle({ applied: 1, waiting: 0 })
    await relay.stop()

    await rig.relay({ pollMs: 20 })
    await sql`insert into outbox (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data)
      values ('0190a0b0-0000-7000-8000-000000000001', ${ThingNoted.type}, 'from-afar', 1, 'c', utc_timestamp(6),
        '{"thingId":"from-afar","text":""}')`.execute(rig.db)
    await rig.settle({ applied: 2, waiting: 0 })
  })

  it('sends the events of one aggregate in their order', async () => {
    await rig.consumer()
    await rig.relay()
    await inTransaction(rig.db, async (trx) => {
      for (let index = 0; index < 60; index++) await note(trx, `thing-${index % 3}`)
    })
    await rig.settle({ applied: 60, waiting: 0 })
    const rows = await rig.db.selectFrom('effects').selectAll().orderBy('id').execute()
    for (const thing of ['thing-0', 'thing-1', 'thing-2']) {
      const versions = rows.filter((row) => row.thing_id === thing).map(({ version }) => Number(version))
      expect(versions).toEqual(versions.map((_, index) => index + 1))
    }
  })

  it('counts an event that needs no consumer as sent when nobody hears it', async () => {
    await inTransaction(rig.db, (trx) => emit(trx, ThingIgnored, { thingId: 'a', text: '' }))
    await rig.relay()
    await eventually(async () => (await readBooks(rig.db, '')).emitted === 1)
    expect(await outboxSummary(rig.db)).toMatchObject({ waiting: 0, parked: 0 })
  })
})

describe('an event that no queue takes', () => {
  it('stays in the outbox, parked, with the later events of its aggregate behind it, until it is let go', async () => {
    await inTransaction(rig.db, async (trx) => {
      await emit(trx, ThingUnheard, { thingId: 'stuck', text: '' })
      await note(trx, 'stuck')
      await note(trx, 'free')
    })
    await rig.consumer()
    await rig.relay()
    await rig.settle({ applied: 1, waiting: 2 })
    expect(await parkedEvents()).toMatchObject([
      {
        type: ThingUnheard.type,
        subject: 'stuck',
        aggregateVersion: 1,
        reason: 'returned by the broker: NO_ROUTE',
      },
    ])
    expect((await effects()).map(({ thing_id }) => thing_id)).toEqual(['free'])

    const unbind = await bindUnheard()
    expect(await unpark(rig.db, 'all')).toBe(1)
    // The group does not know the type, so there it is a dead letter; what matters is that it was handed over.
    await rig.settle({ applied: 2, dead: 1, waiting: 0 })
    await unbind()
  })

  it('is tried again by itself', async () => {
    await inTransaction(rig.db, (trx) => emit(trx, ThingUnheard, { thingId: 'stuck', text: '' }))
    await rig.relay()
    await eventually(async () => (await outboxSummary(rig.db)).parked === 1)
    const unbind = await bindUnheard()
    await eventually(async () => (await readBooks(rig.db)).waiting === 0)
    await unbind()
  })

  it('does not keep others from being sent, however many there are', async () => {
    await inTransaction(rig.db, async (trx) => {
      for (let index = 0; index < 120; index++)
        await emit(trx, ThingUnheard, { thingId: `u-${index}`, text: '' })
      for (let index = 0; index < 10; index++) await note(trx, `free-${index}`)
    })
    await rig.consumer()
    await rig.relay({ batchSize: 20 })
    await rig.settle({ applied: 10, waiting: 120 })
  })

  it('would be lost without the mandatory flag', async () => {
    await inTransaction(rig.db, (trx) => emit(trx, ThingUnheard, { thingId: 'stuck', text: '' }))
    await rig.relay({ broker: withoutMandatory(rig.broker) })
    await eventually(async () => (await readBooks(rig.db)).waiting === 0)
    expect((await readBooks(rig.db, '')).emitted).toBe(1)
    // Gone from the outbox, and in no queue.
    expect(await rig.vhost.peek(GROUP)).toEqual([])
    expect(isBalanced({ ...(await rig.books()), emitted: 1 }, 1)).toBe(false)
  })
})

describe('when only some events of a round fail', () => {
  it('deletes what was confirmed, parks what was refused, and sends nothing of an aggregate past a failure', async () => {
    let refusing = true
    const sent: string[] = []
    const broker = withPublish(rig.broker, (publish) => async (message) => {
      const { text } = JSON.parse(message.body.toString()) as { text: string }
      if (text === 'bad' && refusing) return { kind: 'refused', reason: 'because' }
      sent.push(text)
      return publish(message)
    })
    await inTransaction(rig.db, async (trx) => {
      for (const text of ['a1', 'bad', 'a3']) await note(trx, 'a', text)
      for (const text of ['b1', 'b2']) await note(trx, 'b', text)
    })
    await rig.consumer()
    await rig.relay({ broker })
    await rig.settle({ applied: 3, waiting: 2 })
    expect([...sent].sort()).toEqual(['a1', 'b1', 'b2'])
    expect(await parkedEvents()).toMatchObject([{ reason: 'refused: because', attempts: 1 }])

    refusing = false
    await unpark(rig.db, 'all')
    await rig.settle({ applied: 5, waiting: 0 })
    expect(sent.slice(3)).toEqual(['bad', 'a3'])
    expect(isBalanced(await rig.books(), 5)).toBe(true)
  })

  it('parks what alone gets no confirm, so that the others go on', async () => {
    const broker = withPublish(
      rig.broker,
      (publish) => async (message) =>
        message.body.toString().includes('mute') ? { kind: 'late', reason: 'no confirm' } : publish(message),
    )
    await inTransaction(rig.db, async (trx) => {
      await note(trx, 'a', 'mute')
      await note(trx, 'b')
    })
    await rig.consumer()
    await rig.relay({ broker })
    await rig.settle({ applied: 1, waiting: 1 })
    expect(await parkedEvents()).toMatchObject([{ subject: 'a', reason: 'no confirm' }])
  })
})

describe('a broker that neither confirms nor fails', () => {
  const unconfirmed = () => total('storewright_events_unconfirmed_total')

  it('is given up after a deadline, and everything is sent when it recovers', async () => {
    const proxy = await startProxy(rig.vhost.url)
    const broker = rig.openBroker({ url: proxy.url, confirmTimeoutMs: 300 })
    await rig.consumer()
    await rig.relay({ broker })
    await sayThings(rig.db, 1)
    await rig.settle({ applied: 1, waiting: 0 })
    const before = await unconfirmed()
    proxy.silence()
    await sayThings(rig.db, 20)
    // Some reached the broker, but nobody here knows it.
    await eventually(async () => (await unconfirmed()) > before && (await rig.books()).applied > 1)
    expect(await rig.books()).toMatchObject({ emitted: 1, waiting: 20 })
    proxy.speak()
    await rig.settle({ emitted: 21, applied: 21, waiting: 0 })
    expect(isBalanced(await rig.books(), 21)).toBe(true)
    await rig.stopAll()
    await proxy.close()
  })
})

describe('two relays on one outbox', () => {
  const holder = async () => {
    const { rows } = await sql<{ id: number | null }>`
      select is_used_lock(${`${schemaOf(rig.db)}.outbox-relay`}) as id`.execute(rig.db)
    return rows[0]?.id ?? undefined
  }
  const countPublished = () => {
    const ids: string[] = []
    const broker = withPublish(rig.broker, (publish) => (message) => {
      ids.push(String(message.properties.messageId))
      return publish(message)
    })
    return { ids, broker }
  }

  it('publish every event once, because only one of them is elected', async () => {
    const { ids, broker } = countPublished()
    await rig.consumer()
    await Promise.all([rig.relay({ broker }), rig.relay({ broker })])
    for (let round = 0; round < 5; round++) await sayThings(rig.db, 40)
    await rig.settle({ applied: 200, waiting: 0 })
    expect(ids).toHaveLength(200)
    expect(new Set(ids).size).toBe(200)
    expect(isBalanced(await rig.books(), 200)).toBe(true)
  })

  it('would publish events twice without the election', async () => {
    const { ids, broker } = countPublished()
    const elect = async () => ({ lost: new AbortController().signal, resign: async () => undefined })
    await sayThings(rig.db, 200)
    await Promise.all([rig.relay({ broker, elect }), rig.relay({ broker, elect })])
    await eventually(async () => (await outbox()) === 0)
    expect(ids.length).toBeGreaterThan(new Set(ids).size)
    // Even then nothing is counted twice.
    expect((await rig.books()).emitted).toBe(200)
  })

  it('take turns when the one that leads loses its lock', async () => {
    await rig.consumer()
    await Promise.all([rig.relay(), rig.relay()])
    const first = await eventually(holder)
    await sql.raw(`kill ${first}`).execute(rig.db)
    const second = await eventually(async () => {
      const id = await holder()
      return id !== first && id
    })
    expect(second).not.toBe(first)
    await sayThings(rig.db, 50)
    await rig.settle({ applied: 50, waiting: 0 })
    expect(isBalanced(await rig.books(), 50)).toBe(true)
  })
})
