import type { Envelope } from '@storewright/contracts'
import { createConsumer, on, onBatch } from '@storewright/messaging'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { emit } from '@storewright/messaging/outbox'
import { apiPath, emitted, eventually, managementApi, toProperties } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { isBalanced } from './support/faults.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { recordEffect, emitThings, silent, subscriptions, type Trx } from './support/service.ts'
import {
  closed,
  GROUP,
  many,
  noted,
  ThingClosed,
  ThingIgnored,
  ThingNoted,
  topology,
} from './support/test-events.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
afterEach(() => harness.clear())

const enqueue = (...events: Envelope[]) => harness.enqueue(...events)
const effects = () => harness.db.selectFrom('effects').selectAll().orderBy('id').execute()

describe('an event that is delivered more than once', () => {
  it('takes effect once, whether the repeat comes later or in the same batch', async () => {
    const events = many(20)
    await enqueue(...events, ...events)
    await harness.consumer()
    await harness.settle({ applied: 20, duplicates: 20 })
    await enqueue(...events.slice(0, 5))
    await harness.settle({ applied: 20, duplicates: 25, effects: 20, events: 20 })
  })

  it('takes effect once when two replicas receive it at the same time', async () => {
    const events = many(60)
    await Promise.all([harness.consumer(), harness.consumer({ broker: harness.openBroker() })])
    await Promise.all(events.map((event) => enqueue(event, event)))
    await harness.settle({ applied: 60, duplicates: 60, effects: 60, events: 60 })
  })

  it('takes effect twice when the inbox is replaced by one that claims everything', async () => {
    const [event] = many(1)
    const claim = async (_trx: unknown, _group: string, claims: readonly { id: string }[]) => ({
      fresh: new Set(claims.map(({ id }) => id)),
      revived: new Set<string>(),
    })
    await harness.consumer({}, { inbox: { claim } })
    await enqueue(event!, event!)
    await harness.settle({ effects: 2, events: 1 })
    expect(isBalanced({ ...(await harness.counts()), emitted: 1 }, 1)).toBe(false)
  })
})

describe('a batch', () => {
  it('passes events to subscriptions in the order of the list, each type in order of arrival', async () => {
    const events = Array.from({ length: 30 }, (_, index) => (index % 2 ? noted : closed)(String(index)))
    const batches: string[][] = []
    await enqueue(noted('first'), ...events)
    await harness.consumer({
      subscriptions: subscriptions(
        onBatch(ThingNoted, async (trx: Trx, batch) => {
          batches.push(batch.map(({ data }) => data.text))
          for (const event of batch) await recordEffect(trx, event)
        }),
      ),
    })
    await harness.settle({ applied: 31 })
    const textsOf = (type: string) =>
      events.filter((event) => event.type === type).map(({ data }) => data.text)
    expect(batches.flat()).toEqual(['first', ...textsOf(ThingNoted.type)])
    // It may have come in several batches, but not one by one.
    expect(batches.length).toBeLessThan(10)
    const rows = await effects()
    const handled = rows.map(({ event_id }) => events.findIndex(({ id }) => id === event_id)).slice(1)
    const closedOnes = handled.filter((position) => position % 2 === 0)
    expect(closedOnes).toEqual([...closedOnes].sort((one, other) => one - other))
    // The first to arrive is of the type that is listed second.
    expect(handled[0]).toBe(1)
  })

  it('waits for more events as long as the group lingers, and no longer', async () => {
    const sizes: number[] = []
    await harness.consumer({
      batchSize: 3,
      lingerMs: 500,
      subscriptions: subscriptions(
        onBatch(ThingNoted, async (trx: Trx, batch) => {
          sizes.push(batch.length)
          for (const event of batch) await recordEffect(trx, event)
        }),
      ),
    })
    await enqueue(noted('alone, because a consumer begins one by one'))
    await harness.settle({ applied: 1 })
    for (const text of ['one', 'two', 'three', 'too late for a full batch']) await enqueue(noted(text))
    await harness.settle({ applied: 5 })
    expect(sizes).toEqual([1, 3, 1])
  })

  it('emits with the correlation of the event that is the cause, not of others in the batch', async () => {
    const alone: (string | undefined)[] = []
    const [a, b, c] = [closed(), noted('b'), noted('c')]
    await enqueue(noted('first'), a, b, c)
    await harness.consumer({
      subscriptions: [
        onBatch(ThingNoted, async (trx: Trx, batch) => {
          for (const cause of batch) await emit(trx, ThingIgnored, cause.data, { cause })
        }),
        on(ThingClosed, async (trx: Trx, event) => {
          alone.push(currentCorrelation()?.correlationId)
          await emit(trx, ThingIgnored, event.data)
        }),
        ...subscriptions().slice(2),
      ],
    })
    await harness.settle({ applied: 4 })
    const events = await emitted(harness.db, ThingIgnored)
    const causes = new Map(events.map((event) => [event.causationId, event.correlationId]))
    for (const event of [a, b, c]) expect(causes.get(event.id)).toBe(event.correlationId)
    expect(alone).toEqual([a.correlationId])
  })
})

