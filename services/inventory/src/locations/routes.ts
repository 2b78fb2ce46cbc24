import { Page } from '@storewright/contracts'
import { isDuplicateKey } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  Problem,
  problemResponses,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import type { Deps } from '../config.ts'
import { describeLocation, LocationView, NewLocation } from './location.ts'
import { findLocation, insertLocation, listLocations } from './queries.ts'

const cursors = defineCursor('locations', ['number'])

const refuseTakenCode = (code: string) => (error: unknown) => {
  if (!isDuplicateKey(error)) throw error
  throw new Problem('conflict', `There is a location ${code} already.`, {
    errors: [{ path: 'code', message: 'is taken' }],
  })
}

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
      const [after] = cursors.decode(cursor) ?? [0]
      const rows = await listLocations(db, { after, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursors.encode(id), describeLocation)
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
        headers: OptionalIdempotencyHeaders,
        body: NewLocation,
        response: { 201: LocationView, ...problemResponses('conflict', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const { code, name } = request.body
      const scope = `createLocation|${authOf(request).userId}`
      await withIdempotency(db, { request, reply, scope }, async (trx) => {
        await insertLocation(trx, { code, name, now: settings.clock() }).catch(refuseTakenCode(code))
        return { status: 201, resourceId: code }
      })
      return describeLocation((await findLocation(db, code)) ?? notFound('location', code))
    },
  )
}
