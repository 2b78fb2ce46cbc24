import { Timestamp } from '@storewright/contracts'
import type { Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { askerOf } from '../orders/asker.ts'
import { requireOrderAccess } from '../orders/order-access.ts'
import { OrderParams, OrderTokenHeader, OrderTokenQuery } from '../orders/order-schemas.ts'
import { listSteps } from './queries.ts'

const Timeline = Type.Object({
  items: Type.Array(
    Type.Object({
      at: Timestamp,
      type: Type.String({ examples: ['order.order-placed.v1'] }),
      by: Type.Enum(['customer', 'system', 'staff']),
      summary: Type.String(),
      correlationId: Type.String(),
    }),
  ),
})

/** What happened to an order, oldest first. */
export const timelineRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/orders/:id/timeline',
    {
      schema: {
        operationId: 'getOrderTimeline',
        summary: 'What happened to an order, oldest first',
        tags: ['Orders'],
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
