import { Page, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  problemResponses,
  requireMatch,
  type Server,
  withEtag,
  withIdempotency,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { lockActiveAccount } from '../accounts/accounts.ts'
import { originOf } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Db } from '../database.ts'
import { addAddress } from './add-address.ts'
import {
  Address,
  AddressPatch,
  describeAddress,
  listAddresses,
  MAX_ADDRESSES,
  NewAddress,
} from './address.ts'
import { changeAddress } from './change-address.ts'
import { deleteAddress, findAddress } from './queries.ts'

const Params = Type.Object({ id: Uuid })
const TAGS = ['My account']
const cursors = defineCursor('addresses', ['id'])

export const addressRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/me/addresses',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'listAddresses',
        summary: 'Your addresses, in the order in which they were added',
        description: 'All of them at once: an account has few.',
        tags: TAGS,
        querystring: PageQuery,
        response: { 200: Page(Address), ...problemResponses('invalid-cursor') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const [after = ''] = cursors.decode(cursor) ?? []
      const rows = await listAddresses(db, { userId: authOf(request).userId, after, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursors.encode(id))
    },
  )

  app.post(
    '/v1/me/addresses',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'addAddress',
        summary: 'Add an address',
        description: `An account has ${MAX_ADDRESSES} at most. A new default takes the place of the one before.`,
        tags: TAGS,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewAddress,
        response: { 201: Address, ...problemResponses('conflict', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const command = { userId, address: request.body, origin: originOf(request) }
      const scope = `addAddress|${userId}`
      const { resourceId: id } = await withIdempotency(db, { request, reply, scope }, async (trx) => ({
        status: 201,
        resourceId: (await addAddress(trx, command, new Date())).id,
      }))
      const address = (await findAddress(db, userId, id)) ?? notFound('address', id)
      void reply.header('location', `/v1/me/addresses/${id}`)
      return describeAddress(withEtag(reply, address))
    },
  )

  app.patch(
    '/v1/me/addresses/:id',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'changeAddress',
        summary: 'Change an address',
        description: 'The address as it is then has to fit its country.',
        tags: TAGS,
        params: Params,
        headers: IfMatchHeaders,
        body: AddressPatch,
        response: { 200: Address, ...problemResponses('stale-version', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const { params, body: change } = request
      const check = (version: number) => requireMatch(request, version)
      const command = { userId, id: params.id, change, origin: originOf(request), check }
      const changed = await inTransaction(db, (trx) => changeAddress(trx, command, new Date()))
      return describeAddress(withEtag(reply, changed))
    },
  )

  app.delete(
    '/v1/me/addresses/:id',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'removeAddress',
        summary: 'Remove an address',
        description: 'Orders keep the address that they were placed with.',
        tags: TAGS,
        params: Params,
        response: { 204: Type.Null({ description: 'The address is gone' }) },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const { id } = request.params
      const origin = originOf(request)
      await inTransaction(db, async (trx) => {
        await lockActiveAccount(trx, userId)
        if (!(await deleteAddress(trx, userId, id))) notFound('address', id)
        const activity = { userId, type: 'address-removed', origin, details: { addressId: id } } as const
        await recordActivity(trx, activity, new Date())
      })
      return reply.code(204).send(null)
    },
  )
}
