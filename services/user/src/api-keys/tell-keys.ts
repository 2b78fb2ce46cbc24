import { RolesChanged } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Db, Trx } from '../database.ts'
import { heldByCreator, inEffect } from './api-key.ts'
import { listKeysOf, listKeysOfChanged } from './queries.ts'

/**
 * Says that what an account's keys may do has changed with it. To those who check tokens a key is the user of its
 * own tokens, so that they hear it as they hear of people.
 */
export const tellKeysOf = async (trx: Trx, userId: string, now: Date) => {
  for (const key of await listKeysOf(trx, userId)) {
    const permissions = inEffect(key.permissions, heldByCreator(key))
    await emit(trx, RolesChanged, { userId: key.id, roles: [], permissions, changedAt: now.toISOString() })
  }
}

/** What keys may do since whoever made them was changed after `since`. */
export const readChangedKeys = async (db: Db, since: Date) => {
  const keys = await listKeysOfChanged(db, since)
  return keys.map((key) => ({
    userId: key.id,
    roles: [],
    permissions: inEffect(key.permissions, heldByCreator(key)),
    changedAt: (key.changedAt ?? since).toISOString(),
  }))
}
