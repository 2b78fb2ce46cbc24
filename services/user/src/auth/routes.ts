import { inTransaction } from '@storewright/database'
import { parseEmail } from '@storewright/people/email'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { emailTaken } from '../accounts/accounts.ts'
import type { User } from '../accounts/user.ts'
import { originOf } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import { accountLocked } from '../credentials/confirm-password.ts'
import type { Passwords } from '../credentials/passwords.ts'
import { requireStrongPassword } from '../credentials/weak-password.ts'
import type { Db } from '../database.ts'
import type { SignAccessToken } from '../keys/access-tokens.ts'
import { Problem, problemResponses } from '../problems.ts'
import { endSession } from '../sessions/end-session.ts'
import type { OpenSession } from '../sessions/open-session.ts'
import { refreshSession } from '../sessions/refresh-session.ts'
import { logIn } from './log-in.ts'
import { register } from './register.ts'
import { Credentials, Refreshed, RefreshToken, Registration, SignedIn } from './schemas.ts'

export interface AuthContext {
  db: Db
  passwords: Passwords
  signAccessToken: SignAccessToken
  config: {
    ACCESS_TOKEN_TTL_SECONDS: number
    REFRESH_TOKEN_TTL_SECONDS: number
    REFRESH_GRACE_SECONDS: number
  }
}

export const authRoutes = (app: Server, { db, passwords, signAccessToken, config }: AuthContext) => {
  const { REFRESH_TOKEN_TTL_SECONDS: ttlSeconds, REFRESH_GRACE_SECONDS: graceSeconds } = config

  const tokensFor = async (user: User, { sessionId, refreshToken }: OpenSession) => ({
    accessToken: signAccessToken({ userId: user.id, sessionId, roles: user.roles }),
    refreshToken,
    tokenType: 'Bearer' as const,
    expiresIn: config.ACCESS_TOKEN_TTL_SECONDS,
  })

  app.post(
    '/v1/auth/register',
    {
      schema: {
        operationId: 'register',
        summary: 'Make an account and open its first session',
        description: 'A mail asks its owner to prove the mailbox.',
        security: [],
        body: Registration,
        response: {
          201: SignedIn,
          ...problemResponses('email-taken', 'unprocessable', 'weak-password', 'busy'),
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      const email = parseEmail(body.email)
      const name = body.name?.trim() || null
      requireStrongPassword(body.password, { email, name })
      const applicant = { email, name, password: body.password, origin: originOf(request) }
      const result = await register({ db, passwords, ttlSeconds }, applicant)
      if (result.outcome === 'taken') throw emailTaken()
      return reply.code(201).send({ user: result.user, tokens: await tokensFor(result.user, result) })
    },
  )

  app.post(
    '/v1/auth/login',
    {
      schema: {
        operationId: 'logIn',
        summary: 'Open a session',
        description:
          'Repeated failures lock whoever guesses out for a time that grows, whether or not there is such an ' +
          'account. Only who knows the password of a disabled account learns that it is disabled.',
        security: [],
        body: Credentials,
        response: {
          200: SignedIn,
          ...problemResponses('invalid-credentials', 'account-disabled', 'account-locked', 'busy'),
        },
      },
    },
    async (request) => {
      const attempt = { ...request.body, origin: originOf(request) }
      const result = await logIn({ db, passwords, ttlSeconds }, attempt)
      if (result.outcome === 'open') {
        return { user: result.user, tokens: await tokensFor(result.user, result) }
      }
      if (result.outcome === 'locked') throw accountLocked(result.seconds)
      throw result.outcome === 'disabled'
        ? new Problem('account-disabled', 'Ask the shop why.')
        : new Problem('invalid-credentials', 'Check both and try again.')
    },
  )

  app.post(
    '/v1/auth/refresh',
    {
      schema: {
        operationId: 'refreshTokens',
        summary: 'Spend a refresh token for new tokens',
        description: 'Each works once: one that is used again after its time ends the session.',
        security: [],
        body: RefreshToken,
        response: { 200: Refreshed, ...problemResponses('invalid-refresh-token') },
      },
    },
    async (request) => {
      const presented = { ...request.body, origin: originOf(request) }
      const result = await inTransaction(db, (trx) =>
        refreshSession(trx, { ...presented, ttlSeconds, graceSeconds }, new Date()),
      )
      if (result.outcome === 'renewed') return { tokens: await tokensFor(result.user, result) }
      throw new Problem(
        'invalid-refresh-token',
        result.outcome === 'reused'
          ? 'This token was used before, so its session has been ended. Log in again.'
          : 'Log in again.',
      )
    },
  )

  app.post(
    '/v1/auth/logout',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'logOut',
        summary: 'End this session',
        description: 'Its tokens are refused everywhere within a second.',
        security: [{ bearer: [] }],
        response: { 204: Type.Null({ description: 'The session has ended' }) },
      },
    },
    async (request, reply) => {
      const { sessionId, userId } = authOf(request)
      const origin = originOf(request)
      await inTransaction(db, async (trx) => {
        const now = new Date()
        if (!(await endSession(trx, { sessionId, userId }, 'logout', now))) return
        await recordActivity(trx, { userId, type: 'logged-out', origin }, now)
      })
      return reply.code(204).send(null)
    },
  )
}
