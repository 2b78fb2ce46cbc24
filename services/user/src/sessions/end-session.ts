import { SessionRevoked } from '@storewright/contracts'
import { emit } from '@storewright/messaging/outbox'
import { notFound } from '@storewright/service-kit/http'
import type { Origin } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Trx } from '../database.ts'
import { lockOpenSession, lockUnendedSessions, markEnded } from './queries.ts'

type Reason = SessionRevoked['reason']

/** Ends a session and emits SessionRevoked once; false where it had ended already. */
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

/** Ends all sessions of an account but `except`. The caller locks the account, so that none opens in between. */
export const endSessionsOf = async (
  trx: Trx,
  userId: string,
  reason: Reason,
  now: Date,
  { except }: { except?: string | undefined } = {},
): Promise<void> => {
  for (const { id } of await lockUnendedSessions(trx, userId)) {
    if (id !== except) await endSession(trx, { sessionId: id, userId }, reason, now)
  }
}

/** Ends one of an account's sessions, by its owner or by staff; another account's is not found. */
export const endOneSession = async (
  trx: Trx,
  command: { userId: string; sessionId: string; origin: Origin; byUserId?: string },
  now: Date,
) => {
  const { userId, sessionId, origin, byUserId } = command
  if (!(await lockOpenSession(trx, userId, sessionId, now))) notFound('session', sessionId)
  await endSession(trx, { sessionId, userId }, byUserId ? 'ended-by-staff' : 'ended-by-owner', now)
  // The address of staff is not shown to the owner.
  const by = byUserId === undefined ? { origin } : { byUserId }
  await recordActivity(trx, { userId, type: 'session-ended', details: { sessionId }, ...by }, now)
}
