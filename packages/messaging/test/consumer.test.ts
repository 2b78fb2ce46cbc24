import { newId } from '@storewright/database'
import type { Envelope, EventContract } from '@storewright/contracts'
import { createConsumer, on, onBatch } from '@storewright/messaging'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, apiPath, emitted, eventually, managementApi, toProperties } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isBalanced, total } from './support/parts.ts'
import { startRig, type Rig } from './support/rig.ts'
import { recordEffect, sayThings, silent, subscriptions, type Trx } from './support/service.ts'
import { GROUP, ThingClosed, ThingIgnored, ThingNoted } from './support/things.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
afterEach(() => rig.clear())

const noted = (text = '', thingId = newId()) => anEvent(ThingNoted, { thingId, text })
const closed = (text = '', thingId = newId()) => anEvent(ThingClosed, { thingId, text })
const enqueue = (...events: Envelope[]) => rig.enqueue(...events)
const many = (count: number, text = '') => Array.from({ length: count }, () => noted(text))
const deadLetters = () => rig.vhost.peek(`${GROUP}.dead`)
const effects = () => rig.db.selectFrom('effects').selectAll().orderBy('id').execute()
const failing = (text: string, times = Infinity, error = () => new Error('not today')) => {
  let left = times
  return on(ThingNoted, async (trx: Trx, event) => {
    await recordEffect(trx, event)
    if (event.data.text === text && left-- > 0) throw error()
  })
}

describe('an event that comes more than once', () => {
  it('takes effect once, whether it comes again later or in the same batch', async () => {
    const events = many(20)
    await enqueue(...events, ...events)
    await rig.consumer()
    await rig.settle({ applied: 20, duplicates: 20 })
    await enqueue(...events.slice(0, 5))
    await rig.settle({ applied: 20, duplicates: 25, effects: 20, events: 20 })
  })

  it('takes effect once when two replicas get it at the same time', async () => {
    const events = many(60)
    await Promise.all([rig.consumer(), rig.consumer({ broker: rig.openBroker() })])
    await Promise.all(events.map((event) => enqueue(event, event)))
    await rig.settle({ applied: 60, duplicates: 60, effects: 60, events: 60 })
  })

  it('would take effect twice without the inbox', async () => {
    const [event] = many(1)
    const claim = async (_trx: unknown, _group: string, claims: readonly { id: string }[]) => ({
      fresh: new Set(claims.map(({ id }) => id)),
      revived: new Set<string>(),
    })
    await rig.consumer({ inbox: { claim } })
    await enqueue(event!, event!)
    await rig.settle({ effects: 2, events: 1 })
    expect(isBalanced({ ...(await rig.books()), emitted: 1 }, 1)).toBe(false)
  })
})

describe('a handler that fails', () => {
  it('is tried again later, with nothing left of the failed try, while others pass it', async () => {
    await enqueue(noted('sour'), ...many(30, 'sweet'))
    await rig.consumer({ subscriptions: subscriptions(failing('sour', 2)) })
    await rig.settle({ applied: 31, effects: 31, events: 31, dead: 0 })
    const rows = await effects()
    expect(rows.at(-1)?.event_id).not.toBe(rows[0]?.event_id)
  })

  it('gives the event up after its last retry, with reason, stack and headers, and harms no other', async () => {
    const sour = noted('sour')
    await enqueue(...many(10), sour, ...many(20))
    let tries = 0
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      if (event.data.text === 'sour') {
        tries++
        throw new Error('never')
      }
      await recordEffect(trx, event)
    })
    await rig.consumer({ subscriptions: subscriptions(handler) })
    await rig.settle({ applied: 30, dead: 1, effects: 30, events: 30 })
    // Once in its batch and once alone, then once per tier.
    expect(tries).toBe(4)
    const [letter] = await deadLetters()
    expect(letter).toMatchObject({
      messageId: sour.id,
      type: ThingNoted.type,
      correlationId: sour.correlationId,
      data: sour.data,
      headers: {
        'cloudEvents:id': sour.id,
        'cloudEvents:subject': sour.subject,
        'x-attempt': 3,
        'x-dead-reason': 'handler-failed',
        'x-dead-error': 'never',
      },
    })
    expect(letter?.headers['x-dead-stack']).toContain('consumer.test.ts')
  })

  it('takes its effects and its events back', async () => {
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      await emit(trx, ThingIgnored, { thingId: 'said', text: '' })
      await recordEffect(trx, event)
      throw new Error('after all')
    })
    await enqueue(noted())
    await rig.consumer({ subscriptions: subscriptions(handler) })
    await rig.settle({ dead: 1, effects: 0, waiting: 0 })
  })
})

