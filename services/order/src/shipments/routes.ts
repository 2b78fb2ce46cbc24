import { Line, Quantity, normaliseSku, SkuInput } from '@storewright/contracts'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { IdempotencyHeaders, notFound, type Server, withIdempotency } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { requesterOf, requireOrderAccess } from '../orders/order-access.ts'
import { OrderParams, Shipment } from '../orders/order-schemas.ts'
import { problemResponses } from '../problems.ts'
import { awaitShipment } from './await-shipment.ts'
import { shipOrder } from './ship-order.ts'

const Body = Type.Object(
  {
    lines: Type.Optional(
      Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'without them everything that is left',
      }),
    ),
    carrier: Line(100, { examples: ['Royal Mail'] }),
    trackingNumber: Line(100, { examples: ['RM123456785GB'] }),
  },
  { title: 'NewShipment', examples: [{ carrier: 'Royal Mail', trackingNumber: 'RM123456785GB' }] },
)

/** Sending goods. */
export const shipmentRoutes = (app: Server, { db, providers, notifier, stepContext }: Deps) => {
  app.post(
    '/v1/orders/:id/shipments',
    {
      onRequest: requirePermission('orders:write'),
      schema: {
        operationId: 'shipOrder',
        summary: 'Ship an order, or a part of it, and take its money',
        description:
          'The shipment is `shipped` once the money was taken, `capturing` while the provider has not answered, ' +
          '`failed` if it refused; then its goods may go with another shipment.',
        tags: ['Orders'],
        params: OrderParams,
        headers: IdempotencyHeaders,
        body: Body,
        response: {
          201: Shipment,
          ...problemResponses('wrong-state', 'idempotency-running', 'idempotency-mismatch'),
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const orderId = params.id
      const { userId } = authOf(request)
      await requireOrderAccess(db, orderId, requesterOf(request), 'orders:write')
      const { carrier, trackingNumber } = body
      const lines = body.lines?.map(({ sku, quantity }) => ({
        sku: normaliseSku(sku) ?? notFound('SKU', sku),
        quantity,
      }))
      const scope = `shipOrder|${orderId}|${userId}`
      const watch = notifier.watchOrder(orderId)
      try {
        const { resourceId } = await withIdempotency(db, { request, reply, scope }, async (trx) => {
          const command = { orderId, lines, carrier, trackingNumber }
          const shipmentId = await shipOrder(trx, command, { ...stepContext(), providers })
          return { status: 201, resourceId: shipmentId }
        })
        return await awaitShipment(db, watch, resourceId)
      } finally {
        watch.stop()
      }
    },
  )
}
