import type { Generated, Kysely, Transaction } from 'kysely'

export type CounterKind = 'emitted' | 'applied' | 'dead' | 'dropped' | 'duplicate' | 'unknown-type'
export type InboxState = 'started' | 'applied' | 'dead' | 'dropped'

export interface MessagingTables {
  outbox: {
    id: Generated<number>
    event_id: string
    type: string
    subject: string
    aggregate_version: number
    correlation_id: string
    causation_id: string | null
    traceparent: string | null
    occurred_at: string
    data: string
    /** 1 for a state that its owner repeats; see `emit`. */
    replay: Generated<number>
    parked_at: Date | null
    parked_reason: string | null
    attempts: Generated<number>
  }
  event_sequences: { subject: string; version: number }
  inbox: {
    consumer_group: string
    event_id: string
    state: InboxState
    /** How often the handling of a redelivered message began; see `recordStart`. */
    starts: Generated<number>
    recorded_at: Date
  }
  /** Requests of operators that an owner emits its state again, worked off by any of its replicas. */
  rebuilds: {
    id: string
    /** What is rebuilt: a name among the service's rebuilders. */
    name: string
    /** The SKUs that are meant, as JSON; null for all. */
    skus: string | null
    /** The key of the last aggregate that was emitted; '' before the first. */
    after_key: Generated<string>
    emitted: Generated<number>
    /** Failures since the last progress, and the last one's message. */
    failures: Generated<number>
    error: string | null
    requested_at: Date
    finished_at: Date | null
  }
  event_counters: { kind: CounterKind; consumer_group: string; type: string; shard: number; count: number }
}

export function messagingTables<DB>(db: Transaction<DB>): Transaction<MessagingTables>
export function messagingTables<DB>(db: Kysely<DB>): Kysely<MessagingTables>
export function messagingTables<DB>(db: Kysely<DB>) {
  return db as unknown as Kysely<MessagingTables>
}