describe('a message that is no event of ours', () => {
  const send = (
    body: string,
    event: Envelope,
    change: (properties: Properties) => void = () => undefined,
  ) => {
    const properties: Properties = toProperties(event)
    change(properties)
    return rig.vhost.sendToQueue(GROUP, body, properties)
  }
  type Properties = Record<string, unknown> & { headers: Record<string, unknown> }

  it('goes to the dead letters at once, with its reason, and costs nobody else anything', async () => {
    const innocent = many(5)
    await enqueue(...innocent)
    await send('{"thingId": "a", ', noted())
    await send('{"thingId": "a", "text": 5}', noted())
    await send('{"thingId": "a"}', noted())
    await send('null', noted())
    await send('', noted())
    const stranger: EventContract = { ...ThingNoted, type: 'test.thing-unknown.v1' }
    await send('{}', anEvent(stranger, { thingId: 'a', text: '' }))
    await send('{"thingId":"a","text":""}', noted(), (properties) => delete properties['message_id'])
    await send('{"thingId":"a","text":""}', noted(), ({ headers }) => delete headers['cloudEvents:subject'])
    await send('\u0000\u0001', noted(), (properties) => {
      for (const name of Object.keys(properties)) if (name !== 'delivery_mode') delete properties[name]
    })
    await rig.consumer()
    // The id stands in the headers as well, so one of them is an event after all.
    await rig.settle({ applied: 6, effects: 6, dead: 6 })
    await eventually(async () => (await deadLetters()).length === 8)
    const reasons = (await deadLetters()).map(({ headers }) => headers['x-dead-reason'])
    expect(reasons.sort()).toEqual([
      'contract-violated',
      'contract-violated',
      'contract-violated',
      'not-an-envelope',
      'not-json',
      'not-json',
      'unknown-type',
      'unknown-type',
    ])
  })

  it('cannot stay in the way with headers that fit no frame twice', async () => {
    await send('{', noted(), ({ headers }) => (headers['huge'] = 'x'.repeat(60_000)))
    await enqueue(...many(3))
    await rig.consumer()
    await rig.settle({ applied: 3, dead: 1 })
  })

  it('may carry fields that we do not know yet', async () => {
    await send('{"thingId":"a","text":"","colour":"green"}', noted())
    await rig.consumer()
    await rig.settle({ applied: 1, dead: 0 })
  })
})

describe('a batch', () => {
  it('hands events to their subscriptions in the order of the list, each type in the order of arrival', async () => {
    const events = Array.from({ length: 30 }, (_, index) => (index % 2 ? noted : closed)(String(index)))
    const batches: string[][] = []
    await enqueue(noted('first'), ...events)
    await rig.consumer({
      subscriptions: subscriptions(
        onBatch(ThingNoted, async (trx: Trx, batch) => {
          batches.push(batch.map(({ data }) => data.text))
          for (const event of batch) await recordEffect(trx, event)
        }),
      ),
    })
    await rig.settle({ applied: 31 })
    const textsOf = (type: string) =>
      events.filter((event) => event.type === type).map(({ data }) => data.text)
    expect(batches.flat()).toEqual(['first', ...textsOf(ThingNoted.type)])
    // What came in between may have been cut into several batches, but not into single events.
    expect(batches.length).toBeLessThan(10)
    const rows = await effects()
    const handled = rows.map(({ event_id }) => events.findIndex(({ id }) => id === event_id)).slice(1)
    const closedOnes = handled.filter((position) => position % 2 === 0)
    expect(closedOnes).toEqual([...closedOnes].sort((one, other) => one - other))
    // The first to arrive is of the type that is listed second.
    expect(handled[0]).toBe(1)
  })

  it('follows the correlation of each event, not of its neighbours', async () => {
    const alone: (string | undefined)[] = []
    const [a, b, c] = [closed(), noted('b'), noted('c')]
    await enqueue(noted('first'), a, b, c)
    await rig.consumer({
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
    await rig.settle({ applied: 4 })
    const said = await emitted(rig.db, ThingIgnored)
    const causes = new Map(said.map((event) => [event.causationId, event.correlationId]))
    for (const event of [a, b, c]) expect(causes.get(event.id)).toBe(event.correlationId)
    expect(alone).toEqual([a.correlationId])
  })
})

describe('a failure of the database', () => {
  const retried = () => total('storewright_events_retried_total')
  const deadlock = () => Object.assign(new Error('Deadlock found'), { errno: 1213 })

  it('is not the message’s fault: it is tried again in place and uses up no attempt', async () => {
    const before = await retried()
    await enqueue(...many(5), noted('locked'), ...many(5))
    await rig.consumer({ subscriptions: subscriptions(failing('locked', 10, deadlock)) })
    await rig.settle({ applied: 11, effects: 11, events: 11, dead: 0 })
    expect(await retried()).toBe(before)
  })

  it('that strikes one message only moves that out of the way, for as long as it lasts', async () => {
    const before = await retried()
    let locked = true
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      await recordEffect(trx, event)
      if (event.data.text === 'locked' && locked) throw deadlock()
    })
    await enqueue(noted('locked'), ...many(10))
    await rig.consumer({ subscriptions: subscriptions(handler) })
    await rig.settle({ applied: 10, dead: 0 })
    locked = false
    await rig.settle({ applied: 11, effects: 11, dead: 0 })
    // More often than there are attempts, and still it was not given up.
    expect(await retried()).toBeGreaterThan(before)
  })
})

