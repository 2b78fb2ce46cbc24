import { createHash } from 'node:crypto'
import { CompiledQuery, sql, type Kysely, type Transaction } from 'kysely'
import { errnoOf, IdempotencyMismatch, IdempotencyRunning, isDuplicateKey } from './errors.ts'
import type { Migration } from './migrate.ts'
import { nowSql } from './values.ts'

export interface IdempotencyTables {
  idempotency_keys: {
    id: string
    request_hash: string
    status: number | null
    resource_id: string | null
    expires_at: Date
  }
}

export const idempotencyMigrations: Record<string, Migration> = {
  '0000-idempotency-1-keys': {
    up: (db) =>
      db.schema
        .createTable('idempotency_keys')
        // Hashed: a scope may hold a cart's id, which is a secret, and a collation must not compare keys.
        .addColumn('id', sql`char(64) character set ascii collate ascii_bin`, (col) => col.primaryKey())
        .addColumn('request_hash', sql`char(64) character set ascii collate ascii_bin`, (col) =>
          col.notNull(),
        )
        .addColumn('status', 'smallint')
        .addColumn('resource_id', sql`varchar(191) character set utf8mb4 collate utf8mb4_bin`)
        .addColumn('expires_at', sql`datetime(6)`, (col) => col.notNull())
        .addIndex('idempotency_keys_expires_at', ['expires_at'])
        .execute(),
  },
}

const KEPT = sql<Date>`utc_timestamp(6) + interval 24 hour`

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** JSON with its keys in order, so that two spellings of one body are the same request. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ) ?? ''

export interface IdempotencyRequest {
  /** Route and caller, e.g. `placeOrder|<user or cart id>`: another caller's key is another key. */
  scope: string
  key: string
  body: unknown
  /** The outcome of `work` where it is known before: then recorded with the key, in one statement. */
  expected?: { status: number; resourceId: string }
}

const identify = ({ scope, key, body }: Pick<IdempotencyRequest, 'scope' | 'key' | 'body'>) => ({
  id: sha256(`${scope}\n${key}`),
  requestHash: sha256(canonical(body)),
})

export interface IdempotencyOutcome {
  replayed: boolean
  status: number
  resourceId: string
}

/** Does `work` once per key, in the transaction that records it; only 2xx is kept. Throws IdempotencyMismatch or -Running. */
export const idempotent = async <DB>(
  trx: Transaction<DB>,
  { scope, key, body, expected }: IdempotencyRequest,
  work: () => Promise<{ status: number; resourceId: string }>,
): Promise<IdempotencyOutcome> => {
  const tables = trx as unknown as Transaction<IdempotencyTables>
  const { id, requestHash } = identify({ scope, key, body })

  const earlier = await claim(tables, id, requestHash, expected)
  if (earlier) {
    if (earlier.requestHash !== requestHash) throw new IdempotencyMismatch()
    return { replayed: true, status: earlier.status, resourceId: earlier.resourceId }
  }

  const { status, resourceId } = await work()
  const own = status >= 200 && status < 300
  const recorded = own && status === expected?.status && resourceId === expected.resourceId
  if (own && !recorded)
    await tables
      .updateTable('idempotency_keys')
      .set({ status, resource_id: resourceId })
      .where('id', '=', id)
      .execute()
  if (!own) await tables.deleteFrom('idempotency_keys').where('id', '=', id).execute()
  return { replayed: false, status, resourceId }
}

const claim = async (
  trx: Transaction<IdempotencyTables>,
  id: string,
  requestHash: string,
  expected: IdempotencyRequest['expected'],
) => {
  const row = {
    id,
    request_hash: requestHash,
    status: expected?.status ?? null,
    resource_id: expected?.resourceId ?? null,
    expires_at: KEPT,
  }
  try {
    // A first request that has not committed yet holds the unique key, and this waits for it.
    await trx.insertInto('idempotency_keys').values(row).execute()
    return null
  } catch (error) {
    if (errnoOf(error) === 1205) throw new IdempotencyRunning()
    if (!isDuplicateKey(error)) throw error
  }
  const [earlier] = await listKeys(trx, [id])
  if (earlier) return earlier
  // Expired, or purged in between: of several that come here at once the row's lock lets one through.
  await trx.deleteFrom('idempotency_keys').where('id', '=', id).where('expires_at', '<=', nowSql).execute()
  await trx.insertInto('idempotency_keys').values(row).execute()
  return null
}

/** The outcomes that are kept. */
const listKeys = async (trx: Transaction<IdempotencyTables>, ids: readonly string[]) => {
  const rows = await trx
    .selectFrom('idempotency_keys')
    .select(['id', 'request_hash as requestHash', 'status', 'resource_id as resourceId'])
    .where('id', 'in', ids)
    .where('expires_at', '>', nowSql)
    .execute()
  return rows.flatMap(({ status, resourceId, ...row }) =>
    status === null || resourceId === null ? [] : { ...row, status, resourceId },
  )
}

