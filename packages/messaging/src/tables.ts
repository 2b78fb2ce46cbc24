import type { Generated, Kysely, Transaction } from 'kysely'

export type CounterKind = 'emitted' | 'applied' | 'dead' | 'dropped' | 'duplicate' | 'foreign'
export type InboxState = 'started' | 'applied' | 'dead' | 'dropped'

/** What every service's schema holds for its messages. */
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
    /** How often a redelivered message was begun alone; see consuming/inbox.ts. */
    starts: Generated<number>
    recorded_at: Date
  }
  event_counters: { kind: CounterKind; consumer_group: string; type: string; shard: number; count: number }
}

/** The messaging tables in whatever else the schema holds; the transaction stays the same one. */
export const ownTables = <DB>(trx: Transaction<DB>) => trx as unknown as Transaction<MessagingTables>

export const ownTablesOf = <DB>(db: Kysely<DB>) => db as unknown as Kysely<MessagingTables>
