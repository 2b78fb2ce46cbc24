import { notFound } from '@storewright/service-kit/http'
import type { Origin } from '../activity/activity.ts'
import { insertActivity } from '../activity/queries.ts'
import { endSession } from '../auth/end-session.ts'
import type { Trx } from '../database.ts'
import { lockSessionOf } from './queries.ts'

/** Ends one of an account's sessions, by its owner or by staff; somebody else's is not there. */
export const endOneSession = async (
  trx: Trx,
  command: { userId: string; sessionId: string; origin: Origin; byUserId?: string },
  now: Date,
) => {
  const { userId, sessionId, origin, byUserId } = command
  if (!(await lockSessionOf(trx, userId, sessionId, now))) notFound('session', sessionId)
  await endSession(trx, { sessionId, userId }, byUserId ? 'ended-by-staff' : 'ended-by-owner', now)
  // Where staff sit is none of the owner's business.
  const by = byUserId === undefined ? { origin } : { byUserId }
  await insertActivity(trx, { userId, type: 'session-ended', details: { sessionId }, ...by }, now)
}
