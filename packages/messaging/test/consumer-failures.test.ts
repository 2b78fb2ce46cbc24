import type { Envelope, EventContract } from '@storewright/contracts'
import { on } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, eventually, toProperties } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { total, withFirstBatchOf } from './support/faults.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { recordEffect, subscriptions, type Trx } from './support/service.ts'
import { GROUP, many, noted, ThingIgnored, ThingNoted, topology } from './support/test-events.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
afterEach(() => harness.clear())

const deadLetters = () => harness.vhost.peek(`${GROUP}.dead`)
const enqueue = (...events: Envelope[]) => harness.enqueue(...events)
const retriedCount = () => total('storewright_events_retried_total')
const effects = () => harness.db.selectFrom('effects').selectAll().orderBy('id').execute()
const failing = (text: string, times = Infinity, error = () => new Error('not today')) => {
  let left = times
  return on(ThingNoted, async (trx: Trx, event) => {
    await recordEffect(trx, event)
    if (event.data.text === text && left-- > 0) throw error()
  })
}

describe('a handler that fails', () => {
  it('is retried later, its failed try rolled back, while other events are applied', async () => {
    await enqueue(noted('sour'), ...many(30, 'sweet'))
    await harness.consumer({ subscriptions: subscriptions(failing('sour', 2)) })
    await harness.settle({ applied: 31, effects: 31, events: 31, dead: 0 })
    const rows = await effects()
    expect(rows.at(-1)?.event_id).not.toBe(rows[0]?.event_id)
  })

  it('dead-letters the event after its last retry with reason, stack and headers, and applies all others', async () => {
    const sour = noted('sour')
    const retriedBefore = await retriedCount()
    await enqueue(...many(10), sour, ...many(20))
    const broker = withFirstBatchOf(30, harness.broker)
    let tries = 0
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      if (event.data.text === 'sour') {
        tries++
        throw new Error('never')
      }
      await recordEffect(trx, event)
    })
    await harness.consumer({ broker, subscriptions: subscriptions(handler) })
    await harness.settle({ applied: 30, dead: 1, effects: 30, events: 30 })
    expect((await retriedCount()) - retriedBefore).toBe(topology.retryTiers.length)
    // In its batch, then alone, then once per tier: when it comes back, nothing is left to share a batch with.
    expect(tries).toBe(2 + topology.retryTiers.length)
    const [deadLetter] = await deadLetters()
    expect(deadLetter).toMatchObject({
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
    expect(deadLetter?.headers['x-dead-stack']).toContain('consumer-failures.test.ts')
  })

  it('rolls back its effects and its events', async () => {
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      await emit(trx, ThingIgnored, { thingId: 'emitted', text: '' })
      await recordEffect(trx, event)
      throw new Error('after all')
    })
    await enqueue(noted())
    await harness.consumer({ subscriptions: subscriptions(handler) })
    await harness.settle({ dead: 1, effects: 0, waiting: 0 })
  })
})

describe('a message that is not a valid event', () => {
  const send = (
    body: string,
    event: Envelope,
    change: (properties: Properties) => void = () => undefined,
  ) => {
    const properties: Properties = toProperties(event)
    change(properties)
    return harness.vhost.sendToQueue(GROUP, body, properties)
  }
  type Properties = Record<string, unknown> & { headers: Record<string, unknown> }

  it('is dead-lettered at once with its reason, and valid events are applied', async () => {
    await enqueue(...many(5))
    await send('{"thingId": "a", ', noted())
    await send('{"thingId": "a", "text": 5}', noted())
    await send('{"thingId": "a"}', noted())
    await send('null', noted())
    await send('', noted())
    const unknown: EventContract = { ...ThingNoted, type: 'test.thing-unknown.v1' }
    await send('{}', anEvent(unknown, { thingId: 'a', text: '' }))
    await send('{"thingId":"a","text":""}', noted(), (properties) => delete properties['message_id'])
    await send('{"thingId":"a","text":""}', noted(), ({ headers }) => delete headers['cloudEvents:subject'])
    await send('\u0000\u0001', noted(), (properties) => {
      for (const name of Object.keys(properties)) if (name !== 'delivery_mode') delete properties[name]
    })
    await harness.consumer()
    // The id is in the headers as well, so one of them is a valid event.
    await harness.settle({ applied: 6, effects: 6, dead: 6 })
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

  it('is dead-lettered even when its headers fill a frame', async () => {
    await send('{', noted(), ({ headers }) => (headers['huge'] = 'x'.repeat(60_000)))
    await enqueue(...many(3))
    await harness.consumer()
    await harness.settle({ applied: 3, dead: 1 })
  })

  it('is applied with fields that its contract does not know', async () => {
    await send('{"thingId":"a","text":"","colour":"green"}', noted())
    await harness.consumer()
    await harness.settle({ applied: 1, dead: 0 })
  })
})

describe('a failure of the database', () => {
  const deadlock = () => Object.assign(new Error('Deadlock found'), { errno: 1213 })

  it('is retried in place and uses up no attempt', async () => {
    const before = await retriedCount()
    await enqueue(...many(5), noted('locked'), ...many(5))
    await harness.consumer({ subscriptions: subscriptions(failing('locked', 10, deadlock)) })
    await harness.settle({ applied: 11, effects: 11, events: 11, dead: 0 })
    expect(await retriedCount()).toBe(before)
  })

  it('that affects one message defers that one for as long as it lasts, without dead-lettering it', async () => {
    const before = await retriedCount()
    let locked = true
    const handler = on(ThingNoted, async (trx: Trx, event) => {
      await recordEffect(trx, event)
      if (event.data.text === 'locked' && locked) throw deadlock()
    })
    await enqueue(noted('locked'), ...many(10))
    await harness.consumer({ subscriptions: subscriptions(handler) })
    await harness.settle({ applied: 10, dead: 0 })
    locked = false
    await harness.settle({ applied: 11, effects: 11, dead: 0 })
    // More often than there are attempts, and still not dead-lettered.
    expect(await retriedCount()).toBeGreaterThan(before)
  })
})
