import { Page, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import {
  decodeCursor,
  encodeCursor,
  etagOf,
  notFound,
  PageQuery,
  Problem,
  problemResponses,
  requireMatch,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { lockActiveAccount } from '../accounts/accounts.ts'
import { originOf } from '../audit-log/activity.ts'
import { recordActivity } from '../audit-log/audit-log.ts'
import type { Db } from '../database.ts'
import { addOnce } from './add-address.ts'
import {
  AddressChange,
  AddressShape,
  describeAddress,
  listAddresses,
  MAX_ADDRESSES,
  NewAddress,
} from './address.ts'
import { changeAddress } from './change-address.ts'
import { deleteAddress } from './queries.ts'

const Params = Type.Object({ id: Uuid })
const IfMatch = Type.Object({
  'if-match': Type.Optional(Type.String({ maxLength: 200, description: 'the ETag of what is to change' })),
})
const TAGS = ['My account']

const UUID = /^[0-9a-f-]{36}$/

/** Checked because the column takes no other characters, not even to compare with. */
const idFrom = (cursor: string) => {
  const [id] = decodeCursor(cursor, ['string'])
  if (UUID.test(id)) return id
  throw new Problem('invalid-cursor', 'Start again without a cursor.', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave' }],
  })
}

/** A customer's own addresses. */
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
        response: { 200: Page(AddressShape), ...problemResponses('invalid-cursor') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const after = cursor === undefined ? undefined : idFrom(cursor)
      const rows = await listAddresses(db, { userId: authOf(request).userId, after, limit: limit + 1 })
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      return { items, nextCursor: rows.length > limit && last ? encodeCursor([last.id]) : null }
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
        sends: ['Location', 'ETag'],
        headers: Type.Object({
          'idempotency-key': Type.Optional(
            Type.String({ minLength: 1, maxLength: 255, description: 'new for each new request' }),
          ),
        }),
        body: NewAddress,
        response: {
          201: AddressShape,
          ...problemResponses('conflict', 'unprocessable', 'idempotency-running', 'idempotency-mismatch'),
        },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const command = { userId, address: request.body, origin: originOf(request) }
      const { address, replayed } = await addOnce(db, command, request.headers['idempotency-key'])
      if (replayed) void reply.header('idempotency-replayed', 'true')
      void reply.code(201).headers({
        location: `/v1/me/addresses/${address.id}`,
        etag: etagOf(address.version),
      })
      return describeAddress(address)
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
        headers: IfMatch,
        body: AddressChange,
        response: { 200: AddressShape, ...problemResponses('stale-version', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const command = {
        userId: authOf(request).userId,
        id: request.params.id,
        change: request.body,
        origin: originOf(request),
        check: (version: number) => requireMatch(request, version),
      }
      const changed = await inTransaction(db, (trx) => changeAddress(trx, command, new Date()))
      void reply.header('etag', etagOf(changed.version))
      return describeAddress(changed)
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
