import { RolesChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { findAccount } from '../accounts/queries.ts'
import { permissionsOf } from '../accounts/roles.ts'
import type { Db, Trx } from '../database.ts'
import { inEffect } from './api-key.ts'
import { listKeysOf } from './queries.ts'

/** What the keys that an account made may do now; nothing where the account is not active. */
export const readKeysOf = async (db: Db | Trx, userId: string) => {
  const account = await findAccount(db, userId)
  const held = account?.status === 'active' ? permissionsOf(account.roles?.split(',') ?? []) : []
  const keys = await listKeysOf(db, userId)
  return keys.map(({ id, permissions }) => ({ id, permissions: inEffect(permissions, held) }))
}

/**
 * Says that what an account's keys may do has changed with it. To those who check tokens a key is the user of its
 * own tokens, so that they hear it as they hear of people.
 */
export const tellKeysOf = async (trx: Trx, userId: string, now: Date) => {
  for (const { id, permissions } of await readKeysOf(trx, userId)) {
    await emit(trx, RolesChanged, { userId: id, roles: [], permissions, changedAt: now.toISOString() })
  }
}
