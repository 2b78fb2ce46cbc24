import type { Money, StockStatus } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { createServiceHarness, type Answer as AnswerOf } from '@storewright/testing/service'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'
import { applyDuePrices } from '../src/prices/apply-due-prices.ts'

interface VariantBody {
  weightGrams?: number
  sku: string
  name: string
  price: Money
  options: Record<string, string>
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

export type Answer = AnswerOf<Body>

/** The service on a real database and a real broker, without relay and workers: emitted events stay in the outbox. */
const startCatalog = async () => {
  const harness = await createServiceHarness<Database, typeof Config, ReturnType<typeof buildApp>>({
    name: 'catalog',
    Config,
    migrations: allMigrations,
    // A machine that is busy with other tests is no reason to refuse this one's requests.
    buildApp: (resources) => buildApp({ ...resources, maxEventLoopDelayMs: 0 }),
    poolSize: 30,
  })
  const { server } = await harness.startReplica()
  const tokens = {
    staff: await harness.jwks.tokenFor({ permissions: ['catalog:write', 'promotions:write'] }),
    customer: await harness.jwks.tokenFor(),
  }

  const send = (
    method: Parameters<typeof harness.send>[0],
    url: string,
    { as, ...call }: { as?: keyof typeof tokens; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> => harness.send<Body>(method, url, { token: as && tokens[as], ...call })

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

  return {
    ...harness,
    server,
    tokens,
    send,
    /** Opens a port, for what cannot be shown without a socket; returns the address. */
    listen: () => server.listen({ port: 0, host: '127.0.0.1' }),
    get: (url: string, as?: keyof typeof tokens) => send('GET', url, as ? { as } : {}),
    nextSku,
    makeProduct,
    setPrice: (sku: string, amount: number, more: Record<string, unknown> = {}) =>
      send('PUT', `/v1/variants/${sku}/price`, { as: 'staff', body: { price: gbp(amount), ...more } }),
    /** Applies what is due in so many days, as if they had passed. */
    applyPricesIn: async (days: number) => {
      const shift = (by: number) =>
        harness.db
          .updateTable('scheduled_prices')
          .set({ effective_at: sql`effective_at + interval ${by} day` })
          .where('state', '=', 'waiting')
          .execute()
      await shift(-days)
      const applied = await applyDuePrices(harness.db, { currency: 'GBP' })
      await shift(days)
      return applied
    },
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
  }
}

export type Catalog = Awaited<ReturnType<typeof startCatalog>>

/** One service for all tests of a file; each test begins with an empty outbox. */
export const useCatalog = (): Catalog => {
  // Filled before the first test, and before the hooks of the file itself.
  const catalog = {} as Catalog
  beforeAll(async () => {
    Object.assign(catalog, await startCatalog())
  })
  beforeEach(() => catalog.clearOutbox())
  afterAll(() => catalog.stop())
  return catalog
}

export const gbp = (amount: number) => ({ amount, currency: 'GBP' })

/** What an import did: created, updated, unchanged, rejected. */
export const counts = ({ body }: Answer) => [body.created, body.updated, body.unchanged, body.rejectedCount]

export const anId = () => newId()
