import {
  ProductChanged,
  StockRejected,
  StockReleased,
  StockReserved,
  StockStatusChanged,
  type Envelope,
  type Money,
  type SkuQuantity,
} from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import type { Call, CartBody, OrderBody, Replica, Send, ShipmentBody } from './shapes.ts'

export const ADDRESS = { name: 'A', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }

/** The steps of an order until it is confirmed, as its timeline shows them. */
export const CONFIRMED_STEPS = [
  'order.order-placed.v1',
  'inventory.stock-reserved.v1',
  'order.payment-authorized.v1',
  'order.order-confirmed.v1',
]

/** What shoppers, staff and the neighbouring services do, in the words of a shop. */
export const shopActions = ({
  send,
  deliver: deliverOne,
  admin,
}: {
  send: Send
  deliver: (event: Envelope) => Promise<string>
  admin: string
}) => {
  /** Puts products on sale, each with one variant of its own name, or changes what is known of them. */
  const productIds = new Map<string, string>()
  const offer = async (
    sku: string,
    {
      price = 1000,
      currency = 'GBP',
      prices,
      status = 'published',
      version = 1,
      skus = [sku],
      replay = false,
      weightGrams,
      categoryIds = [],
    }: {
      price?: number
      currency?: string
      prices?: Money[]
      status?: ProductChanged['status']
      version?: number
      skus?: string[]
      replay?: boolean
      weightGrams?: number
      categoryIds?: string[]
    } = {},
  ) => {
    const productId = productIds.get(sku) ?? newId()
    productIds.set(sku, productId)
    const variants = skus.map((name) => ({
      sku: name,
      name,
      price: { amount: price, currency },
      ...(prices && { prices }),
      ...(weightGrams !== undefined && { weightGrams }),
    }))
    return deliverOne(
      anEvent(
        ProductChanged,
        { productId, slug: sku.toLowerCase(), name: sku, status, categoryIds, variants },
        { aggregateVersion: version, replay },
      ),
    )
  }

  const cartWith = async (lines: Record<string, number>, call: Call & { currency?: string } = {}) => {
    const { currency, ...as } = call
    const cart = await send<CartBody>('POST', '/v1/carts', { ...as, body: currency ? { currency } : {} })
    const items = Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity }))
    const filled = await send<CartBody>('PUT', `/v1/carts/${cart.body.id}/items`, { ...as, body: { items } })
    if (filled.status !== 200) throw new Error(`the cart was refused: ${JSON.stringify(filled.body)}`)
    return filled.body
  }

  const checkout = (
    cartId: string,
    {
      token = 'tok_ok',
      wait,
      more = {},
      key = newId(),
      ...call
    }: Call & { token?: string; wait?: number; more?: Record<string, unknown> } = {},
    replica?: Replica,
  ) =>
    send<OrderBody>(
      'POST',
      '/v1/orders',
      {
        ...call,
        key,
        headers: { ...(wait === undefined ? {} : { prefer: `wait=${wait}` }), ...call.headers },
        body: {
          cartId,
          email: 'a@example.com',
          shippingAddress: ADDRESS,
          shippingMethod: 'standard',
          payment: { provider: 'sandbox', token },
          ...more,
        },
      },
      replica,
    )

  const place = async (lines: Record<string, number>, options: Parameters<typeof checkout>[1] = {}) => {
    const cart = await cartWith(lines, options?.as ? { as: options.as } : {})
    const placed = await checkout(cart.id, options)
    if (placed.status !== 201) throw new Error(`not placed: ${JSON.stringify(placed.body)}`)
    return placed.body
  }

  const linesOf = (order: OrderBody): SkuQuantity[] =>
    order.lines.map(({ sku, quantity }) => ({ sku, quantity }))

  const reservedEvent = (order: OrderBody) =>
    anEvent(StockReserved, { orderId: order.id, lines: linesOf(order), expiresAt: new Date().toISOString() })
  const rejectedEvent = (order: OrderBody) =>
    anEvent(StockRejected, {
      orderId: order.id,
      shortages: linesOf(order).map(({ sku, quantity }) => ({ sku, wanted: quantity, available: 0 })),
    })
  const releasedEvent = (order: OrderBody, reason: 'cancelled' | 'expired') =>
    anEvent(StockReleased, { orderId: order.id, reason, lines: linesOf(order) })
  const statusEvent = (sku: string, data: Omit<StockStatusChanged, 'sku'>, version: number) =>
    anEvent(StockStatusChanged, { sku, ...data }, { aggregateVersion: version })

  const order = async (placed: OrderBody, call: Call = {}) => {
    const found = await send<OrderBody>('GET', `/v1/orders/${placed.id}`, {
      orderToken: placed.accessToken,
      ...call,
    })
    return found.body
  }
  const until = (placed: OrderBody, status: string, call: Call = {}) =>
    eventually(
      async () => {
        const found = await order(placed, call)
        return found.status === status && found
      },
      { what: `an order that is ${status}` },
    )
  return {
    offer,
    cartWith,
    checkout,
    place,
    order,
    until,
    reservedEvent,
    rejectedEvent,
    releasedEvent,
    statusEvent,
    /** An order whose stock is held and whose money is authorized. */
    confirmed: async (lines: Record<string, number>, options: Parameters<typeof checkout>[1] = {}) => {
      const placed = await place(lines, options)
      await deliverOne(reservedEvent(placed))
      return { ...placed, ...(await until(placed, 'confirmed', { as: options?.as })) }
    },
    cancel: (placed: OrderBody, call: Call = {}) =>
      send<OrderBody>('POST', `/v1/orders/${placed.id}/cancel`, {
        orderToken: placed.accessToken,
        body: {},
        ...call,
      }),
    pay: (placed: OrderBody, token: string, call: Call = {}, replica?: Replica) =>
      send<OrderBody>(
        'POST',
        `/v1/orders/${placed.id}/payments`,
        {
          orderToken: placed.accessToken,
          key: newId(),
          body: { provider: 'sandbox', token },
          ...call,
        },
        replica,
      ),
    ship: (placed: OrderBody, lines?: Record<string, number>, call: Call = {}) =>
      send<ShipmentBody>('POST', `/v1/orders/${placed.id}/shipments`, {
        as: admin,
        key: newId(),
        body: {
          carrier: 'Royal Mail',
          trackingNumber: 'RM1',
          ...(lines ? { lines: Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity })) } : {}),
        },
        ...call,
      }),
    timeline: async (placed: OrderBody, call: Call = {}) => {
      const found = await send<{
        items: {
          type: string
          by: string
          summary: string
          data: Record<string, unknown>
          correlationId: string
        }[]
      }>('GET', `/v1/orders/${placed.id}/timeline`, { orderToken: placed.accessToken, ...call })
      return found.body.items
    },
  }
}
