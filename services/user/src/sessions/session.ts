import { Timestamp, Uuid } from '@storewright/contracts'
import { Type, type Static } from 'typebox'
import type { Db } from '../database.ts'
import { deleteStaleSessions, listRevokedSessions, type SessionRow } from './queries.ts'

export { listAllSessions } from './queries.ts'

export const Session = Type.Object(
  {
    id: Uuid,
    device: Type.Union([Type.String({ maxLength: 300 }), Type.Null()], {
      description: 'what the client called itself (`User-Agent`)',
    }),
    address: Type.Union([Type.String({ maxLength: 45 }), Type.Null()], {
      description: 'the IP address it was last used from',
    }),
    createdAt: Timestamp,
    lastUsedAt: {
      ...Timestamp,
      description: 'when it was last renewed: to within the life of an access token',
    },
    expiresAt: { ...Timestamp, description: 'when it ends unless it is used' },
    current: Type.Boolean({ description: 'whether it is the session of this very request' }),
  },
  {
    title: 'Session',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        device: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
        address: '192.0.2.7',
        createdAt: '2026-01-31T09:30:00.000Z',
        lastUsedAt: '2026-01-31T10:15:00.000Z',
        expiresAt: '2026-03-02T10:15:00.000Z',
        current: true,
      },
    ],
  },
)
export type Session = Static<typeof Session>

export const describeSession = (row: SessionRow, currentId: string): Session => ({
  id: row.id,
  device: row.device,
  address: row.address,
  createdAt: row.createdAt.toISOString(),
  lastUsedAt: row.lastUsedAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  current: row.id === currentId,
})

export const listRevocations = async (db: Db, since: Date) => {
  const sessions = await listRevokedSessions(db, since)
  return sessions.map(({ sessionId, revokedAt }) => ({
    sessionId,
    revokedAt: (revokedAt ?? since).toISOString(),
  }))
}

/** Replicas that start read the revoked sessions as long as a token of theirs may be valid: a day at most. */
const KEEP_SESSIONS_FOR_SECONDS = 24 * 60 * 60

/** Removes sessions that expired, and refresh tokens that were spent, long enough ago. */
export const deleteOldSessions = async (db: Db, refreshTtlSeconds: number, now: Date) => {
  const ago = (seconds: number) => new Date(now.getTime() - seconds * 1_000)
  const before = { expiry: ago(KEEP_SESSIONS_FOR_SECONDS), spent: ago(refreshTtlSeconds) }
  while (await deleteStaleSessions(db, before));
}
