import { Line, Page, Timestamp } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { parseEmail } from '@storewright/people/email'
import { authOf, hasPermission, requireUserOr } from '@storewright/service-kit/auth'
import { defineCursor, etagOf, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Problem, problemResponses } from '../problems.ts'
import { OrderStatusSchema } from '../schemas.ts'
import { readTimeline, Timeline } from '../timeline/timeline.ts'
import { requestCancellation } from './cancel-orders.ts'
import { requesterOf, requireOrderAccess } from './order-access.ts'
import { Order, orderAccess, OrderParams, OrderTokenHeader, OrderTokenQuery } from './order-schemas.ts'
import { readOrder, readOrderFor, readOrders } from './read-orders.ts'

const Query = Type.Object({
  ...PageQuery.properties,
  status: Type.Optional(OrderStatusSchema),
  email: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 320,
      description: 'in any of its forms',
      examples: ['ada@example.com'],
    }),
  ),
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

const cursors = defineCursor('orders', ['time', 'id'])

/** Reading and cancelling orders. */
export const orderRoutes = (app: Server, { db, stepContext }: Deps) => {
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
        response: { 200: Page(Order), ...problemResponses('invalid-cursor') },
      },
    },
    async (request) => {
      const auth = authOf(request)
      const { status, email, from, to, cursor, limit } = request.query
      const [placedAt, id] = cursors.decode(cursor) ?? []
      const orders = await readOrders(db, {
        userId: hasPermission(auth, 'orders:read') ? null : auth.userId,
        status,
        email: email === undefined ? undefined : parseEmail(email),
        from: from === undefined ? undefined : dateFrom(from, 'from'),
        to: to === undefined ? undefined : dateFrom(to, 'to'),
        after: placedAt && id ? { placedAt, id } : undefined,
        limit: limit + 1,
      })
      return pageOf(orders, limit, (last) => cursors.encode(new Date(last.placedAt), last.id))
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
        responseHeaders: ['ETag'],
        params: OrderParams,
        headers: Type.Object(OrderTokenHeader),
        querystring: Type.Object(OrderTokenQuery),
        response: { 200: Order },
      },
    },
    async (request, reply) => {
      const order = await readOrderFor(db, request.params.id, requesterOf(request))
      return reply.header('etag', etagOf(order.version)).send(order)
    },
  )

  app.get(
    '/v1/orders/:id/timeline',
    {
      schema: {
        operationId: 'getOrderTimeline',
        summary: 'What happened to an order, oldest first',
        description: 'Who did what and when, and the request behind it.',
        tags: ['Orders'],
        security: orderAccess,
        params: OrderParams,
        headers: Type.Object(OrderTokenHeader),
        querystring: Type.Object(OrderTokenQuery),
        response: { 200: Timeline },
      },
    },
    async (request) => {
      const { id } = request.params
      await requireOrderAccess(db, id, requesterOf(request), 'orders:read')
      return readTimeline(db, id)
    },
  )

  app.post(
    '/v1/orders/:id/cancel',
    {
      schema: {
        operationId: 'cancelOrder',
        summary: 'Cancel what was not shipped',
        description:
          'Safe to repeat: the second answer is the first. The rest of a partly shipped order ends it as shipped.',
        tags: ['Orders'],
        security: orderAccess,
        params: OrderParams,
        headers: Type.Object(OrderTokenHeader),
        body: Type.Object(
          {
            reason: Type.Optional(Line(100, { examples: ['ordered twice'] })),
          },
          { title: 'OrderCancellation', examples: [{ reason: 'ordered twice' }] },
        ),
        response: { 200: Order, ...problemResponses('wrong-state') },
      },
    },
    async (request) => {
      const { id: orderId } = request.params
      const by = await requireOrderAccess(db, orderId, requesterOf(request), 'orders:write')
      const reason = request.body.reason ?? null
      await inTransaction(db, (trx) => requestCancellation(trx, { orderId, reason, by }, stepContext()))
      return readOrder(db, orderId)
    },
  )
}
