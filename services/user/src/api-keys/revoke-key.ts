import { ApiKeyRevoked } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import { recordActivityIfAccountExists } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { listKeysOf, lockKey, markRevoked } from './queries.ts'

const end = async (trx: Trx, id: string, now: Date) => {
  await markRevoked(trx, id, now)
  await emit(trx, ApiKeyRevoked, { apiKeyId: id, revokedAt: now.toISOString() })
}

/** Ends a key for good; again, it does nothing. */
export const revokeKey = async (trx: Trx, { id, byUserId }: { id: string; byUserId: string }, now: Date) => {
  const key = (await lockKey(trx, id)) ?? notFound('API key', id)
  if (key.revokedAt !== null) return
  await end(trx, id, now)
  const activity = {
    userId: key.createdBy,
    type: 'api-key-revoked' as const,
    byUserId: byUserId === key.createdBy ? undefined : byUserId,
    details: { apiKeyId: id, name: key.name },
  }
  await recordActivityIfAccountExists(trx, activity, now)
}

/** Ends all keys that an account made: its person is being forgotten. */
export const revokeKeysOf = async (trx: Trx, userId: string, now: Date): Promise<void> => {
  for (const { id } of await listKeysOf(trx, userId)) {
    if ((await lockKey(trx, id))?.revokedAt === null) await end(trx, id, now)
  }
}
