import { Price, Timestamp } from '@storewright/contracts'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { IdempotencyHeaders, withIdempotency, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { retryPayment } from '../orders/mark-payment-declined.ts'
import { requesterOf, requireOrderAccess } from '../orders/order-access.ts'
import { Order, orderAccess, OrderParams, OrderTokenHeader } from '../orders/order-schemas.ts'
import { awaitSettled, waitSecondsOf } from '../orders/prefer-wait.ts'
import { Problem, problemResponses } from '../problems.ts'
import { readOrder } from '../orders/read-orders.ts'
import { receivePayment } from './receive-payment.ts'
import { choosePaymentMethod, PaymentBody } from './payment-method.ts'

const NewReceipt = Type.Object(
  {
    amount: Type.Optional({ ...Price, description: 'without it all that is left to be received' }),
    reference: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        pattern: '\\S',
        description: "the bank's, or a receipt's number",
      }),
    ),
    receivedAt: Type.Optional({ ...Timestamp, description: 'without it now' }),
  },
  { title: 'NewPaymentReceipt', examples: [{ reference: 'invoice 1042' }] },
)

/** Paying again, and money that came by other ways than a provider. */
export const paymentRoutes = (
  app: Server,
  { db, providers, declineLimit, notifier, stepContext, settings }: Deps,
) => {
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
      declineLimit.payFrom(orderId, request.ip)
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

  app.post(
    '/v1/orders/:id/payments/received',
    {
      onRequest: requirePermission('orders:write'),
      schema: {
        operationId: 'recordPaymentReceipt',
        summary: 'Record that the money of a manual payment came',
        description:
          'For orders paid by `manual`: an invoice was paid, or cash on delivery. In parts or whole, before or after the ' +
          'goods are shipped, never more than the total. `payment.received` of the order is the sum.',
        tags: ['Orders'],
        params: OrderParams,
        headers: IdempotencyHeaders,
        body: NewReceipt,
        response: {
          201: Order,
          ...problemResponses(
            'wrong-state',
            'idempotency-running',
            'currency-mismatch',
            'unprocessable',
            'idempotency-mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      const orderId = params.id
      const { userId: recordedBy } = authOf(request)
      await requireOrderAccess(db, orderId, requesterOf(request), 'orders:write')
      const context = stepContext()
      const receivedAt = body.receivedAt === undefined ? context.now : new Date(body.receivedAt)
      if (Number.isNaN(receivedAt.getTime())) {
        throw new Problem('invalid-request', 'receivedAt is not a point in time.', {
          errors: [{ path: 'receivedAt', message: 'is not a point in time' }],
        })
      }
      const command = {
        orderId,
        amount: body.amount,
        reference: body.reference ?? null,
        receivedAt,
        recordedBy,
      }
      const scope = `recordPaymentReceipt|${orderId}|${recordedBy}`
      await withIdempotency(db, { request, reply, scope }, async (trx) => {
        await receivePayment(trx, command, context)
        return { status: 201, resourceId: orderId }
      })
      return readOrder(db, orderId)
    },
  )
}
