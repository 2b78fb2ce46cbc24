import { readKeysOf } from '../api-keys/tell-keys.ts'
import type { Db } from '../database.ts'
import { describeUser } from './account.ts'
import { listChangedSince } from './admin-queries.ts'
import { permissionsOf } from './roles.ts'

/** What accounts, and the keys that they made, may do since it was changed after `since`. */
export const readChangedRoles = async (db: Db, since: Date) => {
  const changed = await listChangedSince(db, since)
  const entries = await Promise.all(
    changed.map(async ({ rolesChangedAt, ...account }) => {
      const changedAt = (rolesChangedAt ?? since).toISOString()
      const { id: userId, roles, status } = describeUser(account)
      const permissions: string[] = status === 'active' ? permissionsOf(roles) : []
      const keys = await readKeysOf(db, userId)
      return [
        { userId, roles, permissions, changedAt },
        ...keys.map((key) => ({ userId: key.id, roles: [], permissions: key.permissions, changedAt })),
      ]
    }),
  )
  return entries.flat()
}
