import { inTransaction } from '@storewright/database'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import { Problem, problemResponses, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { lockActiveAccount } from '../accounts/accounts.ts'
import { originOf } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Db } from '../database.ts'
import type { DataSource } from './data-sources.ts'
import { exportDocument } from './export-document.ts'
import { spool } from './spool.ts'

/** An export asks every service for everything: more at once would be a way to keep them all busy. */
const MAX_AT_ONCE = 4

const Part = Type.Object({}, { additionalProperties: true, maxProperties: 100 })
const Parts = Type.Array(Part, { maxItems: 10_000_000 })
const Everything = Type.Object(
  {
    exportedAt: Type.String({ format: 'date-time', maxLength: 27 }),
    account: Part,
    preferences: Part,
    erasures: Parts,
    consents: Parts,
    addresses: Parts,
    sessions: Parts,
    activity: Parts,
    orders: Type.Optional(Parts),
    carts: Type.Optional(Parts),
    messages: Type.Optional(Parts),
  },
  {
    title: 'PersonalData',
    additionalProperties: true,
    maxProperties: 100,
    description: 'Everything that the shop knows about you, from all of its parts',
    examples: [
      {
        exportedAt: '2026-01-31T09:30:00.000Z',
        account: { id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69', email: 'ada@example.com', name: 'Ada' },
        preferences: { locale: 'en-GB', marketingConsent: false },
        erasures: [],
        consents: [{ purpose: 'tracking', given: true, at: '2026-01-30T10:00:00.000Z' }],
        addresses: [{ name: 'Ada Lovelace', line1: '1 High St', city: 'Leeds', country: 'GB' }],
        sessions: [{ id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70', device: 'Firefox/150' }],
        activity: [{ type: 'logged-in', at: '2026-01-31T09:29:00.000Z' }],
        orders: [{ number: 'SW-100042', status: 'delivered' }],
        carts: [],
        messages: [],
      },
    ],
  },
)

interface ExportContext {
  db: Db
  dataSources: readonly DataSource[]
}

export const exportRoutes = (app: Server, context: ExportContext) => {
  let underWay = 0

  const gather = async (userId: string, now: Date, signal: AbortSignal) => {
    if (underWay >= MAX_AT_ONCE) {
      throw new Problem('busy', 'Too many exports are being made; ask again in a moment.', { retryAfter: 5 })
    }
    underWay += 1
    try {
      return await spool(exportDocument(context, userId, now), signal)
    } finally {
      underWay -= 1
    }
  }

  app.get(
    '/v1/me/export',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'exportMe',
        streamed: true,
        summary: 'Everything the shop knows about you, as one document',
        description: 'Whole or not at all: where a part of the shop cannot be asked the answer is 503.',
        tags: ['My account'],
        responseHeaders: ['Content-Disposition', 'Cache-Control'],
        response: { 200: Everything, ...problemResponses('busy') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const activity = { userId, type: 'data-exported', origin: originOf(request) } as const
      const now = new Date()
      const gone = new AbortController()
      reply.raw.once('close', () => gone.abort())

      const document = await gather(userId, now, gone.signal)
      try {
        await inTransaction(context.db, async (trx) => {
          await lockActiveAccount(trx, userId)
          await recordActivity(trx, activity, now)
        })
      } catch (error) {
        document.destroy()
        throw error
      }
      void reply.headers({
        'content-type': 'application/json; charset=utf-8',
        'content-disposition': `attachment; filename="personal-data-${now.toISOString().slice(0, 10)}.json"`,
        'cache-control': 'no-store',
      })
      // The schema is for readers: a stream goes past it.
      return reply.send(document as never)
    },
  )
}
