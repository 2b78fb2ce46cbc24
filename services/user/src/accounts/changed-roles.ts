import type { Db } from '../database.ts'
import { describeUser } from './account.ts'
import { listChangedSince } from './admin-queries.ts'
import { permissionsOf } from './roles.ts'

/** What accounts may do since it was changed after `since`. The sessions of disabled ones are among those that ended. */
export const readChangedRoles = async (db: Db, since: Date) => {
  const changed = await listChangedSince(db, since)
  return changed.map(({ rolesChangedAt, ...account }) => {
    const { id: userId, roles } = describeUser(account)
    return {
      userId,
      roles,
      permissions: permissionsOf(roles),
      changedAt: (rolesChangedAt ?? since).toISOString(),
    }
  })
}
