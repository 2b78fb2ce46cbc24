import { Type, type Static, type TObject, type TProperties } from 'typebox'

export interface EventContract<Data extends TObject = TObject> {
  readonly type: string
  readonly owner: string
  readonly data: Data
  /** The aggregate's id within its owner; events of one subject are numbered without gaps. */
  subject(data: Static<Data>): string
  /** `internal` events never reach the event feed, webhooks, or an operator's screen unredacted. */
  readonly visibility: 'public' | 'internal'
  readonly consumerOptional: boolean
}

/** The validated content of one event, with its envelope (CloudEvents 1.0 names). */
export interface Envelope<Data = unknown> {
  readonly id: string
  readonly type: string
  readonly source: string
  readonly subject: string
  readonly time: string
  /** Position among the events of (source, subject): 1, 2, 3, … without gaps. */
  readonly aggregateVersion: number
  readonly correlationId: string
  /** The id of the event or request that led to this one. */
  readonly causationId: string | null
  readonly traceparent?: string | undefined
  /** The owner repeats the present state, under a number that may have been seen: for copies of it, and for nobody else. */
  readonly replay?: boolean | undefined
  readonly data: Data
}

const TYPE = /^([a-z]+)\.([a-z]+(?:-[a-z]+)*)\.v([1-9][0-9]*)$/

type Options<Subject extends string> = Pick<EventContract, 'visibility' | 'consumerOptional'> & {
  subject: Subject
  /** Stands before the id, so that the events are no part of the public aggregate and its numbers. */
  aggregate?: string
}

/** A public event that needs a consumer; `subject` is the field that holds its aggregate's id. */
export const about = <Subject extends string>(subject: Subject): Options<Subject> => ({
  subject,
  visibility: 'public',
  consumerOptional: false,
})
export const unconsumed = <Subject extends string>(subject: Subject) => ({
  ...about(subject),
  consumerOptional: true,
})
export const internal = <Subject extends string>(subject: Subject, aggregate?: string) => ({
  ...about(subject),
  visibility: 'internal' as const,
  ...(aggregate !== undefined && { aggregate }),
})

/** Defines an event for its emitter and its consumers. The doc comment above it is its text in the generated documents. */
export const defineEvent = <Fields extends TProperties>(
  type: string,
  { subject, aggregate, visibility, consumerOptional }: Options<keyof Fields & string>,
  fields: Fields,
): EventContract<TObject<Fields>> => {
  const owner = TYPE.exec(type)?.[1]
  if (!owner) throw new Error(`event type ${type} is not <owner>.<past-fact>.v<major>`)
  const prefix = aggregate === undefined ? '' : `${aggregate}:`
  const subjectOf = (data: object) => prefix + (Reflect.get(data, subject) as string)
  return { type, owner, data: Type.Object(fields), subject: subjectOf, visibility, consumerOptional }
}

export const sourceOf = (owner: string) => `/storewright/${owner}`
