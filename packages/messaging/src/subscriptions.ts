import type { Envelope, EventContract } from '@storewright/contracts'
import type { Transaction } from 'kysely'
import type { Static, TObject } from 'typebox'
import { runWithCorrelation } from './correlation.ts'

export interface Subscription<DB = unknown> {
  readonly contract: EventContract
  readonly replays: boolean
  handle(trx: Transaction<DB>, events: Envelope[]): Promise<void>
}

export interface FanoutSubscription {
  readonly contract: EventContract
  handle(event: Envelope): void | Promise<void>
}

export interface SubjectSubscription {
  readonly contract: EventContract
  handleSubject(subject: string): void
}

interface SubscriptionOptions {
  /** For a copy of the owner's state: it gets replays too, and takes one of the version that it has. All others do not. */
  replays?: boolean
}

const runCausedBy = <T>(event: Envelope, work: () => T): T =>
  runWithCorrelation(
    { correlationId: event.correlationId, causationId: event.id, traceparent: event.traceparent },
    work,
  )

/** May run again after a rollback: no effects outside `trx`. What it throws is retried later; database errors must pass through. */
export const on = <DB, Data extends TObject>(
  Event: EventContract<Data>,
  handler: (trx: Transaction<DB>, event: Envelope<Static<Data>>) => Promise<unknown>,
  { replays = false }: SubscriptionOptions = {},
): Subscription<DB> => ({
  contract: Event,
  replays,
  handle: async (trx, events) => {
    for (const event of events) await runCausedBy(event, () => handler(trx, event as Envelope<Static<Data>>))
  },
})

/** Like `on` for all events of a batch, in order of arrival. What it emits must name its `cause`. */
export const onBatch = <DB, Data extends TObject>(
  Event: EventContract<Data>,
  handler: (trx: Transaction<DB>, events: Envelope<Static<Data>>[]) => Promise<unknown>,
  { replays = false }: SubscriptionOptions = {},
): Subscription<DB> => ({
  contract: Event,
  replays,
  handle: async (trx, events) => {
    const batch = events as Envelope<Static<Data>>[]
    const [first] = events
    if (events.length === 1 && first) await runCausedBy(first, () => handler(trx, batch))
    else await handler(trx, batch)
  },
})

/** Runs at every replica, without transaction, inbox and replays: for caches, revocations and notifications. */
export const onEveryReplica = <Data extends TObject>(
  Event: EventContract<Data>,
  handler: (event: Envelope<Static<Data>>) => void | Promise<void>,
): FanoutSubscription => ({
  contract: Event,
  handle: (event) => runCausedBy(event, () => handler(event as Envelope<Static<Data>>)),
})

/** Like `onEveryReplica` where only the aggregate's id counts: from the header, the body neither parsed nor checked. */
export const onSubject = (
  contract: EventContract,
  handleSubject: (subject: string) => void,
): SubjectSubscription => ({ contract, handleSubject })
