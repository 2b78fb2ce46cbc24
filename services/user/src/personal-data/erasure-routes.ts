import { Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission, requireUser } from '@storewright/service-kit/auth'
import { notFound, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { originOf } from '../audit-log/activity.ts'
import { confirmPassword } from '../credentials/confirm-password.ts'
import type { Passwords } from '../credentials/passwords.ts'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import { eraseAccount, type EraseAccount } from './erase-account.ts'
import { describeErasure, Erasure } from './erasure.ts'
import { findErasure } from './queries.ts'

const Confirmation = Type.Object(
  {
    password: Type.String({
      minLength: 1,
      maxLength: 1_000,
      description: 'the account’s present one',
      examples: ['correct horse battery'],
    }),
  },
  { title: 'ErasureConfirmation', examples: [{ password: 'correct horse battery' }] },
)
const Begun = Type.Object(
  { erasure: Erasure },
  { title: 'StartedErasure', description: 'The erasure has begun; `Location` shows how far it is' },
)

export const erasureRoutes = (app: Server, { db, passwords }: { db: Db; passwords: Passwords }) => {
  const erase = async (command: EraseAccount) =>
    describeErasure(await inTransaction(db, (trx) => eraseAccount(trx, command, new Date())))

  app.delete(
    '/v1/me',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'eraseMe',
        summary: 'Erase your account and everything the shop knows about you',
        description:
          'Cannot be undone. All sessions end, the e-mail address is free again, and every service forgets the ' +
          'person; orders stay without them. An order that was not shipped yet keeps its state, and nobody knows ' +
          'any more where it was to go: cancel it before.',
        tags: ['My account'],
        responseHeaders: ['Location'],
        body: Confirmation,
        response: {
          202: Begun,
          ...problemResponses('wrong-password', 'account-locked', 'conflict', 'last-admin', 'busy'),
        },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const { password } = request.body
      const { passwordHash } = await confirmPassword(
        { db, passwords },
        { userId, password, origin: originOf(request), path: 'password' },
      )
      const erasure = await erase({ userId, requestedBy: 'owner', confirmedHash: passwordHash })
      void reply.code(202).header('location', `/v1/erasures/${erasure.id}`)
      return { erasure }
    },
  )

  app.post(
    '/v1/users/:id/erasure',
    {
      onRequest: requirePermission('users:write'),
      schema: {
        operationId: 'eraseUser',
        summary: 'Erase a person at their request',
        description:
          'As their own `DELETE /v1/me`, which you use for yourself. Asking again answers with the same erasure.',
        tags: ['Accounts of others'],
        responseHeaders: ['Location'],
        params: Type.Object({ id: Uuid }),
        response: {
          202: Begun,
          ...problemResponses('last-admin', 'not-on-yourself', 'beyond-your-permissions'),
        },
      },
    },
    async (request, reply) => {
      const by = authOf(request)
      const erasure = await erase({ userId: request.params.id, requestedBy: 'staff', by })
      void reply.code(202).header('location', `/v1/erasures/${erasure.id}`)
      return { erasure }
    },
  )

  app.get(
    '/v1/erasures/:id',
    {
      schema: {
        operationId: 'getErasure',
        summary: 'How far an erasure is',
        description: 'For whoever has its id, which is random: the account it was asked with is no more.',
        tags: ['My account'],
        responseHeaders: ['Cache-Control'],
        security: [],
        params: Type.Object({ id: Uuid }),
        response: { 200: Erasure },
      },
    },
    async ({ params: { id } }, reply) => {
      const erasure = (await findErasure(db, id)) ?? notFound('erasure', id)
      void reply.header('cache-control', 'no-store')
      return describeErasure(erasure)
    },
  )
}
