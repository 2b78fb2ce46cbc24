import { Page, Timestamp } from '@storewright/contracts'
import {
  authOf,
  decodeCursor,
  encodeCursor,
  etagOf,
  hasPermission,
  PageQuery,
  Problem,
  problemResponses,
  requireUserOr,
  type Server,
} from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { askerOf } from './asker.ts'
import {
  orderAccess,
  OrderParams,
  OrderShape,
  OrderStatusShape,
  OrderTokenHeader,
  OrderTokenQuery,
} from './order-schemas.ts'
import { readOrderFor, readOrders } from './read-orders.ts'

const Query = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(OrderStatusShape),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
})

const dateFrom = (text: string, path: string): Date => {
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  throw new Problem('invalid-request', `${path} is not a point in time.`, {
    errors: [{ path, message: 'is not a point in time' }],
  })
}

const positionFrom = (cursor: string) => {
  const [time, id] = decodeCursor(cursor, ['number', 'id'])
  const placedAt = new Date(time)
  const year = placedAt.getUTCFullYear()
  // The years that databases know.
  if (year >= 1 && year <= 9_999) return { placedAt, id }
  throw new Problem('invalid-cursor', 'Start again without a cursor.', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave' }],
  })
}

/** Reading orders. */
export const orderRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/orders',
    {
      onRequest: requireUserOr('orders:read'),
      schema: {
        operationId: 'listOrders',
        summary: "The user's orders, newest first; with orders:read everybody's",
        description: 'By when they were placed, newest first; `from` and `to` bound that time.',
        tags: ['Orders'],
        querystring: Query,
        response: { 200: Page(OrderShape), ...problemResponses('invalid-cursor') },
      },
    },
    async (request) => {
      const auth = authOf(request)
      const { status, from, to, cursor, limit } = request.query
      const rows = await readOrders(db, {
        userId: hasPermission(auth, 'orders:read') ? null : auth.userId,
        status,
        from: from === undefined ? undefined : dateFrom(from, 'from'),
        to: to === undefined ? undefined : dateFrom(to, 'to'),
        after: cursor === undefined ? undefined : positionFrom(cursor),
        limit: limit + 1,
      })
      const items = rows.slice(0, limit)
      const last = items.at(-1)
      const nextCursor =
        rows.length > limit && last ? encodeCursor([Date.parse(last.placedAt), last.id]) : null
      return { items, nextCursor }
    },
  )

  app.get(
    '/v1/orders/:id',
    {
      schema: {
        operationId: 'getOrder',
        summary: 'An order',
        description: 'With its lines, totals, payment and shipments as they are now.',
        tags: ['Orders'],
        security: orderAccess,
        sends: ['ETag'],
        params: OrderParams,
        headers: Type.Object(OrderTokenHeader),
        querystring: Type.Object(OrderTokenQuery),
        response: { 200: OrderShape },
      },
    },
    async (request, reply) => {
      const order = await readOrderFor(db, request.params.id, askerOf(request))
      void reply.header('etag', etagOf(order.version))
      return order
    },
  )
}
