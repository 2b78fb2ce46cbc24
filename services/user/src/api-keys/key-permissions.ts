import { RolesChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Db, Trx } from '../database.ts'
import { creatorPermissions, effectivePermissions } from './api-key.ts'
import { listKeysOf, listKeysOfChanged, listRevokedKeys } from './queries.ts'

/** Emits what an account's keys may do now, by the event for people: token checks treat a key as the user of its tokens. */
export const emitKeyPermissions = async (trx: Trx, userId: string, now: Date) => {
  for (const key of await listKeysOf(trx, userId)) {
    const permissions = effectivePermissions(key.permissions, creatorPermissions(key))
    await emit(trx, RolesChanged, { userId: key.id, roles: [], permissions, changedAt: now.toISOString() })
  }
}

/** The permissions of all keys whose creators were changed after `since`. */
export const listChangedKeyPermissions = async (db: Db, since: Date) => {
  const keys = await listKeysOfChanged(db, since)
  return keys.map((key) => ({
    userId: key.id,
    roles: [],
    permissions: effectivePermissions(key.permissions, creatorPermissions(key)),
    changedAt: (key.changedAt ?? since).toISOString(),
  }))
}

export const listRevokedApiKeys = async (db: Db, since: Date) => {
  const keys = await listRevokedKeys(db, since)
  return keys.map(({ apiKeyId, revokedAt }) => ({
    apiKeyId,
    revokedAt: (revokedAt ?? since).toISOString(),
  }))
}
