import { IfMatchHeaders, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { problemResponses } from '../problems.ts'
import { Cart, CartParams, CartShippingChoice, CouponCode } from './cart-schemas.ts'
import { changeFrom, sendCart } from './cart-view.ts'
import { addCoupon, removeCoupon } from './coupons.ts'
import { setShipping } from './set-shipping.ts'

export const cartChoiceRoutes = (app: Server, { carts, settings }: Deps) => {
  const changeOf = changeFrom(settings)

  app.post(
    '/v1/carts/:id/coupons',
    {
      schema: {
        operationId: 'addCartCoupon',
        summary: 'Put a coupon code into the cart',
        description:
          'Refused, with the reason, where no other articles would make it apply. Where only the lines stand against ' +
          'it, it stays in the cart and `notApplied` has the reason. Repeating is harmless.',
        tags: ['Carts'],
        params: CartParams,
        headers: IfMatchHeaders,
        body: Type.Object({ code: CouponCode }, { title: 'CartCoupon', examples: [{ code: 'SUMMER26' }] }),
        response: {
          200: Cart,
          ...problemResponses('cart-ordered', 'stale-version', 'coupon-not-applicable', 'unprocessable'),
        },
      },
    },
    async (request, reply) => {
      const change = { ...changeOf(request, request.params.id), code: request.body.code }
      return sendCart(carts, reply, await addCoupon(carts, change), change.now)
    },
  )

  app.delete(
    '/v1/carts/:id/coupons/:code',
    {
      schema: {
        operationId: 'removeCartCoupon',
        summary: 'Take a coupon code out of the cart',
        description: 'If it is not in it, nothing happens.',
        tags: ['Carts'],
        params: Type.Object({ ...CartParams.properties, code: CouponCode }),
        headers: IfMatchHeaders,
        response: { 200: Cart, ...problemResponses('cart-ordered', 'stale-version') },
      },
    },
    async (request, reply) => {
      const change = { ...changeOf(request, request.params.id), code: request.params.code }
      return sendCart(carts, reply, await removeCoupon(carts, change), change.now)
    },
  )

  app.put(
    '/v1/carts/:id/shipping',
    {
      schema: {
        operationId: 'setCartShipping',
        summary: 'Choose where and how the cart is sent',
        description:
          'From then on its totals hold shipping and tax. Without a method, tax of the articles only.',
        tags: ['Carts'],
        params: CartParams,
        headers: IfMatchHeaders,
        body: CartShippingChoice,
        response: {
          200: Cart,
          ...problemResponses('cart-ordered', 'stale-version', 'unknown-shipping-method', 'unprocessable'),
        },
      },
    },
    async (request, reply) => {
      const { country, postalCode = null, method = null } = request.body
      const choice = { ...changeOf(request, request.params.id), country, postalCode, method }
      return sendCart(carts, reply, await setShipping(carts, choice), choice.now)
    },
  )
}
