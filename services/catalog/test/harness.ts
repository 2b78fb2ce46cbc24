import {
  consumerGroups,
  type Envelope,
  type EventContract,
  type Money,
  type StockStatus,
} from '@storewright/contracts'
import { connect, newId } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig } from '@storewright/service-kit/run'
import { deliver, emitted, eventually, scratchDatabase, scratchVhost, startJwks } from '@storewright/testing'
import type { Static, TObject } from 'typebox'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/migrations.ts'

const INTERNAL_TOKEN = 'internal-token-of-this-test'
const logger = createLogger({ name: 'catalog', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' })

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface VariantBody {
  sku: string
  name: string
  price: Money
}

/** Whatever a response of this service may hold; a test reads what it asked for. */
export interface Body {
  id: string
  name: string
  slug: string
  version: number
  parentId: string | null
  price: Money
  previousPrice: Money | null
  stockStatus: StockStatus
  categoryIds: string[]
  variants: [VariantBody, VariantBody, ...VariantBody[]]
  items: Body[]
  children: Body[]
  nextCursor: string | null
  errors: { path: string; message: string }[]
  created: number
  updated: number
  unchanged: number
  rejected: { line: number; errors: { path: string; message: string }[] }[]
  rejectedCount: number
}

export interface Answer {
  status: number
  headers: Record<string, unknown>
  /** Parsed JSON; empty where the answer is none. */
  body: Body
  text: string
}

/** The service on a real database and a real broker, without relay and workers: emitted events stay in the outbox. */
export const startCatalog = async () => {
  const [scratch, vhost, jwks] = await Promise.all([
    scratchDatabase<Database>(await allMigrations(), { name: 'catalog', poolSize: 10 }),
    scratchVhost(),
    startJwks(),
  ])
  const { db } = scratch
  const config = loadConfig(Config, {
    DATABASE_URL: scratch.url,
    AMQP_URL: vhost.url,
    JWKS_URL: jwks.jwksUrl,
    USER_URL: 'http://127.0.0.1:9', // nothing listens here
    INTERNAL_TOKEN,
  })
  const replicaDb = connect<Database>(scratch.url, { poolSize: 30 })
  const broker = connectBroker({ url: vhost.url, name: 'catalog', logger })
  // A machine that is busy with other tests is no reason to refuse this one's requests.
  const app = buildApp({ name: 'catalog', db: replicaDb, broker, config, logger, maxEventLoopDelayMs: 0 })
  await eventually(() => broker.topologyDeclared)
  for (const consumer of app.consumers) await consumer.start()
  const { server } = app

  const tokens = {
    staff: await jwks.tokenFor({ permissions: ['catalog:write'] }),
    customer: await jwks.tokenFor(),
  }

  const send = async (
    method: Method,
    url: string,
    {
      as,
      body,
      headers = {},
    }: { as?: keyof typeof tokens; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> => {
    const response = await server.inject({
      method,
      url,
      headers: { ...(as ? { authorization: `Bearer ${tokens[as]}` } : {}), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    const text = response.body
    const isJson = String(response.headers['content-type']).includes('json')
    return {
      status: response.statusCode,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : {}) as Body,
      text,
    }
  }

  let counter = 0
  const nextSku = () => `SKU-${(counter += 1)}`

  /** A product with one variant, published by default. */
  const makeProduct = async (
    input: Record<string, unknown> = {},
    { publish = true }: { publish?: boolean } = {},
  ) => {
    const sku = nextSku()
    const made = await send('POST', '/v1/products', {
      as: 'staff',
      body: { name: `Thing ${sku}`, variants: [{ sku, price: gbp(1299) }], ...input },
    })
    if (made.status !== 201) throw new Error(made.text)
    if (!publish) return made.body
    const published = await send('POST', `/v1/products/${made.body.id}/publish`, { as: 'staff' })
    if (published.status !== 200) throw new Error(published.text)
    return published.body
  }

  const groupOf = ({ type }: Envelope) => {
    const found = Object.entries(consumerGroups).find(
      ([name, consumed]) =>
        name.startsWith('catalog.') && consumed.some((contract) => contract.type === type),
    )
    if (!found) throw new Error(`the catalogue does not consume ${type}`)
    return found[0]
  }

  return {
    db,
    server,
    tokens,
    internalToken: INTERNAL_TOKEN,
    send,
    /** Opens a port, for what cannot be shown without a socket; returns the address. */
    listen: () => server.listen({ port: 0, host: '127.0.0.1' }),
    get: (url: string, as?: keyof typeof tokens) => send('GET', url, as ? { as } : {}),
    nextSku,
    makeProduct,
    setPrice: (sku: string, amount: number, more: Record<string, unknown> = {}) =>
      send('PUT', `/v1/variants/${sku}/price`, { as: 'staff', body: { price: gbp(amount), ...more } }),
    importCsv: (csv: string | Buffer, contentType = 'text/csv') =>
      send('POST', '/v1/products/import', {
        as: 'staff',
        headers: { 'content-type': contentType },
        body: csv,
      }),
    importNdjson: (products: unknown[]) =>
      send('POST', '/v1/products/import', {
        as: 'staff',
        headers: { 'content-type': 'application/x-ndjson' },
        body: products.map((product) => JSON.stringify(product)).join('\n'),
      }),
    /** Delivers an event and waits until it is settled: `applied`, `dead`. */
    deliver: (event: Envelope) => deliver({ db, vhost, group: groupOf(event) }, event),
    emitted: <Data extends TObject>(
      contract: EventContract<Data>,
    ): Promise<{ subject: string; aggregateVersion: number; correlationId: string; data: Static<Data> }[]> =>
      emitted(db, contract),
    /** Deletes the events emitted so far. */
    clearOutbox: () => db.deleteFrom('outbox' as never).execute(),
    stop: async () => {
      await server.close()
      await Promise.all(app.consumers.map((consumer) => consumer.stop()))
      await broker.stop()
      await replicaDb.destroy()
      await Promise.all([scratch.drop(), vhost.drop(), jwks.stop()])
    },
  }
}

export type Catalog = Awaited<ReturnType<typeof startCatalog>>

export const gbp = (amount: number) => ({ amount, currency: 'GBP' })

export const anId = () => newId()
