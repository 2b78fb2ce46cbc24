import type { Envelope, EventContract } from '@storewright/contracts'
import { consumerGroups } from '@storewright/contracts'
import { connect, inTransaction, newId } from '@storewright/database'
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
import type { Static, TObject } from 'typebox'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/migrations.ts'
import { applyStocktake } from '../src/stock/stocktake.ts'
import { countSettled } from './inbox.ts'
import { startCatalogStub } from './catalog-stub.ts'

const INTERNAL_TOKEN = 'internal-token-of-this-test'
const logger = createLogger({ name: 'inventory', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })

export interface Options {
  /** What is on hand at the default location. */
  stock?: Record<string, number>
  env?: Record<string, string>
}

/**
 * The service on a real database and a real broker, without its relay: its events stay in the outbox, to be read.
 * `replicas` more of it share both.
 */
export const startInventory = async ({ stock = {}, env = {} }: Options = {}) => {
  const [scratch, vhost, jwks, catalog] = await Promise.all([
    scratchDatabase<Database>(await allMigrations(), { name: 'inventory', poolSize: 30 }),
    scratchVhost(),
    startJwks(),
    startCatalogStub(INTERNAL_TOKEN),
  ])
  const { db } = scratch
  const config = loadConfig(Config, {
    DATABASE_URL: scratch.url,
    AMQP_URL: vhost.url,
    JWKS_URL: jwks.jwksUrl,
    USER_URL: 'http://127.0.0.1:9', // not running: these tests revoke nothing
    CATALOG_URL: catalog.url,
    INTERNAL_TOKEN,
    ...env,
  })
  const now = { shiftMs: 0 }
  const clock = () => new Date(Date.now() + now.shiftMs)

  const parts: { stop(): Promise<unknown> }[] = []
  const startReplica = async () => {
    const replicaDb = connect<Database>(scratch.url, { poolSize: 10 })
    const broker = connectBroker({ url: vhost.url, name: 'inventory', logger })
    const app = buildApp({ name: 'inventory', db: replicaDb, broker, config, logger, clock })
    await eventually(() => broker.topologyDeclared)
    for (const consumer of app.consumers) await consumer.start()
    parts.push({
      stop: async () => {
        await app.server.close()
        await Promise.all(app.consumers.map((consumer) => consumer.stop()))
        await broker.stop()
        await replicaDb.destroy()
      },
    })
    return app
  }
  const { server, settings } = await startReplica()
  // Loading a test file can block the event loop for so long that the server sheds load for a moment.
  await eventually(async () => (await server.inject('/v1/stock/NOWHERE')).statusCode === 404)

  const setStock = async (wanted: Record<string, number>, location = 'main') => {
    const counts = Object.entries(wanted).map(([sku, onHand], line) => ({ line, sku, location, onHand }))
    await inTransaction(db, (trx) => applyStocktake(trx, counts, { recordedBy: newId() }, settings))
  }
  await setStock(stock)
  await db.deleteFrom('outbox' as never).execute()

  const groupOf = ({ type }: Envelope) => {
    const found = Object.entries(consumerGroups).find(
      ([name, consumed]) =>
        name.startsWith('inventory.') && consumed.some((contract) => contract.type === type),
    )
    if (!found) throw new Error(`inventory does not consume ${type}`)
    return found[0]
  }
  const tokens = {
    staff: await jwks.adminToken(),
    customer: await jwks.tokenFor(),
    reader: await jwks.tokenFor({ permissions: ['stock:read'] }),
  }

  const send = async (
    method: 'GET' | 'POST',
    url: string,
    {
      as,
      body,
      headers = {},
    }: { as?: keyof typeof tokens; body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const response = await server.inject({
      method,
      url,
      headers: { ...(as ? { authorization: `Bearer ${tokens[as]}` } : {}), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const text = response.body
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown>,
    }
  }

  return {
    db,
    vhost,
    jwks,
    catalog,
    config,
    settings,
    server,
    tokens,
    send,
    internalToken: INTERNAL_TOKEN,
    startReplica,
    setStock,
    groupOf,
    /** Moves the service's clock. */
    pass: (ms: number) => {
      now.shiftMs += ms
    },
    /** Delivers an event and waits until it is settled: `applied`, `dead`. */
    deliver: (event: Envelope) => deliver({ db, vhost, group: groupOf(event) }, event),
    /** Delivers events as fast as the broker takes them, and waits for all. */
    deliverAll: async (events: Envelope[]) => {
      await Promise.all(
        events.map((event) =>
          vhost.sendToQueue(groupOf(event), JSON.stringify(event.data), toProperties(event)),
        ),
      )
      const ids = events.map(({ id }) => id)
      await eventually(async () => (await countSettled(db, ids)) === ids.length, {
        within: 60_000,
        every: 50,
      })
    },
    emitted: <Data extends TObject>(contract: EventContract<Data>): Promise<{ data: Static<Data> }[]> =>
      emitted(db, contract),
    /** Events of an order. */
    emittedFor: async <Data extends TObject>(contract: EventContract<Data>, orderId: string) => {
      const events: { data: Record<string, unknown> }[] = await emitted(db, contract as EventContract)
      return events.map(({ data }) => data).filter((data) => data['orderId'] === orderId)
    },
    adjust: (sku: string, delta: number, key: string = newId(), more: Record<string, unknown> = {}) =>
      send('POST', `/v1/stock/${sku}/adjustments`, {
        as: 'staff',
        headers: { 'idempotency-key': key },
        body: { delta, reason: 'counted', ...more },
      }),
    importCsv: (csv: string, headers: Record<string, string> = {}) =>
      send('POST', '/v1/stock/import', {
        as: 'staff',
        headers: { 'content-type': 'text/csv', ...headers },
        body: csv,
      }),
    addLocation: async (code: string) => {
      const answer = await send('POST', '/v1/locations', { as: 'staff', body: { code, name: code } })
      if (answer.status !== 201) throw new Error(`location ${code}: ${JSON.stringify(answer.body)}`)
    },
    stock: async (sku: string) => (await send('GET', `/v1/stock/${sku}`, { as: 'staff' })).body,
    reservation: async (orderId: string) => {
      const { body } = await send('GET', `/v1/reservations?orderId=${orderId}`, { as: 'staff' })
      return (body['items'] as Record<string, unknown>[])[0]
    },
    stop: async () => {
      await Promise.all(parts.map((part) => part.stop()))
      await Promise.all([scratch.drop(), vhost.drop(), jwks.stop(), catalog.stop()])
    },
  }
}

export type Inventory = Awaited<ReturnType<typeof startInventory>>