const insertUnknownKeys = async (
  trx: Transaction<IdempotencyTables>,
  keys: readonly ReturnType<typeof keyOf>[],
) => {
  const rows = keys.map(() => '(?, ?, ?, ?, utc_timestamp(6) + interval 24 hour)').join(', ')
  const statement = `insert ignore into idempotency_keys (id, request_hash, status, resource_id, expires_at) values ${rows}`
  const values = keys.flatMap(({ id, requestHash, expected }) => [
    id,
    requestHash,
    expected.status,
    expected.resourceId,
  ])
  try {
    return Number((await trx.executeQuery(CompiledQuery.raw(statement, values))).numAffectedRows)
  } catch (error) {
    throw errnoOf(error) === 1205 ? new IdempotencyRunning() : error
  }
}

const keyOf = ({ expected, ...request }: Required<IdempotencyRequest>) => ({
  ...identify(request),
  expected,
})

const outcomeOf = (
  { requestHash }: { requestHash: string },
  earlier: Awaited<ReturnType<typeof listKeys>>[number] | undefined,
): IdempotencyOutcome | IdempotencyMismatch | null => {
  if (!earlier) return null
  if (earlier.requestHash !== requestHash) return new IdempotencyMismatch()
  return { replayed: true, status: earlier.status, resourceId: earlier.resourceId }
}

/** For each request the outcome of its key, a mismatch, or null where the key is free. */
export const findOutcomes = async <DB>(
  trx: Transaction<DB>,
  requests: readonly Required<IdempotencyRequest>[],
): Promise<(IdempotencyOutcome | IdempotencyMismatch | null)[]> => {
  if (requests.length === 0) return []
  const keys = requests.map(keyOf)
  const found = await listKeys(
    trx as unknown as Transaction<IdempotencyTables>,
    keys.map(({ id }) => id),
  )
  const byId = new Map(found.map((row) => [row.id, row]))
  return keys.map((key) => outcomeOf(key, byId.get(key.id)))
}

const CLAIM_ROUNDS = 3

/** Claims the keys of several requests in one statement, each with an outcome of its own that nothing else has; keys
 * must differ. Null for those that are claimed, which commits with `trx`; a key that is known fails no other. Waits
 * for a transaction that claims one of them. */
export const claimKeys = async <DB>(
  trx: Transaction<DB>,
  requests: readonly Required<IdempotencyRequest>[],
): Promise<(IdempotencyOutcome | IdempotencyMismatch | null)[]> => {
  const tables = trx as unknown as Transaction<IdempotencyTables>
  const keys = requests.map(keyOf)
  // In one order, so that transactions with the same keys do not deadlock.
  let open = [...keys].sort((a, b) => (a.id < b.id ? -1 : 1))
  for (let round = 1; open.length > 0 && round <= CLAIM_ROUNDS; round++) {
    const inserted = await insertUnknownKeys(tables, open)
    if (round === 1 && inserted === keys.length) return keys.map(() => null)
    const ids = keys.map(({ id }) => id)
    const found = new Map((await listKeys(tables, ids)).map((row) => [row.id, row]))
    open = open.filter(({ id }) => !found.has(id))
    if (open.length === 0) {
      return keys.map((key) => {
        const row = found.get(key.id)
        return row?.resourceId === key.expected.resourceId ? null : outcomeOf(key, row)
      })
    }
    await tables
      .deleteFrom('idempotency_keys')
      .where(
        'id',
        'in',
        open.map(({ id }) => id),
      )
      .where('expires_at', '<=', nowSql)
      .execute()
  }
  if (open.length === 0) return []
  throw new IdempotencyRunning()
}

/** Frees keys that this transaction has claimed, because nothing came of their requests. */
export const releaseKeys = async <DB>(
  trx: Transaction<DB>,
  requests: readonly Required<IdempotencyRequest>[],
) => {
  if (requests.length === 0) return
  await (trx as unknown as Transaction<IdempotencyTables>)
    .deleteFrom('idempotency_keys')
    .where(
      'id',
      'in',
      requests.map((request) => identify(request).id),
    )
    .execute()
}

export const purgeIdempotencyKeys = async <DB>(db: Kysely<DB>, limit = 1_000): Promise<number> => {
  const result = await (db as unknown as Kysely<IdempotencyTables>)
    .deleteFrom('idempotency_keys')
    .where('expires_at', '<=', nowSql)
    .orderBy('expires_at')
    .limit(limit)
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
