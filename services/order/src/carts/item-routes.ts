import { normaliseSku } from '@storewright/contracts'
import { IfMatchHeaders, notFound, type Server } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Deps } from '../deps.ts'
import { problemResponses } from '../problems.ts'
import { CartItemParams, CartItems, CartParams, Cart, ItemQuantity } from './cart-schemas.ts'
import { changeFrom, sendCart } from './cart-view.ts'
import { removeItems, setItems } from './set-items.ts'

const changed = { 200: Cart, ...problemResponses('cart-ordered', 'stale-version') }
const set = {
  200: Cart,
  ...problemResponses(
    'cart-ordered',
    'insufficient-stock',
    'stale-version',
    'unknown-sku',
    'product-unavailable',
    'currency-mismatch',
    'unprocessable',
  ),
}

/** The lines of a cart. Everything is set, not added, so that a repeat is harmless. */
export const cartItemRoutes = (app: Server, { carts, readStock, settings }: Deps) => {
  const changeOf = changeFrom(settings)
  // The schema has let only SKUs through.
  const skuFrom = (text: string) => normaliseSku(text) ?? notFound('SKU', text)

  const setLines = async (
    request: FastifyRequest<{ Params: { id: string } }>,
    reply: FastifyReply,
    lines: { sku: string; quantity: number }[],
    scope: 'all' | 'one',
  ) => {
    const items = lines.map(({ sku, quantity }) => ({ sku: skuFrom(sku), quantity }))
    const command = { ...changeOf(request, request.params.id), items, scope }
    return sendCart(carts, reply, await setItems(carts, readStock, command), command.now)
  }

  app.put(
    '/v1/carts/:id/items',
    {
      schema: {
        operationId: 'setCartItems',
        summary: 'Set the whole cart, all lines or none',
        description:
          'What is in the cart afterwards is what was sent. If one line cannot be had, nothing changes.',
        tags: ['Carts'],
        params: CartParams,
        headers: IfMatchHeaders,
        body: CartItems,
        response: set,
      },
    },
    (request, reply) => setLines(request, reply, request.body.items, 'all'),
  )

  app.put(
    '/v1/carts/:id/items/:sku',
    {
      schema: {
        operationId: 'setCartItem',
        summary: 'Set the quantity of one SKU',
        description: 'Set and not added, so repeating is harmless; a SKU that is not in the cart is added.',
        tags: ['Carts'],
        params: CartItemParams,
        headers: IfMatchHeaders,
        body: ItemQuantity,
        response: set,
      },
    },
    (request, reply) =>
      setLines(request, reply, [{ sku: request.params.sku, quantity: request.body.quantity }], 'one'),
  )

  app.delete(
    '/v1/carts/:id/items/:sku',
    {
      schema: {
        operationId: 'removeCartItem',
        summary: 'Take one SKU out of the cart',
        description: 'If it is not in it, nothing happens.',
        tags: ['Carts'],
        params: CartItemParams,
        headers: IfMatchHeaders,
        response: changed,
      },
    },
    async (request, reply) => {
      const sku = skuFrom(request.params.sku)
      const change = { ...changeOf(request, request.params.id), sku }
      return sendCart(carts, reply, await removeItems(carts, change), change.now)
    },
  )

  app.delete(
    '/v1/carts/:id/items',
    {
      schema: {
        operationId: 'clearCart',
        summary: 'Empty the cart',
        description: 'The cart itself stays.',
        tags: ['Carts'],
        params: CartParams,
        headers: IfMatchHeaders,
        response: changed,
      },
    },
    async (request, reply) => {
      const change = { ...changeOf(request, request.params.id), sku: null }
      return sendCart(carts, reply, await removeItems(carts, change), change.now)
    },
  )
}
