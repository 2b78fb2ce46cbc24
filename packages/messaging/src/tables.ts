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
  event_counters: { kind: CounterKind; consumer_group: string; type: string; shard: number; count: number }
}

export function messagingTables<DB>(db: Transaction<DB>): Transaction<MessagingTables>
export function messagingTables<DB>(db: Kysely<DB>): Kysely<MessagingTables>
export function messagingTables<DB>(db: Kysely<DB>) {
  return db as unknown as Kysely<MessagingTables>
}
