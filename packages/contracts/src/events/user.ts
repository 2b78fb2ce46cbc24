import { Type, type Static } from 'typebox'
import { defineEvent } from '../event.ts'
import { Timestamp, Uuid } from '../shapes.ts'

const Email = Type.String({ minLength: 3, maxLength: 254, description: 'where the mail goes' })
const Name = Type.Union([Type.String({ maxLength: 200 }), Type.Null()], {
  description: 'how to address them',
})
const Secret = Type.String({
  minLength: 20,
  maxLength: 200,
  description: 'works once; only its hash is kept',
})
const Roles = Type.Array(Type.String({ maxLength: 40 }), { description: 'by name, sorted' })

/** An account was made. */
export const UserRegistered = defineEvent(
  'user.user-registered.v1',
  Type.Object({ userId: Uuid, roles: Type.Array(Type.String()), registeredAt: Timestamp }),
  { description: 'An account was made.', subject: (data) => data.userId, consumerOptional: true },
)
export type UserRegistered = Static<typeof UserRegistered.data>

/** The whole state of an account that is no personal data. */
export const UserChanged = defineEvent(
  'user.user-changed.v1',
  Type.Object({
    userId: Uuid,
    status: Type.Union([Type.Literal('active'), Type.Literal('disabled')]),
    roles: Roles,
    emailVerified: Type.Boolean(),
    changedAt: Timestamp,
  }),
  {
    description: 'The whole state of an account, without personal data.',
    subject: (data) => data.userId,
    consumerOptional: true,
  },
)
export type UserChanged = Static<typeof UserChanged.data>

/** The person behind an account is to be forgotten; whoever holds data about them answers with a receipt. */
export const UserErased = defineEvent(
  'user.user-erased.v1',
  Type.Object({ userId: Uuid, erasureId: Uuid, erasedAt: Timestamp }),
  {
    description:
      'The person behind an account is to be forgotten; who holds data about them answers with a receipt.',
    subject: (data) => data.userId,
  },
)
export type UserErased = Static<typeof UserErased.data>

/** A session ended before its time: its access tokens are no longer good. */
export const SessionRevoked = defineEvent(
  'user.session-revoked.v1',
  Type.Object({
    sessionId: Uuid,
    userId: Uuid,
    reason: Type.String({
      maxLength: 40,
      description:
        'kebab-case, e.g. logout, refresh-reuse, ended-by-owner, password-changed, account-disabled',
    }),
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

/** What an account may do has changed: older access tokens mean this from now on. */
export const RolesChanged = defineEvent(
  'user.roles-changed.v1',
  Type.Object({
    userId: Uuid,
    roles: Roles,
    permissions: Type.Array(Type.String({ maxLength: 40 })),
    changedAt: Timestamp,
  }),
  {
    description: 'What an account may do has changed: older access tokens mean this from now on.',
    subject: (data) => data.userId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type RolesChanged = Static<typeof RolesChanged.data>

/** A machine's key was withdrawn: it, and every access token given for it, is no longer good. */
export const ApiKeyRevoked = defineEvent(
  'user.api-key-revoked.v1',
  Type.Object({ apiKeyId: Uuid, revokedAt: Timestamp }),
  {
    description: "A machine's key was withdrawn: it, and every access token given for it, is no longer good.",
    subject: (data) => data.apiKeyId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type ApiKeyRevoked = Static<typeof ApiKeyRevoked.data>

/** Somebody has to prove that an address is theirs. */
export const EmailVerificationRequested = defineEvent(
  'user.email-verification-requested.v1',
  Type.Object({
    userId: Uuid,
    email: Email,
    name: Name,
    purpose: Type.Union([Type.Literal('registration'), Type.Literal('change')]),
    token: Secret,
    expiresAt: Timestamp,
  }),
  {
    description: 'Somebody has to prove that an address is theirs; `token` does.',
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type EmailVerificationRequested = Static<typeof EmailVerificationRequested.data>

/** Somebody who forgot their password may choose a new one. */
export const PasswordResetRequested = defineEvent(
  'user.password-reset-requested.v1',
  Type.Object({ userId: Uuid, email: Email, name: Name, token: Secret, expiresAt: Timestamp }),
  {
    description: 'Somebody who forgot their password may choose a new one with `token`.',
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type PasswordResetRequested = Static<typeof PasswordResetRequested.data>

/** A password is another one now; its owner is told, in case it was not them. */
export const PasswordChanged = defineEvent(
  'user.password-changed.v1',
  Type.Object({
    userId: Uuid,
    email: Email,
    name: Name,
    by: Type.Union([Type.Literal('change'), Type.Literal('reset')]),
    changedAt: Timestamp,
  }),
  {
    description: 'A password is another one now; its owner is told, in case it was not them.',
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type PasswordChanged = Static<typeof PasswordChanged.data>

/** An account has another address now; the previous one is told, in case it was not its owner. */
export const EmailChanged = defineEvent(
  'user.email-changed.v1',
  Type.Object({ userId: Uuid, previousEmail: Email, email: Email, name: Name, changedAt: Timestamp }),
  {
    description:
      'An account has another address now; the previous one is told, in case it was not its owner.',
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type EmailChanged = Static<typeof EmailChanged.data>
