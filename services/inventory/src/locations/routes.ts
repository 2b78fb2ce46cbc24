import { Page, Timestamp } from '@storewright/contracts'
import { idempotent, inTransaction, isDuplicateKey } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  decodeCursor,
  encodeCursor,
  notFound,
  PageQuery,
  Problem,
  problemResponses,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { IdempotencyHeaders } from '../idempotency.ts'
import { LocationCode } from './location.ts'
import { findLocation, insertLocation, listLocations, type Location } from './queries.ts'

const NewLocation = Type.Object(
  {
    code: Type.String({
      pattern: '^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$',
      maxLength: 32,
      examples: ['leeds'],
    }),
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['Warehouse Leeds'] }),
  },
  { examples: [{ code: 'leeds', name: 'Warehouse Leeds' }] },
)
const LocationView = Type.Object(
  { code: LocationCode, name: Type.String({ maxLength: 100 }), createdAt: Timestamp },
  {
    title: 'Location',
    examples: [{ code: 'leeds', name: 'Warehouse Leeds', createdAt: '2026-01-31T09:30:00.000Z' }],
  },
)

const view = ({ code, name, createdAt }: Location) => ({ code, name, createdAt: createdAt.toISOString() })

export const locationRoutes = (app: Server, { db, settings }: Deps) => {
  app.get(
    '/v1/locations',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'listLocations',
        summary: 'Where stock can be, in the order in which orders take from it',
        description: 'A shop begins with one, `main`.',
        tags: ['Stock'],
        querystring: PageQuery,
        response: { 200: Page(LocationView) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const after = cursor === undefined ? 0 : decodeCursor(cursor, ['number'])[0]
      const rows = await listLocations(db, { after, limit: limit + 1 })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return { items: rows.slice(0, limit).map(view), nextCursor: last ? encodeCursor([last.id]) : null }
    },
  )

  app.post(
    '/v1/locations',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'createLocation',
        summary: 'Add a place where stock can be',
        description: 'Orders take from it after the ones that were there before.',
        tags: ['Stock'],
        headers: Type.Partial(IdempotencyHeaders),
        body: NewLocation,
        response: { 201: LocationView, ...problemResponses('conflict', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const { body } = request
      const { code } = body
      const key = request.headers['idempotency-key']
      const insert = async (trx: Parameters<typeof insertLocation>[0]) => {
        await insertLocation(trx, { ...body, now: settings.clock() }).catch((error: unknown) => {
          if (!isDuplicateKey(error)) throw error
          throw new Problem('conflict', `There is a location ${code} already.`, {
            errors: [{ path: 'code', message: 'is taken' }],
          })
        })
        return { status: 201, resourceId: code }
      }
      const scope = `createLocation|${authOf(request).userId}`
      const replayed = await inTransaction(db, async (trx) =>
        key === undefined
          ? (await insert(trx), false)
          : (await idempotent(trx, { scope, key, body }, () => insert(trx))).replayed,
      )
      if (replayed) void reply.header('idempotency-replayed', 'true')
      const location = (await findLocation(db, code)) ?? notFound('location', code)
      return reply.code(201).send(view(location))
    },
  )
}
