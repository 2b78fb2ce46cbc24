import type { Trx } from '../database.ts'
import { findUser, sessionEnded } from './accounts.ts'
import { missingPermissions, permissionsOf } from './roles.ts'
import { Problem } from '../problems.ts'

/** Who acts on an account: staff or a machine. */
export interface Actor {
  kind: 'user' | 'api-key'
  userId: string
  permissions: readonly string[]
}

/** The actor's permissions at this point of the transaction: a token may be older than their last change. */
export const currentPermissions = async (
  trx: Trx,
  { kind, userId, permissions }: Actor,
): Promise<readonly string[]> => {
  if (kind === 'api-key') return permissions
  const user = await findUser(trx, userId)
  if (user?.status !== 'active') throw sessionEnded()
  return permissionsOf(user.roles)
}

export const requireCurrentPermission = (held: readonly string[], permission: string) => {
  if (!held.includes(permission)) {
    throw new Problem('forbidden', `This needs the permission ${permission}.`)
  }
}

/** Ends the request where it needs permissions that the actor does not have. */
export const requireNoEscalation = (missing: readonly string[], what: string) => {
  if (missing.length > 0) throw new Problem('beyond-your-permissions', `${what} ${missing.join(', ')}.`)
}

/** Ends the request where the account is the actor's own, or has permissions that the actor lacks. */
export const requireScope = async (trx: Trx, by: Actor, userId: string): Promise<void> => {
  const held = await currentPermissions(trx, by)
  requireCurrentPermission(held, 'users:write')
  if (by.userId === userId) throw new Problem('not-on-yourself', 'Have another administrator do it.')
  const theirs = permissionsOf((await findUser(trx, userId))?.roles ?? [])
  requireNoEscalation(missingPermissions(theirs, held), 'They may do what you may not:')
}
