import { parseEmail } from '@storewright/people/email'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { Email } from '../accounts/user.ts'
import { originOf } from '../audit-log/activity.ts'
import { CurrentPassword, MailedToken, NewPassword } from '../credentials/password.ts'
import type { Passwords } from '../credentials/passwords.ts'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import { changePassword } from './change-password.ts'
import type { PasswordResetQueue } from './password-reset-queue.ts'
import { resetPassword } from './reset-password.ts'

const Forgotten = Type.Object({ email: Email }, { title: 'ForgottenPassword', additionalProperties: false })
const Reset = Type.Object(
  { token: MailedToken, password: NewPassword },
  { title: 'PasswordReset', additionalProperties: false },
)
const Change = Type.Object(
  { currentPassword: CurrentPassword, password: NewPassword },
  { title: 'PasswordChange', additionalProperties: false },
)

interface PasswordContext {
  db: Db
  passwords: Passwords
  resetQueue: Pick<PasswordResetQueue, 'add'>
}

export const passwordRoutes = (app: Server, { db, passwords, resetQueue }: PasswordContext) => {
  app.post(
    '/v1/auth/password/forgot',
    {
      schema: {
        operationId: 'requestPasswordReset',
        summary: 'Have a link to a new password mailed',
        description:
          'The answer is the same, and as quick, whether or not the address has an account. At most three ' +
          'mails in half an hour go to an account; the last one sent is good for 30 minutes.',
        security: [],
        body: Forgotten,
        response: { 202: Type.Null({ description: 'If there is such an account, the mail is on its way' }) },
      },
    },
    async (request, reply) => {
      await resetQueue.add(parseEmail(request.body.email), originOf(request))
      return reply.code(202).send(null)
    },
  )

  app.post(
    '/v1/auth/password/reset',
    {
      schema: {
        operationId: 'resetPassword',
        summary: 'Choose a new password with a mailed token',
        description: 'The token works once. All sessions of the account end.',
        security: [],
        body: Reset,
        response: {
          204: Type.Null({ description: 'The password is the new one; log in with it' }),
          ...problemResponses('invalid-one-time-token', 'unprocessable', 'weak-password', 'busy'),
        },
      },
    },
    async (request, reply) => {
      await resetPassword({ db, passwords }, { ...request.body, origin: originOf(request) })
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/v1/me/password',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'changePassword',
        tags: ['My account'],
        summary: 'Change the password',
        description:
          'All other sessions of the account end, a new e-mail address that is not proved yet is off, and the ' +
          'owner gets a mail about it.',
        security: [{ bearer: [] }],
        body: Change,
        response: {
          204: Type.Null({ description: 'The password is the new one' }),
          ...problemResponses(
            'wrong-password',
            'account-locked',
            'conflict',
            'unprocessable',
            'weak-password',
            'busy',
          ),
        },
      },
    },
    async (request, reply) => {
      const { userId, sessionId } = authOf(request)
      const origin = originOf(request)
      await changePassword({ db, passwords }, { ...request.body, userId, sessionId, origin })
      return reply.code(204).send(null)
    },
  )
}