describe('the connection', () => {
  it('is reopened when the broker closes it mid-stream, and every event takes effect once', async () => {
    await harness.consumer()
    await harness.relay()
    const api = managementApi(harness.vhost.managementUrl)
    const closeAll = async () => {
      const connections = await api<{ name: string }[]>(
        'GET',
        `${apiPath('vhosts', harness.vhost.name)}/connections`,
      )
      for (const { name } of connections)
        await api('DELETE', apiPath('connections', name)).catch(() => undefined)
      return connections.length
    }
    const emitting = emitThings(harness.db, 300)
    await eventually(async () => (await harness.counts()).applied > 20 && (await closeAll()) > 0)
    await emitting
    await emitThings(harness.db, 100)
    await harness.settle({ applied: 400, emitted: 400, waiting: 0 })
    expect(isBalanced(await harness.counts(), 400)).toBe(true)
  })

  it('subscribes again and declares its queue when that was deleted', async () => {
    await harness.consumer()
    await enqueue(noted())
    await harness.settle({ applied: 1 })
    await managementApi(harness.vhost.managementUrl)('DELETE', apiPath('queues', harness.vhost.name, GROUP))
    const after = noted('after')
    await eventually(async () => {
      await harness.vhost.sendToQueue(GROUP, JSON.stringify(after.data), toProperties(after))
      return true
    })
    await harness.settle({ applied: 2 })
  })
})

describe('a consumer that stops', () => {
  it('finishes the batch that is being handled and leaves the rest to other replicas', async () => {
    await enqueue(...many(150))
    let release = () => undefined as void
    const gate = new Promise<void>((resolve) => (release = resolve))
    let begun = 0
    const slow = onBatch(ThingNoted, async (trx: Trx, batch) => {
      begun += batch.length
      if (begun > 1) await gate
      for (const event of batch) await recordEffect(trx, event)
    })
    const consumer = await harness.consumer({ subscriptions: subscriptions(slow) })
    await eventually(() => begun > 1)
    const stopping = consumer.stop()
    release()
    await stopping
    const { applied } = await harness.counts()
    expect(applied).toBe(begun)
    expect(applied).toBeLessThan(150)

    await harness.consumer()
    await harness.settle({ applied: 150, effects: 150, duplicates: 0 })
  })
})

describe('a consumer', () => {
  it('is refused unless it handles exactly the events of a group of its own service, each once', () => {
    const options = { db: harness.db, broker: harness.broker, logger: silent }
    const twice = [...subscriptions(), on(ThingNoted, recordEffect)]
    expect(() => createConsumer({ ...options, group: GROUP, subscriptions: twice })).toThrow(
      'has two handlers',
    )
    expect(() => createConsumer({ ...options, group: GROUP, subscriptions: [] })).toThrow(
      'is in the group but has no handler',
    )
    expect(() =>
      createConsumer({
        ...options,
        group: GROUP,
        subscriptions: [...subscriptions(), on(ThingIgnored, recordEffect)],
      }),
    ).toThrow('has a handler but is not in the group')
    const unlisted = { ...harness.broker, topology: { ...topology, groups: {} as typeof topology.groups } }
    expect(() => createConsumer({ ...options, broker: unlisted, group: GROUP, subscriptions: [] })).toThrow(
      'no consumer group',
    )
    const foreign = { ...harness.broker, name: 'other' }
    expect(() => createConsumer({ ...options, broker: foreign, group: GROUP, subscriptions: [] })).toThrow(
      'does not belong to other',
    )
    type Group = Parameters<typeof createConsumer<unknown, typeof GROUP>>[0]['group']
    expectTypeOf<'test.unlisted'>().not.toExtend<Group>()
  })
})
