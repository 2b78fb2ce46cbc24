import type { Envelope, EventContract } from '@storewright/contracts'
import type { Transaction } from 'kysely'
import type { Static, TObject } from 'typebox'
import { runWithCorrelation } from './correlation.ts'

/** What a consumer does with one type of event. Made by `on` and `onBatch`. */
export interface Subscription<DB = unknown> {
  readonly contract: EventContract
  handle(trx: Transaction<DB>, events: Envelope[]): Promise<void>
}

/** What every replica does with one type of event. Made by `onEveryReplica`. */
export interface Broadcast {
  readonly contract: EventContract
  handle(event: Envelope): void | Promise<void>
}

const under = <T>(event: Envelope, work: () => T): T =>
  runWithCorrelation(
    { correlationId: event.correlationId, causationId: event.id, traceparent: event.traceparent },
    work,
  )

/**
 * Handles a type one event at a time, inside the consumer's transaction: effect, inbox and what it emits last
 * together. It may run again after a rollback, so it has no effects outside `trx`. What it throws is retried
 * later; errors of the database must pass through it uncaught.
 */
export const on = <DB, Data extends TObject>(
  Event: EventContract<Data>,
  handler: (trx: Transaction<DB>, event: Envelope<Static<Data>>) => Promise<unknown>,
): Subscription<DB> => ({
  contract: Event,
  handle: async (trx, events) => {
    for (const event of events) await under(event, () => handler(trx, event as Envelope<Static<Data>>))
  },
})

/**
 * Handles all events of a type that came in one batch, in their order of arrival, in one transaction. What it
 * emits names its `cause`: a batch has no single one.
 */
export const onBatch = <DB, Data extends TObject>(
  Event: EventContract<Data>,
  handler: (trx: Transaction<DB>, events: Envelope<Static<Data>>[]) => Promise<unknown>,
): Subscription<DB> => ({
  contract: Event,
  handle: async (trx, events) => {
    const batch = events as Envelope<Static<Data>>[]
    const [first] = events
    if (events.length === 1 && first) await under(first, () => handler(trx, batch))
    else await handler(trx, batch)
  },
})

/** Runs at every replica, outside any transaction and without inbox: for caches, revocations and wake-ups. */
export const onEveryReplica = <Data extends TObject>(
  Event: EventContract<Data>,
  handler: (event: Envelope<Static<Data>>) => void | Promise<void>,
): Broadcast => ({
  contract: Event,
  handle: (event) => under(event, () => handler(event as Envelope<Static<Data>>)),
})
