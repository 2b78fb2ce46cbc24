import { sql } from 'kysely'
import type { Db } from '../database.ts'

interface From {
  userId: string
  after: string
  limit: number
}

export const findExportedAccount = async (db: Db, userId: string) => {
  const row = await db
    .selectFrom('users')
    .select([
      'id',
      'email',
      'pending_email as pendingEmail',
      'name',
      'status',
      'email_verified_at as emailVerifiedAt',
      'created_at as createdAt',
      sql<string | null>`(select group_concat(role order by role) from user_roles
        where user_roles.user_id = users.id)`.as('roles'),
    ])
    .where('id', '=', userId)
    .executeTakeFirstOrThrow()
  return { ...row, roles: row.roles ? row.roles.split(',') : [] }
}

export const listOwnConsents = (db: Db, { userId, after, limit }: From) =>
  db
    .selectFrom('consents')
    .select(['id', 'purpose', 'given', 'at'])
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

export const listOwnSessions = (db: Db, { userId, after, limit }: From) =>
  db
    .selectFrom('sessions')
    .select([
      'id',
      'created_at as createdAt',
      'last_used_at as lastUsedAt',
      'expires_at as expiresAt',
      'revoked_at as revokedAt',
      'address',
      'device',
    ])
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

export const listOwnActivity = (db: Db, { userId, after, limit }: From) =>
  db
    .selectFrom('activity')
    .select(['id', 'type', 'at', 'by_user_id as byUserId', 'address', 'device', 'details'])
    .where('user_id', '=', userId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()
