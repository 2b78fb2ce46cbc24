import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit/http'
import { heldBy, requireHeld, requireWithin, type Changer } from '../accounts/held-by.ts'
import { beyond } from '../accounts/roles.ts'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { fingerprint } from '../auth/secret.ts'
import type { Trx } from '../database.ts'
import { lockAccount } from '../personal-data/lock-account.ts'
import { newKeyFor, readExpiry } from './api-key.ts'
import { insertKey } from './queries.ts'

export interface CreateKey {
  by: Changer
  name: string
  permissions: readonly string[]
  expiresAt: string | undefined
  origin: Origin
}

/** Makes a key that may do no more than whoever makes it; its text is returned here, and never again. */
export const createKey = async (
  trx: Trx,
  { by, name, permissions, expiresAt, origin }: CreateKey,
  now: Date,
): Promise<{ id: string; key: string }> => {
  if (by.kind === 'api-key') throw new Problem('forbidden', 'A key is made by people only.')
  // Whoever changes what they may do waits here, and then finds the key to cut it.
  await lockAccount(trx, by.userId)
  const held = await heldBy(trx, by)
  requireHeld(held, 'api-keys:write')
  requireWithin(beyond(permissions, held), 'You cannot give what you do not have:')
  const id = newId()
  const key = newKeyFor(id)
  const row = {
    id,
    name,
    permissions: [...permissions].sort(),
    createdBy: by.userId,
    expiresAt: readExpiry(expiresAt, now),
    secretHash: fingerprint(key),
  }
  await insertKey(trx, row, now)
  const details = { apiKeyId: id, name, permissions: row.permissions }
  await insertActivity(trx, { userId: by.userId, type: 'api-key-created', origin, details }, now)
  return { id, key }
}
