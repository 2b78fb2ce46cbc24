import { withLock } from '@storewright/database'
import type { Db } from '../database.ts'
import { expireOtherKeys, findStoredKey, insertKey } from './queries.ts'
import { generateSigningKey, readSigningKey, type SigningKey } from './signing-key.ts'

const OVERLAP_HOURS = 24

/**
 * The environment's key, else the database's, else a new one. Under a lock: replicas that start together on an
 * empty database must agree on one key.
 */
export const loadSigningKey = (db: Db, given: string | undefined, now = new Date()): Promise<SigningKey> =>
  withLock(db, 'signing-key', async () => {
    const stored = given ? undefined : await findStoredKey(db)
    const key = await (given ? readSigningKey(given) : stored ? readSigningKey(stored) : generateSigningKey())
    if (!stored) await insertKey(db, key, { stored: !given }, now)
    await expireOtherKeys(db, key.kid, new Date(now.getTime() + OVERLAP_HOURS * 3_600_000))
    return key
  })
