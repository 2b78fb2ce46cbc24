import { RolesChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import { insertActivity } from '../activity/queries.ts'
import { tellKeysOf } from '../api-keys/tell-keys.ts'
import { endSessionsOf } from '../auth/end-session.ts'
import type { Trx } from '../database.ts'
import { tellChange } from '../profile/tell-change.ts'
import { describeUser, type User } from './account.ts'
import { lockAdmins, lockForChange, replaceRoles, saveChange } from './admin-queries.ts'
import { heldBy, requireHeld, requireWithin, type Changer } from './held-by.ts'
import { findAccount } from './queries.ts'
import { requireAnotherAdmin } from './require-another-admin.ts'
import { beyond, permissionsOf, type Role } from './roles.ts'
import { Problem } from '../problems.ts'

export interface UserChange {
  roles?: readonly Role[] | undefined
  status?: 'active' | 'disabled' | undefined
  name?: string | null | undefined
}

const sameRoles = (some: readonly string[], others: readonly string[]) =>
  some.length === others.length && some.every((role) => others.includes(role))

/**
 * Changes somebody's account by staff: nobody does so to what they may do themselves, gives what they do not hold,
 * or touches an account that may do more than they. `check` sees the version that is about to change.
 */
export const changeUser = async (
  trx: Trx,
  { userId, by, change }: { userId: string; by: Changer; change: UserChange },
  check: (current: { version: number }) => void,
  clock = () => new Date(),
): Promise<User> => {
  // Before any account is locked, and then as a queue: two who take away each other's roles come one by one.
  if (change.roles !== undefined || change.status !== undefined) await lockAdmins(trx)
  const held = await heldBy(trx, by)
  requireHeld(held, 'users:write')
  const locked = (await lockForChange(trx, userId)) ?? notFound('user', userId)
  const before = describeUser((await findAccount(trx, userId)) ?? notFound('user', userId))
  if (before.status === 'erased') throw new Problem('wrong-state', 'This person was erased.')

  const roles = change.roles === undefined ? undefined : [...new Set(change.roles)].sort()
  const newRoles = roles !== undefined && !sameRoles(roles, before.roles) ? roles : undefined
  const newStatus = change.status === before.status ? undefined : change.status
  const newName = change.name === before.name ? undefined : change.name

  if (by.userId === userId && (newRoles ?? newStatus) !== undefined) {
    throw new Problem('not-on-yourself', 'Have another administrator do it.')
  }
  requireWithin(beyond(permissionsOf(before.roles), held), 'They may do what you may not:')
  requireWithin(beyond(permissionsOf(newRoles ?? []), held), 'You cannot give what you do not have:')
  check(before)
  if ((newRoles ?? newStatus ?? newName) === undefined) return before

  const wasAdmin = before.status === 'active' && before.roles.includes('admin')
  const staysAdmin = newStatus !== 'disabled' && (newRoles ?? before.roles).includes('admin')
  if (wasAdmin && !staysAdmin) await requireAnotherAdmin(trx, userId)

  // Now that the account is ours, and never before the change before it: replicas keep the later one of two.
  const now = new Date(Math.max(clock().getTime(), (locked.rolesChangedAt?.getTime() ?? 0) + 1))
  const powers = newRoles !== undefined || newStatus !== undefined
  await saveChange(trx, userId, {
    ...(newName === undefined ? {} : { name: newName }),
    ...(newStatus === undefined ? {} : { status: newStatus }),
    ...(powers ? { roles_changed_at: now } : {}),
  })
  if (newRoles !== undefined) await replaceRoles(trx, userId, newRoles)
  if (newStatus === 'disabled') await endSessionsOf(trx, userId, 'account-disabled', now)

  const note = (type: Parameters<typeof insertActivity>[1]['type'], details?: Record<string, string[]>) =>
    insertActivity(trx, { userId, type, byUserId: by.userId, details }, now)
  if (newName !== undefined) await note('profile-changed')
  if (newRoles !== undefined) await note('roles-changed', { roles: newRoles, before: before.roles })
  if (newStatus !== undefined) await note(newStatus === 'disabled' ? 'account-disabled' : 'account-enabled')

  if (newRoles !== undefined) {
    const permissions = permissionsOf(newRoles)
    await emit(trx, RolesChanged, { userId, roles: newRoles, permissions, changedAt: now.toISOString() })
  }
  if (powers) {
    await tellKeysOf(trx, userId, now)
    await tellChange(trx, userId, now)
  }
  return describeUser((await findAccount(trx, userId)) ?? notFound('user', userId))
}
