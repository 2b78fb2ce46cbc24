import { SessionRevoked } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import type { Trx } from '../database.ts'
import { lockOpenSessions, markEnded } from './queries.ts'

type Reason = SessionRevoked['reason']

/** Ends a session for good and says so, once; false where it was over already. */
export const endSession = async (
  trx: Trx,
  session: { sessionId: string; userId: string },
  reason: Reason,
  now: Date,
): Promise<boolean> => {
  if (!(await markEnded(trx, session.sessionId, now))) return false
  await emit(trx, SessionRevoked, { ...session, reason, revokedAt: now.toISOString() })
  return true
}

/**
 * Ends all sessions of an account, or all but one, and returns how many. The caller holds the account's row: a
 * log-in locks it too, so that no session slips in between.
 */
export const endSessionsOf = async (
  trx: Trx,
  userId: string,
  reason: Reason,
  now: Date,
  { except }: { except?: string | undefined } = {},
): Promise<number> => {
  const open = await lockOpenSessions(trx, userId)
  const ending = open.filter(({ id }) => id !== except)
  for (const { id } of ending) await endSession(trx, { sessionId: id, userId }, reason, now)
  return ending.length
}
