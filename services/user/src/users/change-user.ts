import { RolesChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import {
  emitUserChanged,
  findUser,
  lockAccount,
  lockAdmins,
  replaceRoles,
  requireAnotherAdmin,
  updateAccount,
} from '../accounts/accounts.ts'
import {
  type Actor,
  currentPermissions,
  requireCurrentPermission,
  requireNoEscalation,
} from '../accounts/authorization.ts'
import { emitContactChanged } from '../accounts/contact.ts'
import { missingPermissions, permissionsOf, type Role } from '../accounts/roles.ts'
import type { User } from '../accounts/user.ts'
import { emitKeyPermissions } from '../api-keys/key-permissions.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { endSessionsOf } from '../sessions/end-session.ts'
import { Problem } from '../problems.ts'

export interface UserChange {
  roles?: readonly Role[] | undefined
  status?: 'active' | 'disabled' | undefined
  name?: string | null | undefined
  taxExempt?: boolean | undefined
}

const sameRoles = (some: readonly string[], others: readonly string[]) =>
  some.length === others.length && some.every((role) => others.includes(role))

/** Changes an account for staff, never beyond what they may do; `check` gets the version that is about to change. */
export const changeUser = async (
  trx: Trx,
  { userId, by, change }: { userId: string; by: Actor; change: UserChange },
  check: (current: { version: number }) => void,
  clock = () => new Date(),
): Promise<User> => {
  // Before any account is locked: of two who take away each other's roles one waits here.
  if (change.roles !== undefined || change.status !== undefined) await lockAdmins(trx)
  const held = await currentPermissions(trx, by)
  requireCurrentPermission(held, 'users:write')
  const locked = (await lockAccount(trx, userId)) ?? notFound('user', userId)
  const before = (await findUser(trx, userId)) ?? notFound('user', userId)
  if (before.status === 'erased') throw new Problem('wrong-state', 'This person was erased.')

  const roles = change.roles === undefined ? undefined : [...new Set(change.roles)].sort()
  const newRoles = roles !== undefined && !sameRoles(roles, before.roles) ? roles : undefined
  const newStatus = change.status === before.status ? undefined : change.status
  const newName = change.name === before.name ? undefined : change.name
  const newExemption = change.taxExempt === before.taxExempt ? undefined : change.taxExempt

  if (
    by.userId === userId &&
    (newRoles !== undefined || newStatus !== undefined || newExemption !== undefined)
  ) {
    throw new Problem('not-on-yourself', 'Have another administrator do it.')
  }
  requireNoEscalation(missingPermissions(permissionsOf(before.roles), held), 'They may do what you may not:')
  requireNoEscalation(
    missingPermissions(permissionsOf(newRoles ?? []), held),
    'You cannot give what you do not have:',
  )
  check(before)
  if ([newRoles, newStatus, newName, newExemption].every((value) => value === undefined)) return before

  const wasAdmin = before.status === 'active' && before.roles.includes('admin')
  const staysAdmin = newStatus !== 'disabled' && (newRoles ?? before.roles).includes('admin')
  if (wasAdmin && !staysAdmin) await requireAnotherAdmin(trx, userId)

  // Taken after the lock, and always later than the previous change: replicas keep the later one of two.
  const now = new Date(Math.max(clock().getTime(), (locked.rolesChangedAt?.getTime() ?? 0) + 1))
  const permissionsChanged = newRoles !== undefined || newStatus !== undefined
  await updateAccount(trx, userId, {
    ...(newName === undefined ? {} : { name: newName }),
    ...(newStatus === undefined ? {} : { status: newStatus }),
    ...(newExemption === undefined ? {} : { tax_exempt: newExemption }),
    ...(permissionsChanged ? { roles_changed_at: now } : {}),
  })
  if (newRoles !== undefined) await replaceRoles(trx, userId, newRoles)
  if (newStatus === 'disabled') await endSessionsOf(trx, userId, 'account-disabled', now)

  const record = (type: Parameters<typeof recordActivity>[1]['type'], details?: Record<string, string[]>) =>
    recordActivity(trx, { userId, type, byUserId: by.userId, details }, now)
  if (newName !== undefined) await record('profile-changed')
  if (newExemption !== undefined) await record('tax-exemption-changed')
  if (newName !== undefined || newExemption !== undefined) await emitContactChanged(trx, userId, now)
  if (newRoles !== undefined) await record('roles-changed', { roles: newRoles, before: before.roles })
  if (newStatus !== undefined) await record(newStatus === 'disabled' ? 'account-disabled' : 'account-enabled')

  if (newRoles !== undefined) {
    const permissions = permissionsOf(newRoles)
    await emit(trx, RolesChanged, { userId, roles: newRoles, permissions, changedAt: now.toISOString() })
  }
  if (permissionsChanged) {
    await emitKeyPermissions(trx, userId, now)
    await emitUserChanged(trx, userId, now)
  }
  return (await findUser(trx, userId)) ?? notFound('user', userId)
}
