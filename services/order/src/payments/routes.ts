import { IdempotencyHeaders, withIdempotency, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { retryPayment } from '../orders/mark-payment-declined.ts'
import { requesterOf, requireOrderAccess } from '../orders/order-access.ts'
import { Order, orderAccess, OrderParams, OrderTokenHeader } from '../orders/order-schemas.ts'
import { awaitSettled, waitSecondsOf } from '../orders/prefer-wait.ts'
import { problemResponses } from '../problems.ts'
import { choosePaymentMethod, PaymentBody } from './payment-method.ts'

/** Paying again. */
export const paymentRoutes = (app: Server, { db, providers, notifier, stepContext, settings }: Deps) => {
  app.post(
    '/v1/orders/:id/payments',
    {
      schema: {
        operationId: 'payOrder',
        summary: 'Another try to pay after a decline, while the stock is held',
        description: 'Answers at once; with `Prefer: wait=10` as soon as the outcome is known.',
        tags: ['Orders'],
        security: orderAccess,
        responseHeaders: ['Preference-Applied'],
        params: OrderParams,
        headers: Type.Object({
          ...IdempotencyHeaders.properties,
          ...OrderTokenHeader,
          prefer: Type.Optional(Type.String({ maxLength: 200, examples: ['wait=10'] })),
        }),
        body: PaymentBody,
        response: {
          201: Order,
          ...problemResponses(
            'wrong-state',
            'payment-unresolved',
            'payment-tries-exhausted',
            'idempotency-running',
            'unknown-payment-provider',
            'idempotency-mismatch',
            'unprocessable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { params, headers, body, auth } = request
      const orderId = params.id
      const by = await requireOrderAccess(db, orderId, requesterOf(request), 'orders:write')
      const method = choosePaymentMethod(providers, body, '')
      const scope = `payOrder|${orderId}|${auth?.userId ?? ''}`
      const seconds = waitSecondsOf(headers.prefer)
      const watch = notifier.watchOrder(orderId)
      try {
        await withIdempotency(db, { request, reply, scope }, async (trx) => {
          const maxTries = settings.paymentTriesPerOrder
          await retryPayment(trx, { orderId, method, by, maxTries }, stepContext())
          return { status: 201, resourceId: orderId }
        })
        const order = await awaitSettled(db, watch, { orderId, seconds, known: undefined })
        if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`)
        return order
      } finally {
        watch.stop()
      }
    },
  )
}
