import type { GetMessage } from 'amqplib'
import { attemptOf, headersOf, idOf, typeOf } from '../envelope.ts'
import type { Topology } from '../topology.ts'

export interface DeadLetter {
  /** Null without an event id; such a message is only replayed or dropped with all others. */
  messageId: string | null
  type: string
  subject: string | null
  time: string | null
  correlationId: string | null
  reason: string
  error: string | null
  attempts: number
  deadAt: string | null
  /** More than one where the process died between dead-lettering and the ack. */
  copies: number
  internal: boolean
}

export interface DeadLetterDetail extends DeadLetter {
  headers: Record<string, unknown>
  stack: string | null
  body: unknown
}

const HIDDEN = '[internal]'

const text = (value: unknown) => (typeof value === 'string' ? value : null)

const reasonOf = (headers: Record<string, unknown>) => {
  const own = text(headers['x-dead-reason'])
  if (own) return own
  const [death] = (headers['x-death'] ?? []) as { reason?: string }[]
  return death?.reason ?? 'unknown'
}

/** Unknown types count as internal. */
const isInternal = ({ contracts }: Topology, message: GetMessage) =>
  contracts.get(typeOf(message))?.visibility !== 'public'

export const toDeadLetter = (topology: Topology, message: GetMessage, reveal = false): DeadLetter => {
  const headers = headersOf(message)
  const internal = isInternal(topology, message)
  const shown = (value: unknown) => (internal && !reveal && value ? HIDDEN : text(value))
  return {
    messageId: idOf(message) ?? null,
    type: typeOf(message),
    // Of an internal event even the aggregate's id may be a secret: a guest's cart.
    subject: shown(headers['cloudEvents:subject']),
    time: text(headers['cloudEvents:time']),
    correlationId: text(message.properties.correlationId),
    reason: reasonOf(headers),
    error: shown(headers['x-dead-error']),
    attempts: Number(headers['x-dead-attempts'] ?? attemptOf(message)),
    deadAt: text(headers['x-dead-at']),
    copies: 1,
    internal,
  }
}

const bodyOf = (message: GetMessage): unknown => {
  const body = message.content.toString('utf8')
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}

export const toDetail = (topology: Topology, message: GetMessage, reveal: boolean): DeadLetterDetail => {
  const deadLetter = toDeadLetter(topology, message, reveal)
  const hidden = deadLetter.internal && !reveal
  const { 'x-dead-stack': stack, 'x-dead-error': _error, ...headers } = headersOf(message)
  return {
    ...deadLetter,
    headers:
      hidden && headers['cloudEvents:subject'] ? { ...headers, 'cloudEvents:subject': HIDDEN } : headers,
    stack: hidden && stack ? HIDDEN : text(stack),
    body: hidden ? HIDDEN : bodyOf(message),
  }
}
