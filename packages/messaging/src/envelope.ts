import { sourceOf, type Envelope, type EventContract } from '@storewright/contracts'
import type { ConsumeMessage, Message, Options } from 'amqplib'
import { validationErrors } from './validation.ts'

export interface OutgoingMessage {
  readonly exchange: string
  readonly routingKey: string
  readonly body: Buffer
  readonly properties: Options.Publish
  /** Whether it comes back where no queue is bound; the usual. */
  readonly mandatory?: boolean
}

export interface OutboxEvent {
  readonly id: number
  readonly eventId: string
  readonly type: string
  readonly subject: string
  readonly aggregateVersion: number
  readonly correlationId: string
  readonly causationId: string | null
  readonly traceparent: string | null
  readonly time: string
  readonly data: string
  /** 1 where the owner repeats its state. */
  readonly replay: number
}

/** The event as a CloudEvents 1.0 message in binary mode: attributes in the headers, the body is the data alone. */
export const toMessage = (event: OutboxEvent, exchange: string, appId: string): OutgoingMessage => ({
  exchange,
  routingKey: event.type,
  body: Buffer.from(event.data),
  properties: {
    messageId: event.eventId,
    type: event.type,
    timestamp: Math.floor(Date.parse(event.time) / 1000),
    contentType: 'application/json',
    correlationId: event.correlationId,
    appId,
    persistent: true,
    headers: {
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': event.eventId,
      'cloudEvents:type': event.type,
      'cloudEvents:source': sourceOf(event.type.slice(0, event.type.indexOf('.'))),
      'cloudEvents:subject': event.subject,
      'cloudEvents:time': event.time,
      'cloudEvents:dataschema': `urn:storewright:schema:${event.type}`,
      'cloudEvents:aggregateversion': event.aggregateVersion,
      ...(event.causationId === null ? {} : { 'cloudEvents:causationid': event.causationId }),
      ...(event.traceparent === null ? {} : { traceparent: event.traceparent }),
      ...(event.replay === 0 ? {} : { 'x-replay': true }),
      'x-attempt': 1,
    },
  },
})

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined)

export const headersOf = (message: Message): Record<string, unknown> => message.properties.headers ?? {}

/** The event id; undefined where the message has none that fits the inbox. */
export const idOf = (message: Message) => {
  const id = text(message.properties.messageId) ?? text(headersOf(message)['cloudEvents:id'])
  return id !== undefined && UUID.test(id) ? id : undefined
}

export const subjectOf = (message: Message) => text(headersOf(message)['cloudEvents:subject'])

/** Not the routing key: a message back from a retry queue has its queue's name there. */
export const typeOf = (message: Message) =>
  text(message.properties.type) ?? text(headersOf(message)['cloudEvents:type']) ?? message.fields.routingKey

export const attemptOf = (message: Message) => {
  const attempt = headersOf(message)['x-attempt']
  return typeof attempt === 'number' && attempt >= 1 ? Math.floor(attempt) : 1
}

/** The owner repeats its state, which no counter, mail or step of an order may take for something new. */
export const isReplay = (message: Message) => headersOf(message)['x-replay'] === true

/** Which `replayDeadLetters` sent it; a text in `x-replay` is one of an earlier release. */
export const redriveOf = (message: Message) => {
  const headers = headersOf(message)
  return text(headers['x-redrive']) ?? text(headers['x-replay'])
}

export const isRedriven = (message: Message) => redriveOf(message) !== undefined

export type ReadResult = { ok: true; envelope: Envelope } | { ok: false; reason: string; detail: string }

const invalid = (reason: string, detail: string): ReadResult => ({ ok: false, reason, detail })

/** `contract` is undefined where the group does not handle the type. */
export const readEnvelope = (message: ConsumeMessage, contract: EventContract | undefined): ReadResult => {
  const type = typeOf(message)
  if (!contract) return invalid('unknown-type', `this group does not handle ${type}`)

  const id = idOf(message)
  const headers = headersOf(message)
  const subject = subjectOf(message)
  const time = text(headers['cloudEvents:time'])
  const version = headers['cloudEvents:aggregateversion']
  if (id === undefined) return invalid('not-an-envelope', 'the message id is not a UUID')
  if (subject === undefined || time === undefined || Number.isNaN(Date.parse(time)))
    return invalid('not-an-envelope', 'cloudEvents:subject or cloudEvents:time is missing')
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1)
    return invalid('not-an-envelope', 'cloudEvents:aggregateversion is not a whole number from 1')

  let data: unknown
  try {
    data = JSON.parse(message.content.toString('utf8'))
  } catch {
    // The parser's message quotes the body.
    return invalid('not-json', `the body (${message.content.length} bytes) is not JSON`)
  }
  const errors = validationErrors(contract, data)
  if (errors.length > 0) return invalid('contract-violated', errors.join('; '))

  return {
    ok: true,
    envelope: {
      id,
      type,
      source: text(headers['cloudEvents:source']) ?? sourceOf(contract.owner),
      subject,
      time,
      aggregateVersion: version,
      correlationId: text(message.properties.correlationId) ?? id,
      causationId: text(headers['cloudEvents:causationid']) ?? null,
      traceparent: text(headers['traceparent']),
      ...(isReplay(message) && { replay: true }),
      data,
    },
  }
}
