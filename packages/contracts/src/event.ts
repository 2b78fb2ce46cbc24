import type { Static, TObject } from 'typebox'

export type Visibility = 'public' | 'internal'

/** What services agree on about one type of event. Made by `defineEvent`, used by `emit` and `on`. */
export interface EventContract<Data extends TObject = TObject> {
  /** `<owner>.<past-fact>.v<major>`; also the routing key. */
  readonly type: string
  /** The service that emits it; the CloudEvents source is `/storewright/<owner>`. */
  readonly owner: string
  readonly data: Data
  /** The aggregate's id within its owner; events of one subject are numbered without gaps. */
  subject(data: Static<Data>): string
  /** `internal` events never reach the event feed, webhooks, or an operator's screen unredacted. */
  readonly visibility: Visibility
  /** True where no consumer is needed: unroutable is then no failure. */
  readonly consumerOptional: boolean
}

/** The validated content of one event, with its envelope (CloudEvents 1.0 names). */
export interface Envelope<Data = unknown> {
  /** UUIDv7; the inbox's key. */
  readonly id: string
  readonly type: string
  /** `/storewright/<owner>` */
  readonly source: string
  readonly subject: string
  /** ISO 8601, UTC. */
  readonly time: string
  /** Position among the events of (source, subject): 1, 2, 3, … without gaps. */
  readonly aggregateVersion: number
  readonly correlationId: string
  /** The id of the event or request that led to this one. */
  readonly causationId: string | null
  /** W3C trace context, passed through. */
  readonly traceparent?: string | undefined
  readonly data: Data
}

const TYPE = /^([a-z]+)\.([a-z]+(?:-[a-z]+)*)\.v([1-9][0-9]*)$/

/** Defines an event for its emitter and its consumers. The doc comment above it is its text in the generated documents. */
export const defineEvent = <Data extends TObject>(
  type: string,
  data: Data,
  options: {
    subject: (data: Static<Data>) => string
    visibility?: Visibility
    consumerOptional?: boolean
  },
): EventContract<Data> => {
  const owner = TYPE.exec(type)?.[1]
  if (!owner) throw new Error(`event type ${type} is not <owner>.<past-fact>.v<major>`)
  return {
    type,
    owner,
    data,
    subject: options.subject,
    visibility: options.visibility ?? 'public',
    consumerOptional: options.consumerOptional ?? false,
  }
}

export const sourceOf = (owner: string) => `/storewright/${owner}`
