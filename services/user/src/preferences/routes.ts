import { inTransaction } from '@storewright/database'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import {
  IfMatchHeaders,
  problemResponses,
  requireMatch,
  type Server,
  withEtag,
} from '@storewright/service-kit/http'
import { originOf } from '../audit-log/activity.ts'
import type { Db } from '../database.ts'
import { describePreferences, NewPreferences, Preferences, readPreferences } from './preferences.ts'
import { setPreferences } from './set-preferences.ts'

const TAGS = ['My account']

export const preferenceRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/me/preferences',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'getPreferences',
        summary: 'Your preferences and consents',
        description: 'Who never set any has the defaults, as version 0.',
        tags: TAGS,
        responseHeaders: ['ETag'],
        response: { 200: Preferences },
      },
    },
    async (request, reply) => withEtag(reply, await readPreferences(db, authOf(request).userId)),
  )

  app.put(
    '/v1/me/preferences',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'setPreferences',
        summary: 'Set your preferences and consents',
        description: 'All of them at once. A consent keeps the time at which it was given or withdrawn.',
        tags: TAGS,
        headers: IfMatchHeaders,
        body: NewPreferences,
        response: { 200: Preferences, ...problemResponses('stale-version', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const command = {
        userId: authOf(request).userId,
        given: request.body,
        origin: originOf(request),
        check: (version: number) => requireMatch(request, version),
      }
      const saved = await inTransaction(db, (trx) => setPreferences(trx, command, new Date()))
      return describePreferences(withEtag(reply, saved))
    },
  )
}
