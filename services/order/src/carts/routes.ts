import { Currency } from '@storewright/contracts'
import { authOf, requireUser } from '@storewright/service-kit/auth'
import {
  notFound,
  type Server,
  OptionalIdempotencyHeaders,
  withIdempotency,
  type IdempotentCall,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Problem, problemResponses } from '../problems.ts'
import { requireCurrency, visibleTo } from './cart-access.ts'
import { withOffers } from './cart-reader.ts'
import { CartParams, Cart, NewCart } from './cart-schemas.ts'
import { sendCart } from './cart-view.ts'
import { openCart } from './change-cart.ts'
import { claimCart } from './claim-cart.ts'
import { findActiveCart, findCart } from './queries.ts'

/** Starting, finding, reading and claiming carts. */
export const cartRoutes = (app: Server, { db, carts, readStock, settings }: Deps) => {
  const read = async (id: string, userId: string | null) =>
    withOffers(carts.readOffers, visibleTo(await carts.readCart(id), userId, id))

  const openOnce = async (call: IdempotentCall, start: Parameters<typeof openCart>[1]) => {
    const { resourceId, made } = await withIdempotency(db, call, async (trx) => {
      const { created, cart } = await openCart(trx, start)
      return { status: created ? 201 : 200, resourceId: cart.id, made: cart }
    })
    return withOffers(
      carts.readOffers,
      made ?? (await findCart(db, resourceId)) ?? notFound('cart', resourceId),
    )
  }

  app.post(
    '/v1/carts',
    {
      schema: {
        operationId: 'createCart',
        summary: 'Start a cart',
        description:
          "A guest's cart is reached by its id alone: keep it secret. A user has one active cart for each currency, on " +
          'all devices, and gets that one (200) instead of a second.',
        tags: ['Carts'],
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewCart,
        response: { 200: Cart, 201: Cart, ...problemResponses('unprocessable', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const currency = request.body.currency ?? settings.defaultCurrency
      requireCurrency(currency)
      const userId = request.auth?.userId ?? null
      const now = settings.clock()
      // A key counts for users only: guests cannot be distinguished.
      if (userId === null) {
        const cart = await carts.openGuestCart({ currency, now })
        void reply.code(201).header('location', `/v1/carts/${cart.id}`)
        return sendCart(carts, reply, { cart, lines: [] }, now)
      }
      const start = { userId, currency, now }
      if (request.headers['idempotency-key'] !== undefined) {
        const found = await openOnce({ request, reply, scope: `createCart|${userId}` }, start)
        void reply.header('location', `/v1/carts/${found.cart.id}`)
        return sendCart(carts, reply, found, start.now)
      }
      const { created, cart } = await openCart(db, start)
      void reply.code(created ? 201 : 200).header('location', `/v1/carts/${cart.id}`)
      return sendCart(carts, reply, await withOffers(carts.readOffers, cart), start.now)
    },
  )

  app.get(
    '/v1/carts/:id',
    {
      schema: {
        operationId: 'getCart',
        summary: 'A cart at the prices of now',
        description: 'With notices of what changed since each line was added.',
        tags: ['Carts'],
        responseHeaders: ['ETag'],
        params: CartParams,
        response: { 200: Cart },
      },
    },
    async ({ params, auth }, reply) =>
      sendCart(carts, reply, await read(params.id, auth?.userId ?? null), settings.clock()),
  )

  app.get(
    '/v1/me/cart',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'getMyCart',
        summary: 'The active cart of the user',
        description: 'On whatever device it was begun; without a currency, the one that was touched last.',
        tags: ['Carts'],
        responseHeaders: ['ETag'],
        querystring: Type.Object({ currency: Type.Optional(Currency) }),
        response: { 200: Cart, ...problemResponses('not-found', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const { currency } = request.query
      if (currency !== undefined) requireCurrency(currency)
      const cart = await findActiveCart(db, authOf(request).userId, currency)
      if (!cart) throw new Problem('not-found', 'There is no open cart; start one.')
      return sendCart(carts, reply, await withOffers(carts.readOffers, cart), settings.clock())
    },
  )

  app.post(
    '/v1/carts/:id/claim',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'claimCart',
        summary: "Make a guest's cart the user's",
        description:
          'Merged into the active cart that the user has in its currency: quantities add up to what is available at most (what is sold out is left out), ' +
          'codes are united, and the shipping that the guest chose wins. Safe to repeat.',
        tags: ['Carts'],
        responseHeaders: ['ETag'],
        params: CartParams,
        body: Type.Object({}, { examples: [{}] }),
        response: { 200: Cart, ...problemResponses('cart-ordered', 'unprocessable') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const cartId = request.params.id
      const now = settings.clock()
      const id = await claimCart(carts, readStock, { cartId, userId, now })
      return sendCart(carts, reply, await read(id, userId), now)
    },
  )
}
