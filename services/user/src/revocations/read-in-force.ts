import type { RevocationSnapshot } from '@storewright/service-kit/auth'
import { readChangedRoles } from '../accounts/changed-roles.ts'
import { listRevokedKeys } from '../api-keys/queries.ts'
import { readChangedKeys } from '../api-keys/tell-keys.ts'
import type { Db } from '../database.ts'
import { listRevokedSessions } from './queries.ts'

/** A revocation may be committed a little after the time that it bears. */
const SLACK_MS = 30_000

/** What older access tokens, while they live, no longer say rightly. */
export const readInForce = async (
  db: Db,
  { tokenTtlSeconds }: { tokenTtlSeconds: number },
  now = new Date(),
): Promise<RevocationSnapshot> => {
  const since = new Date(now.getTime() - tokenTtlSeconds * 1_000 - SLACK_MS)
  const [sessions, apiKeys, roles, keys] = await Promise.all([
    listRevokedSessions(db, since),
    listRevokedKeys(db, since),
    readChangedRoles(db, since),
    readChangedKeys(db, since),
  ])
  return {
    tokenTtlSeconds,
    sessions: sessions.map(({ sessionId, revokedAt }) => ({
      sessionId,
      revokedAt: (revokedAt ?? now).toISOString(),
    })),
    apiKeys: apiKeys.map(({ apiKeyId, revokedAt }) => ({
      apiKeyId,
      revokedAt: (revokedAt ?? now).toISOString(),
    })),
    roles: [...roles, ...keys],
  }
}
