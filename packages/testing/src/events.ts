import { sourceOf, type Envelope, type EventContract } from '@storewright/contracts'
import { newId, parseJson } from '@storewright/database'
import { messagingTables } from '@storewright/messaging/tables'
import { sql, type Kysely } from 'kysely'
import type { Static, TObject } from 'typebox'
import { toProperties, type ScratchVhost } from './broker.ts'
import { eventually } from './eventually.ts'

/** A complete envelope around `data`; `overrides` name only what matters to the case. */
export const anEvent = <Data extends TObject>(
  contract: EventContract<Data>,
  data: Static<Data>,
  overrides: Partial<Omit<Envelope, 'type' | 'data'>> = {},
): Envelope<Static<Data>> => ({
  id: newId(),
  type: contract.type,
  source: sourceOf(contract.owner),
  subject: contract.subject(data),
  time: new Date().toISOString(),
  aggregateVersion: 1,
  correlationId: newId(),
  causationId: null,
  ...overrides,
  data,
})

const settled = async <DB>(db: Kysely<DB>, group: string, id: string) => {
  const row = await messagingTables(db)
    .selectFrom('inbox')
    .select('state')
    .where('consumer_group', '=', group)
    .where('event_id', '=', id)
    .executeTakeFirst()
  return row && row.state !== 'started' ? row.state : undefined
}

const duplicates = async <DB>(db: Kysely<DB>, group: string, type: string) => {
  const row = await messagingTables(db)
    .selectFrom('event_counters')
    .select(sql<number | null>`sum(count)`.as('count'))
    .where('kind', '=', 'duplicate')
    .where('consumer_group', '=', group)
    .where('type', '=', type)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Returns once the event was handled, or recognised as a duplicate, with the inbox's state: `applied` or `dead`. */
export const deliver = async <DB>(
  { db, vhost, group }: { db: Kysely<DB>; vhost: ScratchVhost; group: string },
  event: Envelope,
): Promise<string> => {
  const known = await settled(db, group, event.id)
  const before = known === undefined ? 0 : await duplicates(db, group, event.type)
  await eventually(() =>
    vhost.sendToQueue(group, JSON.stringify(event.data), toProperties(event)).then(() => true),
  )
  if (known !== undefined) {
    await eventually(async () => (await duplicates(db, group, event.type)) > before, {
      what: `the repeated ${event.type}`,
    })
    return known
  }
  return eventually(() => settled(db, group, event.id), { what: `${event.type} at ${group}` })
}

export interface Emitted<Data> {
  id: string
  subject: string
  aggregateVersion: number
  correlationId: string
  causationId: string | null
  replay: boolean
  data: Data
}

/** What the service emitted and no relay has published yet, oldest first. */
export const emitted = async <DB, Data extends TObject>(
  db: Kysely<DB>,
  contract: EventContract<Data>,
): Promise<Emitted<Static<Data>>[]> => {
  const rows = await messagingTables(db)
    .selectFrom('outbox')
    .select([
      'event_id as id',
      'subject',
      'aggregate_version as aggregateVersion',
      'correlation_id as correlationId',
      'causation_id as causationId',
      'replay',
      'data',
    ])
    .where('type', '=', contract.type)
    .orderBy('outbox.id')
    .execute()
  return rows.map((row) => ({
    ...row,
    replay: row.replay === 1,
    data: parseJson(row.data as Static<Data> | string),
  }))
}

export const countSettled = async <DB>(db: Kysely<DB>, eventIds: readonly string[]): Promise<number> => {
  const { count } = await messagingTables(db)
    .selectFrom('inbox')
    .select(sql<number>`count(*)`.as('count'))
    .where('event_id', 'in', eventIds)
    .where('state', 'in', ['applied', 'dead'])
    .executeTakeFirstOrThrow()
  return Number(count)
}

export const clearOutbox = async <DB>(db: Kysely<DB>) => {
  await messagingTables(db).deleteFrom('outbox').execute()
}
