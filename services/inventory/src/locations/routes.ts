import { Page } from '@storewright/contracts'
import { inTransaction, isDuplicateKey } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  Problem,
  problemResponses,
  requireMatch,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { describeLocation, isLocationCode, LocationPatch, LocationView, NewLocation } from './location.ts'
import { findLocation, insertLocation, listLocations, lockLocation, updateLocation } from './queries.ts'

const cursors = defineCursor('locations', ['number', 'number'])

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
      const after = cursors.decode(cursor) ?? [0, 0]
      const rows = await listLocations(db, { after, limit: limit + 1 })
      return pageOf(rows, limit, ({ priority, id }) => cursors.encode(priority, id), describeLocation)
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
        responseHeaders: ['ETag'],
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
      const location = (await findLocation(db, code)) ?? notFound('location', code)
      return withEtag(reply, describeLocation(location))
    },
  )

  app.patch(
    '/v1/locations/:code',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'changeLocation',
        summary: 'Change the name of a location, or when orders take from it',
        description: 'A new priority counts for the next order; what is reserved stays where it is.',
        tags: ['Stock'],
        responseHeaders: ['ETag'],
        params: Type.Object({ code: Type.String({ maxLength: 200, examples: ['leeds'] }) }),
        headers: IfMatchHeaders,
        body: LocationPatch,
        response: { 200: LocationView, ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const { code } = request.params
      const changed = await inTransaction(db, async (trx) => {
        const location =
          (isLocationCode(code) && (await lockLocation(trx, code))) || notFound('location', code)
        requireMatch(request, location.version)
        const next = { ...location, ...request.body, version: location.version + 1 }
        await updateLocation(trx, next)
        return next
      })
      return withEtag(reply, describeLocation(changed))
    },
  )
}
