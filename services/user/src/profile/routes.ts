import { inTransaction, isDuplicateKey } from '@storewright/database'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import { parseEmail } from '@storewright/people/email'
import { IfMatchHeaders, requireMatch, type Server, withEtag } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { emailTaken, findUserOfSession, sessionEnded } from '../accounts/accounts.ts'
import { Email, Name, User } from '../accounts/user.ts'
import { originOf } from '../audit-log/activity.ts'
import { confirmPassword } from '../credentials/confirm-password.ts'
import { CurrentPassword, MailedToken } from '../credentials/password.ts'
import type { Passwords } from '../credentials/passwords.ts'
import type { Db } from '../database.ts'
import { Problem, problemResponses } from '../problems.ts'
import { changeProfile } from './change-profile.ts'
import { resendVerification, verifyEmail } from './email-verification.ts'

const Change = Type.Object(
  {
    name: Type.Optional(Type.Union([Name, Type.Null()], { description: 'null removes it' })),
    email: Type.Optional(Email),
    currentPassword: Type.Optional(CurrentPassword),
  },
  {
    title: 'ProfilePatch',
    additionalProperties: false,
    minProperties: 1,
    examples: [{ name: 'Ada' }, { email: 'ada@example.org', currentPassword: 'correct horse battery' }],
  },
)

const Verification = Type.Object(
  { token: MailedToken },
  { title: 'EmailVerification', additionalProperties: false },
)

export const profileRoutes = (app: Server, { db, passwords }: { db: Db; passwords: Passwords }) => {
  app.get(
    '/v1/me',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'getMe',
        tags: ['My account'],
        summary: 'The signed-in account',
        description: 'With its roles and whether its mailbox was proved.',
        responseHeaders: ['ETag'],
        response: { 200: User },
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = authOf(request)
      const user = await findUserOfSession(db, { userId, sessionId })
      if (!user) throw sessionEnded()
      return withEtag(reply, user)
    },
  )

  app.patch(
    '/v1/me',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'changeMe',
        tags: ['My account'],
        summary: 'Change your name or e-mail address',
        description:
          'A new e-mail address needs `currentPassword` and takes effect once its mailbox was proved with the ' +
          'token mailed there; until then it is `pendingEmail`. The present address again calls that off.',
        headers: IfMatchHeaders,
        body: Change,
        response: {
          200: User,
          ...problemResponses(
            'wrong-password',
            'conflict',
            'email-taken',
            'stale-version',
            'account-locked',
            'busy',
          ),
        },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const origin = originOf(request)
      const { name, email: typed, currentPassword } = request.body
      const email = typed === undefined ? undefined : parseEmail(typed)
      let confirmedHash: string | undefined
      if (email !== undefined) {
        if (currentPassword === undefined) throw passwordMissing()
        const attempt = { userId, password: currentPassword, origin, path: 'currentPassword' }
        confirmedHash = (await confirmPassword({ db, passwords }, attempt)).passwordHash
      }
      const change = { email, name: typeof name === 'string' ? name.trim() || null : name }
      const user = await inTransaction(db, (trx) =>
        changeProfile(
          trx,
          { userId, change, confirmedHash, origin },
          ({ version }) => requireMatch(request, version),
          new Date(),
        ),
      )
      return withEtag(reply, user)
    },
  )

  app.post(
    '/v1/auth/email/verify',
    {
      schema: {
        operationId: 'verifyEmail',
        summary: 'Prove a mailbox with the token mailed to it',
        description: 'The token works once, for 24 hours, and only while no later one was asked for.',
        security: [],
        body: Verification,
        response: {
          204: Type.Null({ description: 'The address is proved, and is the account’s' }),
          ...problemResponses('invalid-one-time-token', 'email-taken'),
        },
      },
    },
    async (request, reply) => {
      const proof = { token: request.body.token, origin: originOf(request) }
      try {
        await inTransaction(db, (trx) => verifyEmail(trx, proof, new Date()))
      } catch (error) {
        if (isDuplicateKey(error)) throw emailTaken()
        throw error
      }
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/auth/email/resend',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'resendVerification',
        tags: ['My account'],
        summary: 'Have the token to prove your mailbox mailed again',
        description: 'At most five an hour. Does nothing when the address is verified.',
        response: { 204: Type.Null({ description: 'It is on its way, if one was needed' }) },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      await inTransaction(db, (trx) => resendVerification(trx, userId, new Date()))
      return reply.code(204).send(null)
    },
  )
}

const passwordMissing = () =>
  new Problem('invalid-request', 'A new email needs the currentPassword.', {
    errors: [{ path: 'currentPassword', message: 'is required with email' }],
  })
