import { Page, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission, requireUser } from '@storewright/service-kit/auth'
import { defineCursor, notFound, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { findUser } from '../accounts/accounts.ts'
import { requireScope } from '../accounts/authorization.ts'
import { originOf } from '../audit-log/activity.ts'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import { endOneSession } from './end-session.ts'
import { listSessions, type SessionRow } from './queries.ts'
import { describeSession, Session } from './session.ts'

const cursors = defineCursor('sessions', ['id'])
const ended = Type.Null({ description: 'The session has ended' })

export const sessionRoutes = (app: Server, { db }: { db: Db }) => {
  /** `currentId` is the session of this very request. */
  const sessionsOf = async (
    userId: string,
    { limit, cursor }: { limit: number; cursor?: string },
    currentId: string,
  ) => {
    const [before] = cursors.decode(cursor) ?? []
    const rows = await listSessions(db, { userId, before, limit: limit + 1 }, new Date())
    const describe = (row: SessionRow) => describeSession(row, currentId)
    return pageOf(rows, limit, ({ id }) => cursors.encode(id), describe)
  }

  app.get(
    '/v1/me/sessions',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'listMySessions',
        tags: ['My account'],
        summary: 'Where you are logged in',
        description:
          'Open sessions, the newest first, with the device and the address that each was used from.',
        querystring: PageQuery,
        response: { 200: Page(Session) },
      },
    },
    async (request) => {
      const { userId, sessionId } = authOf(request)
      return sessionsOf(userId, request.query, sessionId)
    },
  )

  app.delete(
    '/v1/me/sessions/:id',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'endMySession',
        tags: ['My account'],
        summary: 'End one of your sessions',
        description:
          'Its tokens are refused everywhere within a second. It may be the one that you are using.',
        params: Type.Object({ id: Uuid }),
        response: { 204: ended },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const command = { userId, sessionId: request.params.id, origin: originOf(request) }
      await inTransaction(db, (trx) => endOneSession(trx, command, new Date()))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/users/:id/sessions',
    {
      onRequest: requirePermission('users:read'),
      schema: {
        operationId: 'listSessionsOfUser',
        tags: ['Accounts of others'],
        summary: 'Where an account is logged in',
        params: Type.Object({ id: Uuid }),
        querystring: PageQuery,
        response: { 200: Page(Session) },
      },
    },
    async (request) => {
      const { id } = request.params
      if (!(await findUser(db, id))) notFound('user', id)
      return sessionsOf(id, request.query, authOf(request).sessionId)
    },
  )

  app.delete(
    '/v1/users/:id/sessions/:sessionId',
    {
      onRequest: requirePermission('users:write'),
      schema: {
        operationId: 'endSessionOfUser',
        tags: ['Accounts of others'],
        summary: 'End a session of an account',
        description: 'Its tokens are refused everywhere within a second.',
        params: Type.Object({ id: Uuid, sessionId: Uuid }),
        response: { 204: ended, ...problemResponses('beyond-your-permissions') },
      },
    },
    async (request, reply) => {
      const { id: userId, sessionId } = request.params
      const by = authOf(request)
      const command = { userId, sessionId, origin: originOf(request), byUserId: by.userId }
      await inTransaction(db, async (trx) => {
        if (by.userId !== userId) await requireScope(trx, by, userId)
        await endOneSession(trx, command, new Date())
      })
      return reply.code(204).send(null)
    },
  )
}
