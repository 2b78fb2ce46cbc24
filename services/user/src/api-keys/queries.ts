import { parseJson } from '@storewright/database'
import { sql } from 'kysely'
import type { Db, Trx } from '../database.ts'
import type { KeyRow } from './api-key.ts'

const columns = [
  'api_keys.id',
  'api_keys.name',
  'api_keys.permissions',
  'api_keys.created_by as createdBy',
  'api_keys.created_at as createdAt',
  'api_keys.expires_at as expiresAt',
  'api_keys.last_used_at as lastUsedAt',
  'api_keys.revoked_at as revokedAt',
] as const

/** What whoever made it is and may do now. */
const creator = [
  'users.status as creatorStatus',
  sql<string | null>`(select group_concat(role) from user_roles
    where user_roles.user_id = api_keys.created_by)`.as('creatorRoles'),
] as const

/** With its permissions as a list, whichever way the server sends JSON. */
const readable = <Row extends { permissions: unknown }>(row: Row): Row & { permissions: string[] } => ({
  ...row,
  permissions: parseJson<string[]>(row.permissions as string[] | string),
})

export const insertKey = async (
  trx: Trx,
  key: Omit<KeyRow, 'createdAt' | 'lastUsedAt' | 'revokedAt'> & { secretHash: string },
  now: Date,
) => {
  await trx
    .insertInto('api_keys')
    .values({
      id: key.id,
      name: key.name,
      secret_hash: key.secretHash,
      permissions: JSON.stringify(key.permissions),
      created_by: key.createdBy,
      created_at: now,
      expires_at: key.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute()
}

export const findKey = async (db: Db | Trx, id: string): Promise<KeyRow | undefined> => {
  const row = await db.selectFrom('api_keys').select(columns).where('id', '=', id).executeTakeFirst()
  return row && readable(row)
}

/** The keys that were not revoked, the newest first. */
export const listKeys = async (
  db: Db,
  { before, limit }: { before: string | undefined; limit: number },
): Promise<KeyRow[]> => {
  const rows = await db
    .selectFrom('api_keys')
    .select(columns)
    .where('revoked_at', 'is', null)
    .$if(before !== undefined, (query) => query.where('id', '<', before ?? ''))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(readable)
}

export const findPresented = async (db: Db, id: string) => {
  const row = await db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.created_by')
    .select([...columns, ...creator, 'secret_hash as secretHash'])
    .where('api_keys.id', '=', id)
    .executeTakeFirst()
  return row && readable(row)
}

/** Of many uses at once one writes. */
export const markUsed = async (
  db: Db,
  id: string,
  { now, unlessSince }: { now: Date; unlessSince: Date },
) => {
  await db
    .updateTable('api_keys')
    .set({ last_used_at: now })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', unlessSince)]))
    .execute()
}

export const lockKey = (trx: Trx, id: string) =>
  trx
    .selectFrom('api_keys')
    .select(['id', 'name', 'created_by as createdBy', 'revoked_at as revokedAt'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()

export const markRevoked = async (trx: Trx, id: string, now: Date) => {
  await trx.updateTable('api_keys').set({ revoked_at: now }).where('id', '=', id).execute()
}

const unrevoked = (db: Db | Trx) =>
  db
    .selectFrom('api_keys')
    .innerJoin('users', 'users.id', 'api_keys.created_by')
    .select(['api_keys.id', 'api_keys.permissions', 'users.roles_changed_at as changedAt', ...creator])
    .where('revoked_at', 'is', null)
    .orderBy('api_keys.id')

/** The keys that an account made and that were not revoked, in the order of ids. */
export const listKeysOf = async (db: Db | Trx, userId: string) =>
  (await unrevoked(db).where('created_by', '=', userId).execute()).map(readable)

/** The same of all accounts whose roles or status were changed since then. */
export const listKeysOfChanged = async (db: Db, since: Date) =>
  (await unrevoked(db).where('users.roles_changed_at', '>', since).execute()).map(readable)

export const listRevokedKeys = (db: Db, since: Date) =>
  db
    .selectFrom('api_keys')
    .select(['id as apiKeyId', 'revoked_at as revokedAt'])
    .where('revoked_at', '>', since)
    .execute()
