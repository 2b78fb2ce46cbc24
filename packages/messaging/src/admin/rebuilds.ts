import { newId, nowSql } from '@storewright/database'
import type { Kysely } from 'kysely'
import { messagingTables } from '../tables.ts'

export interface RebuildState {
  /** How many aggregates were emitted again so far. */
  emitted: number
  finished: boolean
  /** Why it ended without being done, or what its last try failed at. */
  error: string | null
}

/** Asks the owner of `db`'s schema to emit its state again, of these SKUs or all; any of its replicas does it. Returns the id. */
export const requestRebuild = async <DB>(
  db: Kysely<DB>,
  { name, skus = null }: { name: string; skus?: string[] | null },
): Promise<string> => {
  const id = newId()
  await messagingTables(db)
    .insertInto('rebuilds')
    .values({
      id,
      name,
      skus: skus && JSON.stringify(skus),
      error: null,
      requested_at: nowSql,
      finished_at: null,
    })
    .execute()
  return id
}

export const readRebuild = async <DB>(db: Kysely<DB>, id: string): Promise<RebuildState> => {
  const { emitted, finishedAt, error } = await messagingTables(db)
    .selectFrom('rebuilds')
    .select(['emitted', 'finished_at as finishedAt', 'error'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return { emitted: Number(emitted), finished: finishedAt !== null, error }
}
