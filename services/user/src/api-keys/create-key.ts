import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit/http'
import { lockActiveAccount } from '../accounts/accounts.ts'
import {
  type Actor,
  currentPermissions,
  requireCurrentPermission,
  requireNoEscalation,
} from '../accounts/authorization.ts'
import { missingPermissions } from '../accounts/roles.ts'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { hashSecret } from '../secrets.ts'
import { generateKey, parseExpiry } from './api-key.ts'
import { insertKey } from './queries.ts'

export interface CreateKey {
  by: Actor
  name: string
  permissions: readonly string[]
  expiresAt: string | undefined
  origin: Origin
}

/** Creates a key that may do no more than its creator; its text is returned here and never again. */
export const createKey = async (
  trx: Trx,
  { by, name, permissions, expiresAt, origin }: CreateKey,
  now: Date,
): Promise<{ id: string; key: string }> => {
  if (by.kind === 'api-key') throw new Problem('forbidden', 'A key is made by people only.')
  // A change of the creator's permissions waits here, and then finds the key.
  await lockActiveAccount(trx, by.userId)
  const held = await currentPermissions(trx, by)
  requireCurrentPermission(held, 'api-keys:write')
  requireNoEscalation(missingPermissions(permissions, held), 'You cannot give what you do not have:')
  const id = newId()
  const key = generateKey(id)
  const row = {
    id,
    name,
    permissions: [...permissions].sort(),
    createdBy: by.userId,
    expiresAt: parseExpiry(expiresAt, now),
    secretHash: hashSecret(key),
  }
  await insertKey(trx, row, now)
  const details = { apiKeyId: id, name, permissions: row.permissions }
  await recordActivity(trx, { userId: by.userId, type: 'api-key-created', origin, details }, now)
  return { id, key }
}
