import type { Db } from '../database.ts'
import { hashSecret } from '../secrets.ts'
import { creatorPermissions, effectivePermissions, hashesEqual, keyIdOf } from './api-key.ts'
import { findPresented, markUsed } from './queries.ts'

/** No token of a key is good for longer, so that the gateway asks again soon. */
const MAX_TOKEN_SECONDS = 300
const USE_NOTED_EVERY_MS = 60_000

export interface Exchanged {
  apiKeyId: string
  permissions: string[]
  expiresIn: number
}

/** The claims of a key's token; undefined for a key that is unknown, wrong, revoked, expired, or without an active owner. */
export const exchangeKey = async (
  db: Db,
  { key, tokenTtlSeconds }: { key: string; tokenTtlSeconds: number },
  now: Date,
): Promise<Exchanged | undefined> => {
  const id = keyIdOf(key)
  if (id === undefined) return undefined
  const found = await findPresented(db, id)
  if (!hashesEqual(hashSecret(key), found?.secretHash ?? '') || !found) return undefined
  const remaining = Math.floor((found.expiresAt.getTime() - now.getTime()) / 1_000)
  if (found.revokedAt !== null || remaining < 1 || found.creatorStatus !== 'active') return undefined

  const unlessSince = new Date(now.getTime() - USE_NOTED_EVERY_MS)
  if (found.lastUsedAt === null || found.lastUsedAt <= unlessSince) {
    await markUsed(db, id, { now, unlessSince })
  }
  return {
    apiKeyId: id,
    permissions: effectivePermissions(found.permissions, creatorPermissions(found)),
    // Never longer than a session's: revocations are kept as long as those live.
    expiresIn: Math.min(MAX_TOKEN_SECONDS, tokenTtlSeconds, remaining),
  }
}