describe('the connection', () => {
  it('comes back when the broker closes it, mid-stream, and nothing is lost or doubled', async () => {
    await rig.consumer()
    await rig.relay()
    const api = managementApi(rig.vhost.managementUrl)
    const closeAll = async () => {
      const connections = await api<{ name: string }[]>(
        'GET',
        `${apiPath('vhosts', rig.vhost.name)}/connections`,
      )
      for (const { name } of connections)
        await api('DELETE', apiPath('connections', name)).catch(() => undefined)
      return connections.length
    }
    const saying = sayThings(rig.db, 300)
    await eventually(async () => (await rig.books()).applied > 20 && (await closeAll()) > 0)
    await saying
    await sayThings(rig.db, 100)
    await rig.settle({ applied: 400, emitted: 400, waiting: 0 })
    expect(isBalanced(await rig.books(), 400)).toBe(true)
  })

  it('resubscribes, and declares its queue anew, when that is deleted under it', async () => {
    await rig.consumer()
    await enqueue(noted())
    await rig.settle({ applied: 1 })
    await managementApi(rig.vhost.managementUrl)('DELETE', apiPath('queues', rig.vhost.name, GROUP))
    const after = noted('after')
    await eventually(async () => {
      await rig.vhost.sendToQueue(GROUP, JSON.stringify(after.data), toProperties(after))
      return true
    })
    await rig.settle({ applied: 2 })
  })
})

describe('stopping', () => {
  it('finishes what is in hand and leaves the rest to others', async () => {
    await enqueue(...many(150))
    let release = () => undefined as void
    const gate = new Promise<void>((resolve) => (release = resolve))
    let begun = 0
    const slow = onBatch(ThingNoted, async (trx: Trx, batch) => {
      begun += batch.length
      if (begun > 1) await gate
      for (const event of batch) await recordEffect(trx, event)
    })
    const consumer = await rig.consumer({ subscriptions: subscriptions(slow) })
    await eventually(() => begun > 1)
    const stopping = consumer.stop()
    release()
    await stopping
    const { applied } = await rig.books()
    expect(applied).toBe(begun)
    expect(applied).toBeLessThan(150)

    await rig.consumer()
    await rig.settle({ applied: 150, effects: 150, duplicates: 0 })
  })
})

describe('a consumer', () => {
  it('must handle exactly what its group hears', () => {
    const options = { db: rig.db, broker: rig.broker, logger: silent }
    const twice = [...subscriptions(), on(ThingNoted, recordEffect)]
    expect(() => createConsumer({ ...options, group: GROUP, subscriptions: twice })).toThrow('handled twice')
    expect(() => createConsumer({ ...options, group: GROUP, subscriptions: [] })).toThrow(
      'heard but not handled',
    )
    expect(() =>
      createConsumer({
        ...options,
        group: GROUP,
        subscriptions: [...subscriptions(), on(ThingIgnored, recordEffect)],
      }),
    ).toThrow('handled but not heard')
    expect(() => createConsumer({ ...options, group: 'nobody', subscriptions: [] })).toThrow(
      'no consumer group',
    )
  })
})
