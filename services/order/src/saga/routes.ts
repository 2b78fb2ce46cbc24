import { inTransaction } from '@storewright/database'
import { problemResponses, type Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { askerOf } from '../orders/asker.ts'
import { requireOrderAccess } from '../orders/order-access.ts'
import { orderAccess, OrderParams, OrderShape, OrderTokenHeader } from '../orders/order-schemas.ts'
import { readOrder } from '../orders/read-orders.ts'
import { requestCancellation } from './request-cancellation.ts'

/** What people may ask of the saga. */
export const cancellationRoutes = (app: Server, { db, signals, settings }: Deps) => {
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
            reason: Type.Optional(
              Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: ['ordered twice'] }),
            ),
          },
          { examples: [{ reason: 'ordered twice' }] },
        ),
        response: { 200: OrderShape, ...problemResponses('wrong-state') },
      },
    },
    async (request) => {
      const { id: orderId } = request.params
      const by = await requireOrderAccess(db, orderId, askerOf(request), 'orders:write')
      const reason = request.body.reason ?? null
      const now = settings.clock()
      await inTransaction(db, (trx) => requestCancellation(trx, { orderId, reason, by, now }, signals))
      return readOrder(db, orderId)
    },
  )
}
