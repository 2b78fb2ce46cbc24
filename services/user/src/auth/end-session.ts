import { SessionRevoked } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import { markEnded } from './queries.ts'

/** Ends a session for good and says so, once. */
export const endSession = async (
  trx: Trx,
  session: { sessionId: string; userId: string },
  reason: SessionRevoked['reason'],
  now: Date,
) => {
  if (!(await markEnded(trx, session.sessionId, now))) return
  await emit(trx, SessionRevoked, { ...session, reason, revokedAt: now.toISOString() })
}
