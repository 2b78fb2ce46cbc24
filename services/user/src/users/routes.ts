import { Page, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { normaliseEmail, normaliseEmailStart } from '@storewright/people/email'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  pageOf,
  PageQuery,
  requireMatch,
  type Server,
  withEtag,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { type AccountOrder, findUser, listUsers } from '../accounts/accounts.ts'
import { roleNames } from '../accounts/roles.ts'
import { Name, User } from '../accounts/user.ts'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import { changeUser } from './change-user.ts'

const TAGS = ['Accounts of others']
const Role = Type.Enum(roleNames)
const Params = Type.Object({ id: Uuid })

const Search = Type.Object({
  ...PageQuery.properties,
  id: Type.Optional(Uuid),
  email: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 254,
      description: 'how it begins, whether a domain is written in its own letters or as xn--…',
      examples: ['ada@'],
    }),
  ),
  name: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'how it begins', examples: ['Ada'] }),
  ),
  role: Type.Optional(Role),
  status: Type.Optional(Type.Enum(['active', 'disabled', 'erased'])),
})

const Change = Type.Object(
  {
    roles: Type.Optional(
      Type.Array(Role, {
        minItems: 1,
        maxItems: roleNames.length,
        uniqueItems: true,
        description: 'all that the account has from now on',
      }),
    ),
    status: Type.Optional(Type.Enum(['active', 'disabled'])),
    name: Type.Optional(Type.Union([Name, Type.Null()], { description: 'null removes it' })),
    taxExempt: Type.Optional(Type.Boolean({ description: 'whether orders of this account cost no tax' })),
  },
  { title: 'UserPatch', minProperties: 1, examples: [{ roles: ['support'] }, { status: 'disabled' }] },
)

/** A cursor goes with the search that returned it: the value that its order sorts by, and the id. */
const cursors: Record<AccountOrder, ReturnType<typeof defineCursor<['text', 'id']>>> = {
  newest: defineCursor('users', ['text', 'id']),
  email: defineCursor('users by email', ['text', 'id']),
  name: defineCursor('users by name', ['text', 'id']),
}

const sortKeyOf: Record<AccountOrder, (user: User) => string> = {
  newest: () => '',
  email: ({ email }) => normaliseEmail(email) ?? email,
  name: ({ name }) => name ?? '',
}

export const userRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/users',
    {
      onRequest: requirePermission('users:read'),
      schema: {
        operationId: 'listUsers',
        summary: 'Find accounts',
        description:
          'The newest first; by e-mail address where its beginning is given, else by name where that is. ' +
          'Everything given has to fit.',
        tags: TAGS,
        querystring: Search,
        response: { 200: Page(User) },
      },
    },
    async ({ query: { limit, cursor, ...query } }) => {
      const order: AccountOrder =
        query.email !== undefined ? 'email' : query.name !== undefined ? 'name' : 'newest'
      const key = cursors[order].decode(cursor)
      const after = key && { value: key[0], id: key[1] }
      const email = query.email === undefined ? undefined : normaliseEmailStart(query.email)
      const users = await listUsers(db, { ...query, email }, { order, after, limit: limit + 1 })
      return pageOf(users, limit, (user) => cursors[order].encode(sortKeyOf[order](user), user.id))
    },
  )

  app.get(
    '/v1/users/:id',
    {
      onRequest: requirePermission('users:read'),
      schema: {
        operationId: 'getUser',
        summary: 'An account',
        description: 'Of an erased person nothing but the id and the times is left.',
        tags: TAGS,
        params: Params,
        responseHeaders: ['ETag'],
        response: { 200: User },
      },
    },
    async ({ params: { id } }, reply) => {
      return withEtag(reply, (await findUser(db, id)) ?? notFound('user', id))
    },
  )

  app.patch(
    '/v1/users/:id',
    {
      onRequest: requirePermission('users:write'),
      schema: {
        operationId: 'changeUser',
        summary: 'Change what an account may do, disable or enable it, correct its name',
        description:
          'A change of roles takes effect within seconds, without a new log-in; disabling ends all sessions. ' +
          'Nobody changes their own roles or status, gives what they may not do themselves, or changes an account ' +
          'that may do more than they. The last active administrator stays one.',
        tags: TAGS,
        params: Params,
        headers: IfMatchHeaders,
        body: Change,
        response: {
          200: User,
          ...problemResponses(
            'not-on-yourself',
            'beyond-your-permissions',
            'last-admin',
            'wrong-state',
            'stale-version',
          ),
        },
      },
    },
    async (request, reply) => {
      const { name, ...change } = request.body
      const command = {
        userId: request.params.id,
        by: authOf(request),
        change: { ...change, name: typeof name === 'string' ? name.trim() || null : name },
      }
      const check = ({ version }: { version: number }) => requireMatch(request, version)
      const user = await inTransaction(db, (trx) => changeUser(trx, command, check))
      return withEtag(reply, user)
    },
  )
}
