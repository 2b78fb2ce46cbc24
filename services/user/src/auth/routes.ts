import { inTransaction } from '@storewright/database'
import { authOf, Problem, problemResponses, requireUser, type Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import { User } from '../accounts/account.ts'
import type { Db } from '../database.ts'
import type { SignAccessToken } from '../keys/access-tokens.ts'
import { isBeyondBcrypt, MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from '../passwords/password.ts'
import type { Passwords } from '../passwords/passwords.ts'
import { normaliseEmail } from './email.ts'
import { endSession } from './end-session.ts'
import { logIn } from './log-in.ts'
import type { OpenSession } from './open-session.ts'
import { refreshSession } from './refresh-session.ts'
import { register } from './register.ts'

const Email = Type.String({ minLength: 1, maxLength: 320, examples: ['ada@example.com'] })

const Registration = Type.Object(
  {
    email: Email,
    password: Type.String({
      minLength: MIN_PASSWORD_LENGTH,
      maxLength: MAX_PASSWORD_BYTES,
      description: `At least ${MIN_PASSWORD_LENGTH} characters, at most ${MAX_PASSWORD_BYTES} bytes in UTF-8.`,
      examples: ['correct horse battery'],
    }),
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, pattern: '^\\P{Cc}*$', examples: ['Ada'] }),
    ),
  },
  { additionalProperties: false },
)

const Credentials = Type.Object(
  {
    email: Email,
    password: Type.String({ minLength: 1, maxLength: 1_000, examples: ['correct horse battery'] }),
  },
  { additionalProperties: false },
)

const RefreshToken = Type.Object(
  { refreshToken: Type.String({ minLength: 1, maxLength: 200 }) },
  { additionalProperties: false },
)

const Tokens = Type.Object({
  accessToken: Type.String({ description: 'Goes into `Authorization: Bearer …`.' }),
  refreshToken: Type.String({ description: 'Works once; using it again ends the session.' }),
  tokenType: Type.Literal('Bearer'),
  expiresIn: Type.Integer({ description: 'Seconds that the access token is good for.' }),
})
const SignedIn = Type.Object(
  { user: User, tokens: Tokens },
  { description: 'The account, and the tokens of its new session' },
)
const Refreshed = Type.Object({ tokens: Tokens }, { description: 'The next tokens; the one sent is spent' })

export interface AuthContext {
  db: Db
  passwords: Passwords
  signAccessToken: SignAccessToken
  config: { ACCESS_TOKEN_TTL_SECONDS: number; REFRESH_TOKEN_TTL_SECONDS: number }
}

/** Registration, log-in, and the life of a session. */
export const authRoutes = (app: Server, { db, passwords, signAccessToken, config }: AuthContext) => {
  const ttlSeconds = config.REFRESH_TOKEN_TTL_SECONDS

  const tokensFor = async (user: User, { sessionId, refreshToken }: OpenSession) => ({
    accessToken: await signAccessToken({ userId: user.id, sessionId, roles: user.roles }),
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
        security: [],
        body: Registration,
        response: { 201: SignedIn, ...problemResponses('email-taken', 'unprocessable', 'busy') },
      },
    },
    async ({ body }, reply) => {
      const email = normaliseEmail(body.email)
      if (email === null) throw refuse('invalid-request', 'email', 'is not an e-mail address')
      if (isBeyondBcrypt(body.password)) {
        throw refuse('unprocessable', 'password', `must have at most ${MAX_PASSWORD_BYTES} bytes`)
      }
      const name = body.name?.trim() || null
      const result = await register({ db, passwords, ttlSeconds }, { ...body, email, name })
      if (result.outcome === 'taken') throw refuse('email-taken', 'email', 'has an account already')
      return reply.code(201).send({ user: result.user, tokens: await tokensFor(result.user, result) })
    },
  )

  app.post(
    '/v1/auth/login',
    {
      schema: {
        operationId: 'logIn',
        summary: 'Open a session',
        description: 'Repeated failures lock the address for a time that grows.',
        security: [],
        body: Credentials,
        response: { 200: SignedIn, ...problemResponses('invalid-credentials', 'account-locked', 'busy') },
      },
    },
    async ({ body }) => {
      const result = await logIn({ db, passwords, ttlSeconds }, body)
      if (result.outcome === 'locked') {
        throw new Problem('account-locked', 'Too many log-ins failed; wait before the next.', {
          retryAfter: result.seconds,
        })
      }
      if (result.outcome === 'refused') throw new Problem('invalid-credentials', 'Check both and try again.')
      return { user: result.user, tokens: await tokensFor(result.user, result) }
    },
  )

  app.post(
    '/v1/auth/refresh',
    {
      schema: {
        operationId: 'refreshTokens',
        summary: 'Spend a refresh token for new tokens',
        security: [],
        body: RefreshToken,
        response: { 200: Refreshed, ...problemResponses('invalid-refresh-token') },
      },
    },
    async ({ body }) => {
      const result = await inTransaction(db, (trx) =>
        refreshSession(trx, { refreshToken: body.refreshToken, ttlSeconds }, new Date()),
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
        security: [{ bearer: [] }],
        response: { 204: Type.Null({ description: 'The session has ended' }) },
      },
    },
    async (request, reply) => {
      const { sessionId, userId } = authOf(request)
      await inTransaction(db, (trx) => endSession(trx, { sessionId, userId }, 'logout', new Date()))
      return reply.code(204).send(null)
    },
  )
}

const refuse = (
  kind: 'invalid-request' | 'unprocessable' | 'email-taken',
  path: 'email' | 'password',
  message: string,
) => new Problem(kind, `The ${path} ${message}.`, { errors: [{ path, message }] })
