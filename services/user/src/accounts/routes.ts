import { authOf, Problem, requireUser, type Server } from '@storewright/service-kit'
import type { Db } from '../database.ts'
import { describeUser, User } from './account.ts'
import { findAccountOfSession } from './queries.ts'

export const accountRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/me',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'getMe',
        summary: 'The signed-in account',
        security: [{ bearer: [] }],
        response: { 200: User },
      },
    },
    async (request) => {
      const { userId, sessionId } = authOf(request)
      const account = await findAccountOfSession(db, userId, sessionId)
      if (!account) throw new Problem('invalid-token', 'This session has ended. Log in again.')
      return describeUser(account)
    },
  )
}
