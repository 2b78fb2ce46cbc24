import { inTransaction } from '@storewright/database'
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
import { CartParams, Cart, NewCart } from './cart-schemas.ts'
import { sendCart } from './cart-view.ts'
import { createCart } from './change-cart.ts'
import { claimCart } from './claim-cart.ts'
import { findCart, findOpenCartOf } from './queries.ts'

/** Starting, finding, reading and claiming carts. */
export const cartRoutes = (app: Server, { db, settings }: Deps) => {
  const read = async (id: string, userId: string | null) => {
    const found = await findCart(db, id)
    visibleTo(found?.cart, userId, id)
    return found ?? notFound('cart', id)
  }

  const createOnce = async (call: IdempotentCall, start: Parameters<typeof createCart>[1]) => {
    const { resourceId, made } = await withIdempotency(db, call, async (trx) => {
      const created = await createCart(trx, start)
      return { status: 201, resourceId: created.cart.id, made: created }
    })
    return made ?? (await findCart(db, resourceId)) ?? notFound('cart', resourceId)
  }

  app.post(
    '/v1/carts',
    {
      schema: {
        operationId: 'createCart',
        summary: 'Start a cart',
        description:
          "A guest's cart is reached by its id alone: keep it secret. A user's cart is theirs on any device.",
        tags: ['Carts'],
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewCart,
        response: { 201: Cart, ...problemResponses('unprocessable', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const currency = request.body.currency ?? settings.defaultCurrency
      requireCurrency(currency)
      const userId = request.auth?.userId ?? null
      const start = { userId, currency, now: settings.clock() }
      // A key counts for users only: guests cannot be distinguished.
      const created =
        userId === null || request.headers['idempotency-key'] === undefined
          ? await createCart(db, start)
          : await createOnce({ request, reply, scope: `createCart|${userId}` }, start)
      void reply.code(201).header('location', `/v1/carts/${created.cart.id}`)
      return sendCart(reply, created)
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
    async ({ params, auth }, reply) => sendCart(reply, await read(params.id, auth?.userId ?? null)),
  )

  app.get(
    '/v1/me/cart',
    {
      onRequest: requireUser,
      schema: {
        operationId: 'getMyCart',
        summary: 'The open cart that the user touched last',
        description: 'On whatever device it was begun.',
        tags: ['Carts'],
        responseHeaders: ['ETag'],
        response: { 200: Cart, ...problemResponses('not-found') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const open = await findOpenCartOf(db, userId)
      if (!open) throw new Problem('not-found', 'There is no open cart; start one.')
      return sendCart(reply, await read(open.id, userId))
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
          'Merged into the cart that the user has in its currency, quantities added up. Safe to repeat.',
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
      const id = await inTransaction(db, (trx) => claimCart(trx, { cartId, userId, now }))
      return sendCart(reply, await read(id, userId))
    },
  )
}
