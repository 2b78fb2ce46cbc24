import { inTransaction, type Migration } from '@storewright/database'
import type { Envelope } from '@storewright/contracts'
import { messagingMigrations, on, type Subscription } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { sql, type Generated, type Kysely, type Transaction } from 'kysely'
import pino from 'pino'
import { ThingClosed, ThingNoted, ThingWhispered } from './things.ts'

export interface Tables {
  /** One row per effect, without any key that would hide a second one. */
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

/** Handles everything that the group hears; `ThingNoted` as the test wants it. */
export const subscriptions = (noted: Subscription<Tables> = on(ThingNoted, recordEffect)) => [
  noted,
  on(ThingClosed, recordEffect),
  on(ThingWhispered, recordEffect),
]

/** Says `count` things, one transaction each, side by side. */
export const sayThings = async (db: Kysely<Tables>, count: number, text = 'hello') => {
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: `thing-${index}`, text })),
    ),
  )
}
