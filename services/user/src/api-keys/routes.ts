import { Page, Timestamp, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  type Server,
  withIdempotency,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { Name } from '../accounts/user.ts'
import { originOf } from '../audit-log/activity.ts'
import type { Db } from '../database.ts'
import { Problem, problemResponses } from '../problems.ts'
import { ApiKey, DEFAULT_LIFE_DAYS, describeKey, keyPermissions, MAX_LIFE_DAYS } from './api-key.ts'
import { createKey } from './create-key.ts'
import { findKey, listKeys } from './queries.ts'
import { revokeKey } from './revoke-key.ts'

const TAGS = ['API keys']
/** No key can be given the permission that these need. */
const PEOPLE = [{ bearer: [] }]
const Params = Type.Object({ id: Uuid })

const NewKey = Type.Object(
  {
    name: Type.String({ ...Name, maxLength: 100, description: 'what it is for', examples: ['Warehouse'] }),
    permissions: Type.Array(Type.Enum(keyPermissions), {
      minItems: 1,
      maxItems: keyPermissions.length,
      uniqueItems: true,
    }),
    expiresAt: Type.Optional(Timestamp),
  },
  { title: 'NewApiKey', examples: [{ name: 'Warehouse', permissions: ['stock:read', 'stock:write'] }] },
)

const Created = Type.Object(
  {
    apiKey: ApiKey,
    key: Type.Union([Type.String({ maxLength: 200 }), Type.Null()], {
      description: 'the key itself, for `X-Api-Key`: here and nowhere else; null on a repeat',
      examples: ['sw_01990a3c8f5e7cc29a330d1f3c4b5a69_kq3Z1x0h2Yt8mF5cVb7nA9sLd4GpRwEuJiOoPqXyTzk'],
    }),
  },
  { title: 'CreatedApiKey', description: 'The key' },
)

const cursors = defineCursor('api keys', ['id'])

export const apiKeyRoutes = (app: Server, { db }: { db: Db }) => {
  const onRequest = requirePermission('api-keys:write')
  const found = async (id: string) => describeKey((await findKey(db, id)) ?? notFound('API key', id))

  app.get(
    '/v1/api-keys',
    {
      onRequest,
      schema: {
        operationId: 'listApiKeys',
        summary: 'The keys of machines, the newest first',
        description: 'Expired ones too, but none that was revoked.',
        tags: TAGS,
        security: PEOPLE,
        querystring: PageQuery,
        response: { 200: Page(ApiKey) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const [before] = cursors.decode(cursor) ?? []
      const rows = await listKeys(db, { before, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursors.encode(id), describeKey)
    },
  )

  app.get(
    '/v1/api-keys/:id',
    {
      onRequest,
      schema: {
        operationId: 'getApiKey',
        summary: 'A key of a machine, also after it was revoked',
        tags: TAGS,
        security: PEOPLE,
        params: Params,
        response: { 200: ApiKey },
      },
    },
    ({ params: { id } }) => found(id),
  )

  app.post(
    '/v1/api-keys',
    {
      onRequest,
      schema: {
        operationId: 'createApiKey',
        summary: 'Make a key for a machine',
        description:
          'The key is shown once. It may do no more than whoever makes it, and loses what they lose; when they ' +
          `are disabled it opens nothing. It ends after ${DEFAULT_LIFE_DAYS} days, or at \`expiresAt\`, ` +
          `${MAX_LIFE_DAYS} days from now at the latest. Whoever repeats the request with the same ` +
          '`Idempotency-Key`, because the response was lost, gets the key without its text: revoke it then, ' +
          'and make another one. Keys are made by people only.',
        tags: TAGS,
        security: PEOPLE,
        headers: OptionalIdempotencyHeaders,
        body: NewKey,
        responseHeaders: ['Location'],
        response: {
          201: Created,
          ...problemResponses('beyond-your-permissions', 'unprocessable', 'invalid-token'),
        },
      },
    },
    async (request, reply) => {
      const by = authOf(request)
      const { name, permissions, expiresAt } = request.body
      const command = { name: name.trim(), permissions, expiresAt, by, origin: originOf(request) }
      if (command.name === '') throw nameMissing()
      const scope = `createApiKey|${by.userId}`
      // The key's text goes into this response alone: with the Idempotency-Key only its id is kept.
      const { resourceId: id, made: key = null } = await withIdempotency(
        db,
        { request, reply, scope },
        async (trx) => {
          const made = await createKey(trx, command, new Date())
          return { status: 201, resourceId: made.id, made: made.key }
        },
      )
      void reply.header('location', `/v1/api-keys/${id}`)
      return { apiKey: await found(id), key }
    },
  )

  app.delete(
    '/v1/api-keys/:id',
    {
      onRequest,
      schema: {
        operationId: 'revokeApiKey',
        summary: 'Revoke a key',
        description: 'It is refused everywhere within a second. Again, the same answer.',
        tags: TAGS,
        security: PEOPLE,
        params: Params,
        response: { 204: Type.Null({ description: 'The key is good for nothing any more' }) },
      },
    },
    async (request, reply) => {
      const command = { id: request.params.id, byUserId: authOf(request).userId }
      await inTransaction(db, (trx) => revokeKey(trx, command, new Date()))
      return reply.code(204).send(null)
    },
  )
}

const nameMissing = () =>
  new Problem('invalid-request', 'A key needs a name.', { errors: [{ path: 'name', message: 'is empty' }] })
