import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { Timestamp, Uuid } from '../shapes.ts'

/** An account was made. */
export const UserRegistered = defineEvent(
  'user.user-registered.v1',
  Type.Object({ userId: Uuid, roles: Type.Array(Type.String()), registeredAt: Timestamp }),
  { description: 'An account was made.', subject: (data) => data.userId, consumerOptional: true },
)
export type UserRegistered = Static<typeof UserRegistered.data>

/** A session ended before its time: its access tokens are no longer good. */
export const SessionRevoked = defineEvent(
  'user.session-revoked.v1',
  Type.Object({
    sessionId: Uuid,
    userId: Uuid,
    reason: Type.Union([Type.Literal('logout'), Type.Literal('refresh-reuse')]),
    revokedAt: Timestamp,
  }),
  {
    description: 'A session ended before its time: its access tokens are no longer good.',
    subject: (data) => data.sessionId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type SessionRevoked = Static<typeof SessionRevoked.data>
