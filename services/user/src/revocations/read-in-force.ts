import type { InForce } from '@storewright/service-kit/revocations'
import type { Db } from '../database.ts'
import { listRevokedSessions } from './queries.ts'

/** A revocation may be committed a little after the time that it bears. */
const SLACK_MS = 30_000

/** What older access tokens, while they live, no longer say rightly. */
export const readInForce = async (
  db: Db,
  { tokenTtlSeconds }: { tokenTtlSeconds: number },
  now = new Date(),
): Promise<InForce> => {
  const since = new Date(now.getTime() - tokenTtlSeconds * 1_000 - SLACK_MS)
  const sessions = await listRevokedSessions(db, since)
  return {
    tokenTtlSeconds,
    sessions: sessions.map(({ sessionId, revokedAt }) => ({
      sessionId,
      revokedAt: (revokedAt ?? now).toISOString(),
    })),
    apiKeys: [],
    roles: [],
  }
}
