import { Type, type Static } from 'typebox'
import { about, defineEvent, internal, unconsumed } from '../event.ts'
import { Uuid } from '../shapes.ts'
import { oneOf, orNull, Timestamp } from './shapes.ts'

const Email = Type.String({ minLength: 3, maxLength: 254, description: 'where the mail goes' })
const Name = orNull(Type.String({ maxLength: 200 }), { description: 'how to address them' })
const Secret = Type.String({
  minLength: 20,
  maxLength: 200,
  description: 'works once; only its hash is kept',
})
const Label = Type.String({ maxLength: 40 })
const Roles = Type.Array(Label, { description: 'by name, sorted' })

/** An account was created. */
export const UserRegistered = defineEvent('user.user-registered.v1', unconsumed('userId'), {
  userId: Uuid,
  roles: Type.Array(Type.String()),
  registeredAt: Timestamp,
})
export type UserRegistered = Static<typeof UserRegistered.data>

/** The whole state of an account, without personal data. */
export const UserChanged = defineEvent('user.user-changed.v1', unconsumed('userId'), {
  userId: Uuid,
  status: oneOf('active', 'disabled'),
  roles: Roles,
  emailVerified: Type.Boolean(),
  changedAt: Timestamp,
})
export type UserChanged = Static<typeof UserChanged.data>

/** How to reach an account's owner, and what they agreed to: the whole state. Repeated once for accounts that exist. */
export const AccountContactChanged = defineEvent(
  'user.account-contact-changed.v1',
  internal('userId', 'contact'),
  {
    userId: Uuid,
    email: Email,
    emailVerified: Type.Boolean(),
    name: Name,
    locale: orNull(Type.String({ maxLength: 35 }), { description: "BCP 47; null is the shop's own" }),
    marketingConsent: Type.Boolean(),
    trackingConsent: Type.Boolean(),
    channels: Type.Array(Type.String({ maxLength: 20 }), { description: 'email, sms, push' }),
    taxExempt: Type.Boolean({ description: 'pays no tax' }),
    changedAt: Timestamp,
  },
)
export type AccountContactChanged = Static<typeof AccountContactChanged.data>

/** The person behind an account is to be erased; every service that holds data about them answers with a receipt. */
export const UserErased = defineEvent('user.user-erased.v1', about('userId'), {
  userId: Uuid,
  erasureId: Uuid,
  erasedAt: Timestamp,
})
export type UserErased = Static<typeof UserErased.data>

/** For every replica: internal, and published whether or not a queue is bound. */
const broadcast = <Subject extends string>(subject: Subject) =>
  ({ subject, visibility: 'internal', consumerOptional: true }) as const

/** A session ended before it expired: its access tokens are no longer valid. */
export const SessionRevoked = defineEvent('user.session-revoked.v1', broadcast('sessionId'), {
  sessionId: Uuid,
  userId: Uuid,
  reason: Type.String({
    maxLength: 40,
    description: 'kebab-case, e.g. logout, refresh-reuse, ended-by-owner, password-changed, account-disabled',
  }),
  revokedAt: Timestamp,
})
export type SessionRevoked = Static<typeof SessionRevoked.data>

/** The permissions of an account changed: they replace those in older access tokens. */
export const RolesChanged = defineEvent('user.roles-changed.v1', broadcast('userId'), {
  userId: Uuid,
  roles: Roles,
  permissions: Type.Array(Label),
  changedAt: Timestamp,
})
export type RolesChanged = Static<typeof RolesChanged.data>

/** An API key was revoked: it and every access token issued for it are no longer valid. */
export const ApiKeyRevoked = defineEvent('user.api-key-revoked.v1', broadcast('apiKeyId'), {
  apiKeyId: Uuid,
  revokedAt: Timestamp,
})
export type ApiKeyRevoked = Static<typeof ApiKeyRevoked.data>

const recipient = { userId: Uuid, email: Email, name: Name }
const mailing = internal('userId')

/** The owner of an e-mail address has to prove it with `token`. */
export const EmailVerificationRequested = defineEvent('user.email-verification-requested.v1', mailing, {
  ...recipient,
  purpose: oneOf('registration', 'change'),
  token: Secret,
  expiresAt: Timestamp,
})
export type EmailVerificationRequested = Static<typeof EmailVerificationRequested.data>

/** The owner of an account may choose a new password with `token`. */
export const PasswordResetRequested = defineEvent('user.password-reset-requested.v1', mailing, {
  ...recipient,
  token: Secret,
  expiresAt: Timestamp,
})
export type PasswordResetRequested = Static<typeof PasswordResetRequested.data>

/** A password changed; the owner gets a mail, in case it was somebody else. */
export const PasswordChanged = defineEvent('user.password-changed.v1', mailing, {
  ...recipient,
  by: oneOf('change', 'reset'),
  changedAt: Timestamp,
})
export type PasswordChanged = Static<typeof PasswordChanged.data>

/** The e-mail address of an account changed; the previous one gets a mail, in case it was not the owner. */
export const EmailChanged = defineEvent('user.email-changed.v1', mailing, {
  userId: Uuid,
  previousEmail: Email,
  email: Email,
  name: Name,
  changedAt: Timestamp,
})
export type EmailChanged = Static<typeof EmailChanged.data>
