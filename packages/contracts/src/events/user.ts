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

/** An account was created. */
export const UserRegistered = defineEvent(
  'user.user-registered.v1',
  Type.Object({ userId: Uuid, roles: Type.Array(Type.String()), registeredAt: Timestamp }),
  { subject: (data) => data.userId, consumerOptional: true },
)
export type UserRegistered = Static<typeof UserRegistered.data>

/** The whole state of an account, without personal data. */
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
    subject: (data) => data.userId,
    consumerOptional: true,
  },
)
export type UserChanged = Static<typeof UserChanged.data>

/** The person behind an account is to be erased; every service that holds data about them answers with a receipt. */
export const UserErased = defineEvent(
  'user.user-erased.v1',
  Type.Object({ userId: Uuid, erasureId: Uuid, erasedAt: Timestamp }),
  {
    subject: (data) => data.userId,
  },
)
export type UserErased = Static<typeof UserErased.data>

/** A session ended before it expired: its access tokens are no longer valid. */
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
    subject: (data) => data.sessionId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type SessionRevoked = Static<typeof SessionRevoked.data>

/** The permissions of an account changed: they replace those in older access tokens. */
export const RolesChanged = defineEvent(
  'user.roles-changed.v1',
  Type.Object({
    userId: Uuid,
    roles: Roles,
    permissions: Type.Array(Type.String({ maxLength: 40 })),
    changedAt: Timestamp,
  }),
  {
    subject: (data) => data.userId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type RolesChanged = Static<typeof RolesChanged.data>

/** An API key was revoked: it and every access token issued for it are no longer valid. */
export const ApiKeyRevoked = defineEvent(
  'user.api-key-revoked.v1',
  Type.Object({ apiKeyId: Uuid, revokedAt: Timestamp }),
  {
    subject: (data) => data.apiKeyId,
    visibility: 'internal',
    consumerOptional: true,
  },
)
export type ApiKeyRevoked = Static<typeof ApiKeyRevoked.data>

/** The owner of an e-mail address has to prove it with `token`. */
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
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type EmailVerificationRequested = Static<typeof EmailVerificationRequested.data>

/** The owner of an account may choose a new password with `token`. */
export const PasswordResetRequested = defineEvent(
  'user.password-reset-requested.v1',
  Type.Object({ userId: Uuid, email: Email, name: Name, token: Secret, expiresAt: Timestamp }),
  {
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type PasswordResetRequested = Static<typeof PasswordResetRequested.data>

/** A password changed; the owner gets a mail, in case it was somebody else. */
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
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type PasswordChanged = Static<typeof PasswordChanged.data>

/** The e-mail address of an account changed; the previous one gets a mail, in case it was not the owner. */
export const EmailChanged = defineEvent(
  'user.email-changed.v1',
  Type.Object({ userId: Uuid, previousEmail: Email, email: Email, name: Name, changedAt: Timestamp }),
  {
    subject: (data) => data.userId,
    visibility: 'internal',
  },
)
export type EmailChanged = Static<typeof EmailChanged.data>
