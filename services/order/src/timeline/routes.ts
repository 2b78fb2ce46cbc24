import { Timestamp } from '@storewright/contracts'
import type { Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { askerOf } from '../orders/asker.ts'
import { requireOrderAccess } from '../orders/order-access.ts'
import { orderAccess, OrderParams, OrderTokenHeader, OrderTokenQuery } from '../orders/order-schemas.ts'
import { listSteps } from './queries.ts'

const Timeline = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        at: Timestamp,
        type: Type.String({
          pattern: '^[a-z0-9.-]+$',
          maxLength: 100,
          examples: ['order.order-placed.v1'],
        }),
        by: Type.Enum(['customer', 'system', 'staff']),
        summary: Type.String({ maxLength: 500, examples: ['Order placed'] }),
        correlationId: Type.String({
          maxLength: 255,
          description: 'what caused it: the X-Request-Id of a request',
        }),
      }),
      { maxItems: 10_000 },
    ),
  },
  {
    examples: [
      {
        items: [
          {
            at: '2026-01-31T09:30:00.000Z',
            type: 'order.order-placed.v1',
            by: 'customer',
            summary: 'Order placed',
            correlationId: '01990a3c-8f00-7b11-a1d2-9c8b7a6d5e4f',
          },
        ],
      },
    ],
  },
)

/** What happened to an order, oldest first. */
export const timelineRoutes = (app: Server, { db }: Deps) => {
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
      await requireOrderAccess(db, id, askerOf(request), 'orders:read')
      const steps = await listSteps(db, id)
      return { items: steps.map((step) => ({ ...step, at: step.at.toISOString() })) }
    },
  )
}
