import { inTransaction, isDuplicateKey, nowSql } from '@storewright/database'
import { CompiledQuery, sql, type Kysely, type Transaction } from 'kysely'
import { messagingTables, type InboxState } from '../tables.ts'

export interface Claim {
  readonly id: string
  /** An operator sent it again: a dead state does not count as settled. */
  readonly redriven: boolean
}

/** Another replica is applying the same event right now; the next try finds its row. */
export class ConcurrentDelivery extends Error {
  override readonly name = 'ConcurrentDelivery'
}

export interface Inbox {
  /** The ids that were not settled before, and which of them were dead. */
  claim<DB>(
    trx: Transaction<DB>,
    group: string,
    claims: readonly Claim[],
  ): Promise<{ fresh: Set<string>; revived: Set<string> }>
}

const settled = (state: InboxState, redriven: boolean) =>
  state === 'applied' || state === 'dropped' || (state === 'dead' && !redriven)

const insertSettled = async <DB>(
  trx: Transaction<DB>,
  group: string,
  ids: readonly string[],
  state: 'applied' | 'dead',
) => {
  const rows = ids.map(() => '(?, ?, ?, utc_timestamp(6))').join(', ')
  const statement = `insert into inbox (consumer_group, event_id, state, recorded_at) values ${rows}`
  const values = ids.flatMap((id) => [group, id, state])
  try {
    await trx.executeQuery(CompiledQuery.raw(statement, values))
  } catch (error) {
    throw isDuplicateKey(error) ? new ConcurrentDelivery() : error
  }
}

/** False where some are known; the statement alone is undone then. Nearly always all are new, which saves the look-up. */
const insertIfAllNew = (trx: Transaction<unknown>, group: string, ids: readonly string[]) =>
  insertSettled(trx, group, ids, 'applied').then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConcurrentDelivery) return false
      throw error
    },
  )

const rowOf = <DB>(db: Kysely<DB>, group: string, id: string) =>
  messagingTables(db)
    .selectFrom('inbox')
    .select(['state', 'starts'])
    .where('consumer_group', '=', group)
    .where('event_id', '=', id)

export const findState = <DB>(db: Kysely<DB>, group: string, id: string) =>
  rowOf(db, group, id).executeTakeFirst()

const lockState = <DB>(trx: Transaction<DB>, group: string, id: string) =>
  rowOf(trx, group, id).forUpdate().executeTakeFirst()

export const durableInbox: Inbox = {
  claim: async (trx, group, claims) => {
    const tables = messagingTables(trx)
    const ids = claims.map(({ id }) => id).sort()
    if (await insertIfAllNew(trx as Transaction<unknown>, group, ids)) {
      return { fresh: new Set(ids), revived: new Set() }
    }
    const rows = await tables
      .selectFrom('inbox')
      .select(['event_id as id', 'state'])
      .where('consumer_group', '=', group)
      .where('event_id', 'in', ids)
      .execute()
    const states = new Map(rows.map((row) => [row.id, row.state]))

    const fresh = new Set<string>()
    const revived = new Set<string>()
    const known: string[] = []
    const unknown: string[] = []
    for (const { id, redriven } of claims) {
      const state = states.get(id)
      if (state !== undefined && settled(state, redriven)) continue
      fresh.add(id)
      if (state === 'dead') revived.add(id)
      ;(state === undefined ? unknown : known).push(id)
    }

    if (unknown.length > 0) await insertSettled(trx, group, unknown.sort(), 'applied')
    if (known.length > 0) {
      const { numUpdatedRows } = await tables
        .updateTable('inbox')
        .set({ state: 'applied', starts: 0, recorded_at: nowSql })
        .where('consumer_group', '=', group)
        .where('event_id', 'in', known)
        .where('state', 'in', ['started', 'dead'])
        .executeTakeFirstOrThrow()
      if (Number(numUpdatedRows) !== known.length) throw new ConcurrentDelivery()
    }
    return { fresh, revived }
  },
}

/** Returns how often it was handled alone; the broker's own count includes messages merely delivered beside a poisonous one. */
export const recordStart = async <DB>(db: Kysely<DB>, group: string, { id, redriven }: Claim) => {
  await messagingTables(db)
    .insertInto('inbox')
    .values({ consumer_group: group, event_id: id, state: 'started', starts: 1, recorded_at: nowSql })
    .onDuplicateKeyUpdate({ starts: sql<number>`starts + (state in ('started', 'dead'))` })
    .execute()
  const row = await findState(db, group, id)
  return !row || settled(row.state, redriven) ? 0 : row.starts
}

/** Marks an event as dead; false where it was settled before and must not be counted. */
export const markDead = async <DB>(trx: Transaction<DB>, group: string, id: string): Promise<boolean> => {
  const row = await lockState(trx, group, id)
  if (!row) {
    await insertSettled(trx, group, [id], 'dead')
    return true
  }
  await messagingTables(trx)
    .updateTable('inbox')
    .set({ starts: 0, ...(row.state === 'started' ? { state: 'dead' as const, recorded_at: nowSql } : {}) })
    .where('consumer_group', '=', group)
    .where('event_id', '=', id)
    .execute()
  return row.state === 'started'
}

export const markDropped = async <DB>(
  trx: Transaction<DB>,
  group: string,
  id: string,
): Promise<'was-dead' | 'was-unknown' | 'was-settled'> => {
  const row = await lockState(trx, group, id)
  if (row?.state === 'applied' || row?.state === 'dropped') return 'was-settled'
  await messagingTables(trx)
    .insertInto('inbox')
    .values({ consumer_group: group, event_id: id, state: 'dropped', recorded_at: nowSql })
    .onDuplicateKeyUpdate({ state: 'dropped', recorded_at: nowSql })
    .execute()
  return row?.state === 'dead' ? 'was-dead' : 'was-unknown'
}

const PURGE_BATCH = 1_000

/** Returns the number of deleted rows. Dead events stay, because they can be redriven. */
export const purgeInbox = async <DB>(
  db: Kysely<DB>,
  { olderThanDays = 30 }: { olderThanDays?: number } = {},
): Promise<number> => {
  let purged = 0
  for (;;) {
    const count = await inTransaction(db, async (trx) => {
      const { numDeletedRows } = await messagingTables(trx)
        .deleteFrom('inbox')
        .where('state', '!=', 'dead')
        .where('recorded_at', '<', sql<Date>`utc_timestamp(6) - interval ${olderThanDays} day`)
        .orderBy('recorded_at')
        .limit(PURGE_BATCH)
        .executeTakeFirstOrThrow()
      return Number(numDeletedRows)
    })
    purged += count
    if (count < PURGE_BATCH) return purged
  }
}
