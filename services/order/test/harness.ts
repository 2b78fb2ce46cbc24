import { consumerGroups, type Envelope, type EventContract } from '@storewright/contracts'
import { connect } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig } from '@storewright/service-kit/run'
import {
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
import { createManualProvider } from '../src/payments/provider.ts'
import { createSandbox } from '../src/payments/sandbox.ts'
import { createGate } from './gated-provider.ts'
import { startInventoryStandIn } from './inventory-stand-in.ts'
import type { Answer, Call, Method, Replica, Send } from './shapes.ts'
import { shopActions } from './shop-actions.ts'

const INTERNAL_TOKEN = 'internal-token-of-this-test'
const logger = createLogger({ name: 'order', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })

/**
 * The service on a real database and a real broker, without its relay: what it emits stays in the outbox, to be
 * read. Inventory's answers are delivered by the test. Each replica has its own pool and broker connection.
 */
export const startOrder = async ({
  env = {},
  workers = true,
}: {
  env?: Record<string, string>
  /** Without workers no payment is made and no deadline kept unless the test does it. */
  workers?: boolean
} = {}) => {
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
    USER_URL: 'http://127.0.0.1:9', // nothing listens there: these tests publish what was revoked
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
    const app = buildApp({ name: 'order', db: replicaDb, broker, config, logger, clock, providers })
    await eventually(() => broker.topologyDeclared)
    for (const step of [...app.consumers, ...(workers ? app.workers : [])]) await step.start()
    await app.server.ready()
    return {
      ...app,
      stop: async () => {
        gate.open()
        await app.server.close()
        await Promise.all(app.consumers.map((consumer) => consumer.stop()))
        await Promise.all(app.workers.map((worker) => worker.stop()))
        await app.broadcasts?.stop()
        await app.relay.stop()
        await broker.stop()
        await replicaDb.destroy()
      },
    }
  }
  const replicas = [await startReplica()]

  const groupOf = ({ type }: Envelope) => {
    const found = Object.entries(consumerGroups).find(
      ([name, contracts]) =>
        name.startsWith('order.') && contracts.some((contract) => contract.type === type),
    )
    if (!found) throw new Error(`no group of order consumes ${type}`)
    return found[0]
  }
  const deliverOne = (event: Envelope) => deliver({ db, vhost, group: groupOf(event) }, event)

  const send: Send = async <Body>(
    method: Method,
    url: string,
    { as, orderToken, key, headers = {}, body }: Call = {},
    replica: Replica | undefined = replicas[0],
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
    ...shopActions({ send, deliver: deliverOne, admin }),
    stop: async () => {
      await Promise.all(replicas.map((replica) => replica.stop()))
      await Promise.all([scratch.drop(), vhost.drop(), jwks.stop(), inventory.stop()])
    },
  }
}

export type OrderService = Awaited<ReturnType<typeof startOrder>>
