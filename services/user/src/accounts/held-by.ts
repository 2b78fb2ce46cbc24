import type { Trx } from '../database.ts'
import { describeUser } from './account.ts'
import { findAccount } from './queries.ts'
import { beyond, permissionsOf } from './roles.ts'
import { Problem } from '../problems.ts'

/** Who changes what is not theirs: staff, or a machine. */
export interface Changer {
  kind: 'user' | 'api-key'
  userId: string
  permissions: readonly string[]
}

/** What they may do at this point of the transaction: their token may be older than the last change of it. */
export const heldBy = async (
  trx: Trx,
  { kind, userId, permissions }: Changer,
): Promise<readonly string[]> => {
  if (kind === 'api-key') return permissions
  const account = await findAccount(trx, userId)
  if (account?.status !== 'active')
    throw new Problem('invalid-token', 'This session has ended. Log in again.')
  return permissionsOf(describeUser(account).roles)
}

/** Ends the request where the permission is lost by now. */
export const requireHeld = (held: readonly string[], permission: string) => {
  if (!held.includes(permission)) {
    throw new Problem('forbidden', `This needs the permission ${permission}.`)
  }
}

/** Ends the request where something is beyond what they may do themselves. */
export const requireWithin = (missing: readonly string[], what: string) => {
  if (missing.length > 0) throw new Problem('beyond-your-permissions', `${what} ${missing.join(', ')}.`)
}

/** Ends the request where the account is their own, or may do more than they. */
export const requireReach = async (trx: Trx, by: Changer, userId: string): Promise<void> => {
  const held = await heldBy(trx, by)
  requireHeld(held, 'users:write')
  if (by.userId === userId) throw new Problem('not-on-yourself', 'Have another administrator do it.')
  const account = await findAccount(trx, userId)
  const theirs = permissionsOf(account ? describeUser(account).roles : [])
  requireWithin(beyond(theirs, held), 'They may do what you may not:')
}
