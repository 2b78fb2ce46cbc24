import { inTransaction, type Migration } from '@storewright/database'
import type { Envelope } from '@storewright/contracts'
import { messagingMigrations, on, type Subscription } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { sql, type Generated, type Kysely, type Transaction } from 'kysely'
import pino from 'pino'
import { ThingClosed, ThingNoted, ThingInternal } from './test-events.ts'

export interface Tables {
  /** One row per effect, without a unique key, so that a second effect shows. */
  effects: { id: Generated<number>; event_id: string; type: string; thing_id: string; version: number }
  outbox: { id: number; event_id: string; type: string; subject: string; aggregate_version: number }
}
export type Trx = Transaction<Tables>

export const migrations: Record<string, Migration> = {
  ...messagingMigrations,
  '1-effects': {
    up: (db) =>
      sql`create table effects (
        id bigint unsigned not null auto_increment primary key,
        event_id char(36) not null, type varchar(128) not null, thing_id varchar(191) not null,
        version bigint not null
      ) engine = InnoDB`.execute(db),
  },
}

export const silent = pino({ level: 'silent' })

export const recordEffect = async (trx: Trx, event: Envelope<{ thingId: string }>) => {
  await trx
    .insertInto('effects')
    .values({
      event_id: event.id,
      type: event.type,
      thing_id: event.data.thingId,
      version: event.aggregateVersion,
    })
    .execute()
}

/** Handlers of the whole group; that of `ThingNoted` is the test's choice. */
export const subscriptions = (noted: Subscription<Tables> = on(ThingNoted, recordEffect)) => [
  noted,
  on(ThingClosed, recordEffect),
  on(ThingInternal, recordEffect),
]

/** Emits `count` events in parallel, each in a transaction and about an aggregate of its own. */
export const emitThings = async (db: Kysely<Tables>, count: number, text = 'hello') => {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: `thing-${index}`, text })),
    ),
  )
}
