import { Quantity, normaliseSku, SkuInput } from '@storewright/contracts'
import { idempotent, inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { notFound, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { answerOutcome, IdempotencyHeader, requireIdempotencyKey } from '../idempotency.ts'
import { requesterOf, requireOrderAccess } from '../orders/order-access.ts'
import { OrderParams, Shipment } from '../orders/order-schemas.ts'
import { problemResponses } from '../problems.ts'
import { awaitShipment } from './await-shipment.ts'
import { shipOrder } from './ship-order.ts'

const text = (example: string) =>
  Type.String({ minLength: 1, maxLength: 100, pattern: '\\S', examples: [example] })

const Body = Type.Object(
  {
    lines: Type.Optional(
      Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), {
        minItems: 1,
        maxItems: 1_000,
        description: 'without them everything that is left',
      }),
    ),
    carrier: text('Royal Mail'),
    trackingNumber: text('RM123456785GB'),
  },
  { title: 'NewShipment', examples: [{ carrier: 'Royal Mail', trackingNumber: 'RM123456785GB' }] },
)

/** Sending goods. */
export const shipmentRoutes = (app: Server, { db, providers, notifier, stepContext }: Deps) => {
  app.post(
    '/v1/orders/:id/shipments',
    {
      onRequest: [requirePermission('orders:write'), requireIdempotencyKey],
      schema: {
        operationId: 'shipOrder',
        summary: 'Ship an order, or a part of it, and take its money',
        description:
          'The shipment is `shipped` once the money was taken, `capturing` while the provider has not answered, ' +
          '`failed` if it refused; then its goods may go with another shipment.',
        tags: ['Orders'],
        params: OrderParams,
        headers: Type.Object(IdempotencyHeader),
        body: Body,
        response: {
          201: Shipment,
          ...problemResponses(
            'idempotency-key-required',
            'wrong-state',
            'idempotency-running',
            'idempotency-mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { params, headers, body } = request
      const orderId = params.id
      const { userId } = authOf(request)
      await requireOrderAccess(db, orderId, requesterOf(request), 'orders:write')
      const { carrier, trackingNumber } = body
      const lines = body.lines?.map(({ sku, quantity }) => ({
        sku: normaliseSku(sku) ?? notFound('SKU', sku),
        quantity,
      }))
      const idempotency = { scope: `shipOrder|${orderId}|${userId}`, key: headers['idempotency-key'], body }
      const watch = notifier.watchOrder(orderId)
      try {
        const outcome = await inTransaction(db, (trx) =>
          idempotent(trx, idempotency, async () => {
            const command = { orderId, lines, carrier, trackingNumber }
            const resourceId = await shipOrder(trx, command, { ...stepContext(), providers })
            return { status: 201, resourceId }
          }),
        )
        answerOutcome(reply, outcome)
        return await awaitShipment(db, watch, outcome.resourceId)
      } finally {
        watch.stop()
      }
    },
  )
}
