import {
  consumerGroups,
  ProductChanged,
  StockRejected,
  StockReleased,
  StockReserved,
  StockStatusChanged,
  type Envelope,
  type EventContract,
  type SkuQuantity,
} from '@storewright/contracts'
import { connect, newId } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig } from '@storewright/service-kit'
import {
  anEvent,
  deliver,
  emitted,
  eventually,
  scratchDatabase,
  scratchVhost,
  startJwks,
  toProperties,
} from '@storewright/testing'
import type { TObject } from 'typebox'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/migrations.ts'
import { createManualProvider } from '../src/payments/manual.ts'
import { createSandbox } from '../src/payments/sandbox/sandbox.ts'
import { createGate } from './gated-provider.ts'
import { startInventoryStandIn } from './inventory-stand-in.ts'
import type { CartBody, OrderBody, ShipmentBody } from './shapes.ts'

const INTERNAL_TOKEN = 'internal-token-of-this-test'
const logger = createLogger({ name: 'order', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })

export const ADDRESS = { name: 'A', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }

export interface Answer<Body> {
  status: number
  headers: Record<string, unknown>
  body: Body
}

export interface Call {
  /** A bearer token. */
  as?: string | undefined
  orderToken?: string | undefined
  key?: string
  headers?: Record<string, string>
  body?: unknown
}

/**
 * The service on a real database and a real broker, without its relay: what it says stays in the outbox, to be
 * read. Inventory's answers are delivered by the test. Each replica has its own pool and broker connection.
 */
export const startOrder = async ({ env = {} }: { env?: Record<string, string> } = {}) => {
  const [scratch, vhost, jwks, inventory] = await Promise.all([
    scratchDatabase<Database>(await allMigrations(), { name: 'order', poolSize: 6 }),
    scratchVhost(),
    startJwks(),
    startInventoryStandIn(INTERNAL_TOKEN),
  ])
  const { db } = scratch
  const config = loadConfig(Config, {
    DATABASE_URL: scratch.url,
    AMQP_URL: vhost.url,
    JWKS_URL: jwks.jwksUrl,
    INVENTORY_URL: inventory.url,
    INTERNAL_TOKEN,
    ORDER_SWEEP_INTERVAL_MS: '100',
    PAYMENT_POLL_MS: '100',
    ...env,
  })
  const now = { shiftMs: 0 }
  const clock = () => new Date(Date.now() + now.shiftMs)
  const gate = createGate()

  const startReplica = async () => {
    const replicaDb = connect<Database>(scratch.url, { poolSize: 16 })
    const broker = connectBroker({ url: vhost.url, name: 'order', logger })
    const providers = [gate.around(createSandbox(replicaDb)), createManualProvider()]
    const app = buildApp({ db: replicaDb, broker, config, logger, clock, providers })
    await eventually(() => broker.topologyDeclared)
    for (const step of [...app.consumers, ...app.workers]) await step.start()
    await app.server.ready()
    return {
      ...app,
      stop: async () => {
        gate.open()
        await app.server.close()
        await Promise.all(app.consumers.map((consumer) => consumer.stop()))
        await Promise.all(app.workers.map((worker) => worker.stop()))
        await app.broadcasts.stop()
        await app.relay.stop()
        await broker.stop()
        await replicaDb.destroy()
      },
    }
  }
  const replicas = [await startReplica()]

  const groupOf = ({ type }: Envelope) => {
    const found = Object.entries(consumerGroups).find(
      ([name, heard]) => name.startsWith('order.') && heard.some((contract) => contract.type === type),
    )
    if (!found) throw new Error(`order does not hear ${type}`)
    return found[0]
  }
  const deliverOne = (event: Envelope) => deliver({ db, vhost, group: groupOf(event) }, event)

  const send = async <Body = Record<string, unknown>>(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    { as, orderToken, key, headers = {}, body }: Call = {},
    replica = replicas[0],
  ): Promise<Answer<Body>> => {
    const once = () =>
      replica!.server.inject({
        method,
        url,
        headers: {
          ...(as ? { authorization: `Bearer ${as}` } : {}),
          ...(orderToken ? { 'x-order-token': orderToken } : {}),
          ...(key ? { 'idempotency-key': key } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: body as object }),
      })
    // A machine that is busy with other tests may make the server shed load; clients ask again.
    const response = await eventually(async () => {
      const answer = await once()
      return answer.statusCode !== 503 && answer
    })
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (response.body === '' ? null : JSON.parse(response.body)) as Body,
    }
  }

  /** Puts products on sale, each with one variant of its own name, or changes what is known of them. */
  const productIds = new Map<string, string>()
  const offer = async (
    sku: string,
    {
      price = 1000,
      currency = 'GBP',
      status = 'published',
      version = 1,
      skus = [sku],
    }: {
      price?: number
      currency?: string
      status?: ProductChanged['status']
      version?: number
      skus?: string[]
    } = {},
  ) => {
    const productId = productIds.get(sku) ?? newId()
    productIds.set(sku, productId)
    const variants = skus.map((name) => ({ sku: name, name, price: { amount: price, currency } }))
    return deliverOne(
      anEvent(
        ProductChanged,
        { productId, slug: sku.toLowerCase(), name: sku, status, categoryIds: [], variants },
        { aggregateVersion: version },
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
    replica = replicas[0],
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
  const admin = await jwks.adminToken()

  return {
    db,
    vhost,
    jwks,
    admin,
    gate,
    inventory,
    config,
    send,
    replicas,
    addReplica: async () => {
      const replica = await startReplica()
      replicas.push(replica)
      return replica
    },
    /** Moves the service's clock. */
    pass: (ms: number) => {
      now.shiftMs += ms
    },
    deliver: deliverOne,
    /** Puts an event on the queue and does not wait for it. */
    enqueue: (event: Envelope) =>
      vhost.sendToQueue(groupOf(event), JSON.stringify(event.data), toProperties(event)),
    /** Puts events on the queue as fast as the broker takes them, and waits until all are settled. */
    deliverAll: async (events: readonly Envelope[]) => {
      await Promise.all(
        events.map((event) =>
          vhost.sendToQueue(groupOf(event), JSON.stringify(event.data), toProperties(event)),
        ),
      )
      await Promise.all(
        events.map((event) =>
          eventually(
            async () =>
              await db
                .selectFrom('inbox' as never)
                .select('state' as never)
                .where('event_id' as never, '=', event.id as never)
                .where('state' as never, 'in', ['applied', 'dead'] as never)
                .executeTakeFirst(),
          ),
        ),
      )
    },
    emitted: async <Data extends TObject>(contract: EventContract<Data>, subject?: string) => {
      const all = await emitted(db, contract)
      return subject === undefined ? all : all.filter((event) => event.subject === subject)
    },
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
    pay: (placed: OrderBody, token: string, call: Call = {}) =>
      send<OrderBody>('POST', `/v1/orders/${placed.id}/payments`, {
        orderToken: placed.accessToken,
        key: newId(),
        body: { provider: 'sandbox', token },
        ...call,
      }),
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
        items: { type: string; by: string; summary: string; correlationId: string }[]
      }>('GET', `/v1/orders/${placed.id}/timeline`, { orderToken: placed.accessToken, ...call })
      return found.body.items
    },
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()))
      await Promise.all([scratch.drop(), vhost.drop(), jwks.stop(), inventory.stop()])
    },
  }
}

export type OrderService = Awaited<ReturnType<typeof startOrder>>
