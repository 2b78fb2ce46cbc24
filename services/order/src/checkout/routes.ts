import { Price } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { parseAddress } from '@storewright/people/address'
import { parseEmail } from '@storewright/people/email'
import { etagOf, notFound, type Server, IdempotencyHeaders } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { causedByRequest } from '../correlation.ts'
import type { Deps } from '../deps.ts'
import { accessTokenFor, hashAccessToken } from '../orders/order-access.ts'
import { Order } from '../orders/order-schemas.ts'
import { awaitSettled, waitSecondsOf } from '../orders/prefer-wait.ts'
import { choosePaymentMethod, PaymentBody } from '../payments/payment-method.ts'
import { Problem, problemResponses } from '../problems.ts'
import { customerKeyOf } from '../promotions/redemptions.ts'
import { aCartId, anAddress, CartId, NewAddress } from '../schemas.ts'
import { createCheckout } from './checkout.ts'

const Body = Type.Object(
  {
    cartId: CartId,
    email: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 320,
        description: 'guests must give it',
        examples: ['ada@example.com'],
      }),
    ),
    shippingAddress: NewAddress,
    billingAddress: Type.Optional(NewAddress),
    shippingMethod: Type.String({ minLength: 1, maxLength: 40, examples: ['standard'] }),
    payment: PaymentBody,
    channel: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9._-]*$',
        maxLength: 40,
        examples: ['web'],
        description: 'what the client app calls itself; shown on the order and in OrderPlaced',
      }),
    ),
    expectedTotal: Type.Optional({ ...Price, description: 'if it costs anything else, nothing is ordered' }),
  },
  {
    title: 'NewOrder',
    examples: [
      {
        cartId: aCartId,
        email: 'ada@example.com',
        shippingAddress: anAddress,
        shippingMethod: 'standard',
        payment: { provider: 'sandbox', token: 'tok_ok' },
      },
    ],
  },
)

/** Any other id cannot exist, and would fail the statement that reads it with those of others. */
const CART_ID = /^[\x21-\x7e]{1,64}$/

export const checkoutRoutes = (
  app: Server,
  { db, providers, declineLimit, notifier, rates, settings, stepContext }: Deps,
) => {
  const checkout = createCheckout({ db, rates })
  app.post(
    '/v1/orders',
    {
      schema: {
        operationId: 'placeOrder',
        summary: 'Order what is in a cart',
        description:
          'Answers at once with a `pending` order; with `Prefer: wait=10` as soon as it is settled. A guest’s ' +
          'answer has the `accessToken` that opens the order. A coupon that does not apply any more is left out; ' +
          'with `expectedTotal` nothing is ordered then, and `409` shows the new totals and why.',
        tags: ['Orders'],
        responseHeaders: ['Location', 'ETag', 'Preference-Applied'],
        headers: Type.Object({
          ...IdempotencyHeaders.properties,
          prefer: Type.Optional(Type.String({ maxLength: 200, examples: ['wait=10'] })),
        }),
        body: Body,
        response: {
          201: Order,
          ...problemResponses(
            'not-found',
            'cart-ordered',
            'total-changed',
            'idempotency-running',
            'cart-empty',
            'product-unavailable',
            'currency-mismatch',
            'unknown-shipping-method',
            'unknown-payment-provider',
            'idempotency-mismatch',
            'unprocessable',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body, auth, headers } = request
      const userId = auth?.userId ?? null
      const payment = choosePaymentMethod(providers, body.payment, 'payment.')
      if (!CART_ID.test(body.cartId)) notFound('cart', body.cartId)
      if (userId === null && body.email === undefined) {
        throw new Problem('unprocessable', 'A guest gives an e-mail address.', {
          errors: [{ path: 'email', message: 'is required for guests' }],
        })
      }
      const orderId = newId()
      declineLimit.payFrom(orderId, request.ip)
      const accessToken = userId === null ? accessTokenFor(orderId, settings.orderTokenSecret) : null
      const { now } = stepContext()
      const email = body.email === undefined ? null : parseEmail(body.email)
      const seconds = waitSecondsOf(headers.prefer)

      // Watched before it exists, so that no notification is missed.
      const watches = [notifier.watchOrder(orderId)]
      try {
        const placed = await checkout({
          orderId,
          cartId: body.cartId,
          userId,
          accessTokenHash: accessToken && hashAccessToken(accessToken),
          email,
          channel: body.channel ?? null,
          customerKey: customerKeyOf({ userId, email }),
          shippingAddress: parseAddress(body.shippingAddress, 'shippingAddress.'),
          billingAddress: body.billingAddress ? parseAddress(body.billingAddress, 'billingAddress.') : null,
          shippingMethod: body.shippingMethod,
          payment,
          expectedTotal: body.expectedTotal,
          now,
          expiresAt: new Date(now.getTime() + settings.pendingTtlMs),
          cause: causedByRequest(),
          idempotency: {
            scope: `placeOrder|${userId ?? body.cartId}`,
            key: headers['idempotency-key'],
            body,
            expected: { status: 201, resourceId: orderId },
          },
        })
        const made = 'order' in placed ? placed.order : undefined
        const id = 'order' in placed ? orderId : placed.earlier.resourceId
        const replayed = made === undefined
        if (replayed) void reply.header('idempotency-replayed', 'true')
        void reply.code(201)
        if (replayed) watches.push(notifier.watchOrder(id))
        const watch = watches.at(-1)
        if (!watch) throw new Error('the order is not watched')
        const order = await awaitSettled(db, watch, { orderId: id, seconds, known: made })
        void reply.headers({ location: `/v1/orders/${id}`, etag: etagOf(order.version) })
        if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`)
        if (order.userId !== null) return order
        return { ...order, accessToken: accessTokenFor(id, settings.orderTokenSecret) }
      } finally {
        for (const watch of watches) watch.stop()
      }
    },
  )
}
