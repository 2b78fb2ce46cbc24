import { about, defineEvent } from '@storewright/contracts'
import type { ConsumeMessage } from 'amqplib'
import { Type } from 'typebox'
import { describe, expect, it } from 'vitest'
import { attemptOf, idOf, readEnvelope, toMessage, typeOf, type OutgoingMessage } from './envelope.ts'

const ThingDone = defineEvent('shop.thing-done.v1', about('thingId'), { thingId: Type.String() })

const row = {
  id: 1,
  eventId: '0190a0b0-0000-7000-8000-000000000001',
  type: ThingDone.type,
  subject: 'thing',
  aggregateVersion: 3,
  correlationId: 'request',
  causationId: 'cause',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  time: '2026-01-31T09:30:00.123456Z',
  data: '{"thingId":"thing"}',
  replay: 0,
}

/** A published message as the broker delivers it. */
const arrived = ({
  routingKey,
  body,
  properties,
}: Omit<OutgoingMessage, 'properties'> & { properties: object }) =>
  ({
    content: body,
    fields: { deliveryTag: 1, redelivered: false, exchange: '', routingKey, consumerTag: '' },
    properties,
  }) as unknown as ConsumeMessage

describe('an event on the wire', () => {
  it('arrives with the attributes and data that were published', () => {
    const reading = readEnvelope(arrived(toMessage(row, 'events', 'shop')), ThingDone)
    expect(reading).toEqual({
      ok: true,
      envelope: {
        id: row.eventId,
        type: ThingDone.type,
        source: '/storewright/shop',
        subject: 'thing',
        time: row.time,
        aggregateVersion: 3,
        correlationId: 'request',
        causationId: 'cause',
        traceparent: row.traceparent,
        data: { thingId: 'thing' },
      },
    })
  })

  it('has a header where its owner repeats its state', () => {
    const message = toMessage({ ...row, replay: 1 }, 'events', 'shop')
    expect(message.properties.headers).toMatchObject({ 'x-replay': true })
    expect(readEnvelope(arrived(message), ThingDone)).toMatchObject({ envelope: { replay: true } })
    expect(toMessage(row, 'events', 'shop').properties.headers).not.toHaveProperty('x-replay')
  })

  it('may lack a cause and a trace context', () => {
    const message = toMessage({ ...row, causationId: null, traceparent: null }, 'events', 'shop')
    expect(message.properties.headers).not.toHaveProperty('traceparent')
    expect(readEnvelope(arrived(message), ThingDone)).toMatchObject({
      envelope: { causationId: null, traceparent: undefined },
    })
  })

  it('keeps its type when a retry queue delivers it under the group’s routing key', () => {
    const message = arrived({ ...toMessage(row, '', 'shop'), routingKey: 'shop.things' })
    expect(typeOf(message)).toBe(ThingDone.type)
  })

  it.each([
    ['no id', { messageId: undefined, headers: {} }, 'not-an-envelope'],
    ['an id that is no UUID', { messageId: 'seventeen' }, 'not-an-envelope'],
    [
      'no version',
      { headers: { 'cloudEvents:subject': 'a', 'cloudEvents:time': row.time } },
      'not-an-envelope',
    ],
    [
      'no time',
      { headers: { 'cloudEvents:subject': 'a', 'cloudEvents:aggregateversion': 1 } },
      'not-an-envelope',
    ],
  ])('is refused as not an envelope with %s', (_, change, reason) => {
    const sent = toMessage(row, '', 'shop')
    const message = arrived({ ...sent, properties: { ...sent.properties, ...change } })
    expect(readEnvelope(message, ThingDone)).toMatchObject({ ok: false, reason })
  })

  it('is refused with the path but not the value that breaks its contract', () => {
    const message = arrived({ ...toMessage(row, '', 'shop'), body: Buffer.from('{"thingId": 4711}') })
    const reading = readEnvelope(message, ThingDone)
    expect(reading).toMatchObject({ ok: false, reason: 'contract-violated' })
    expect(JSON.stringify(reading)).toContain('/thingId')
    expect(JSON.stringify(reading)).not.toContain('4711')
  })

  it('counts attempts from one, whatever its x-attempt header holds', () => {
    for (const [header, attempt] of [
      [undefined, 1],
      [3, 3],
      [0, 1],
      ['many', 1],
      [Number.NaN, 1],
    ] as const) {
      const sent = toMessage(row, '', 'shop')
      const message = arrived({
        ...sent,
        properties: { ...sent.properties, headers: { 'x-attempt': header } },
      })
      expect(attemptOf(message)).toBe(attempt)
    }
  })

  it('has no id where its message id does not fit the inbox', () => {
    const message = arrived({
      ...toMessage(row, '', 'shop'),
      properties: { messageId: 'x'.repeat(200), headers: {} },
    })
    expect(idOf(message)).toBeUndefined()
  })
})
