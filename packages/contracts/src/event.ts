import type { Static, TObject } from 'typebox'

export type Visibility = 'public' | 'internal'

/** What two services agree on about one kind of event. Made by `defineEvent`, used by `emit` and `on`. */
export interface EventContract<Data extends TObject = TObject> {
  /** `<owner>.<past-fact>.v<major>`; also the routing key. */
  readonly type: string
  /** The service that says it; the CloudEvents source is `/storewright/<owner>`. */
  readonly owner: string
  readonly data: Data
  /** The aggregate's id within its owner; events of one subject are numbered without gaps. */
  subject(data: Static<Data>): string
  /** `internal` events never reach the event feed, webhooks, or an operator's screen unredacted. */
  readonly visibility: Visibility
  /** True where nobody needs to hear it: the broker's "unroutable" is then no alarm. */
  readonly consumerOptional: boolean
  readonly description: string
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

/** Defines one event once, for its publisher and all who hear it. Throws on a name that breaks the rule. */
export const defineEvent = <Data extends TObject>(
  type: string,
  data: Data,
  options: {
    description: string
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
    description: options.description,
  }
}

export const sourceOf = (owner: string) => `/storewright/${owner}`
