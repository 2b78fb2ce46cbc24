import { Page, Timestamp, Uuid } from '@storewright/contracts'
import { parseJson } from '@storewright/database'
import { authOf, requirePermission, requireUser } from '@storewright/service-kit/auth'
import { defineCursor, notFound, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import type { Db } from '../database.ts'
import { activityTypes } from './activity.ts'
import { findAccountId, listActivity } from './queries.ts'

const Detail = Type.Union([
  Type.String({ maxLength: 500 }),
  Type.Number({ minimum: -1e15, maximum: 1e15 }),
  Type.Boolean(),
  Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100 }),
])

const Activity = Type.Object(
  {
    id: Uuid,
    type: Type.String({
      maxLength: 64,
      description: `one of ${activityTypes.map((type) => `\`${type}\``).join(', ')}; more may come`,
    }),
    at: Timestamp,
    by: Type.Union([Type.Literal('owner'), Type.Literal('staff')], {
      description: 'who did it; `owner` also for who tried to be',
    }),
    address: Type.Union([Type.String({ maxLength: 45 }), Type.Null()], { description: 'IP address' }),
    device: Type.Union([Type.String({ maxLength: 300 }), Type.Null()], { description: '`User-Agent`' }),
    details: Type.Record(Type.String({ pattern: '^[A-Za-z0-9]{1,40}$', maxLength: 40 }), Detail, {
      maxProperties: 20,
      description: 'further facts, by type',
    }),
  },
  {
    title: 'Activity',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        type: 'logged-in',
        at: '2026-01-31T09:30:00.000Z',
        by: 'owner',
        address: '192.0.2.7',
        device: 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0',
        details: {},
      },
    ],
  },
)
type Activity = Static<typeof Activity>

const describe = (row: Awaited<ReturnType<typeof listActivity>>[number]): Activity => ({
  id: row.id,
  type: row.type,
  at: row.at.toISOString(),
  by: row.byUserId === null ? 'owner' : 'staff',
  address: row.address,
  device: row.device,
  details: row.details === null ? {} : parseJson<Activity['details']>(row.details),
})

const cursors = defineCursor('activity', ['id'])

export const activityRoutes = (app: Server, { db }: { db: Db }) => {
  const activityOf = async (userId: string, { limit, cursor }: { limit: number; cursor?: string }) => {
    const [before] = cursors.decode(cursor) ?? []
    const rows = await listActivity(db, { userId, before, limit: limit + 1 })
    return pageOf(rows, limit, ({ id }) => cursors.encode(id), describe)
  }

  app.get(
    '/v1/me/activity',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'listMyActivity',
        tags: ['My account'],
        summary: 'What happened to your account, the latest first',
        description: 'Log-ins, failed ones too, changes and orders, for as long as the shop keeps them.',
        querystring: PageQuery,
        response: { 200: Page(Activity) },
      },
    },
    (request) => activityOf(authOf(request).userId, request.query),
  )

  app.get(
    '/v1/users/:id/activity',
    {
      onRequest: requirePermission('users:read'),
      schema: {
        operationId: 'listActivityOfUser',
        tags: ['Accounts of others'],
        summary: 'What happened to an account, the latest first',
        params: Type.Object({ id: Uuid }),
        querystring: PageQuery,
        response: { 200: Page(Activity) },
      },
    },
    async ({ params: { id }, query }) => {
      if (!(await findAccountId(db, id))) notFound('user', id)
      return activityOf(id, query)
    },
  )
}
