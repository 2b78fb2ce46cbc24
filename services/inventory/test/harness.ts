import type { Envelope, EventContract } from '@storewright/contracts'
import { inTransaction, newId, secondsAgo, type Trx } from '@storewright/database'
import { createServiceHarness, INTERNAL_TOKEN } from '@storewright/testing/service'
import type { TObject } from 'typebox'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config, settingsFrom } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'
import { reorderAll } from '../src/reorder/place-orders.ts'
import { expireAllOverdue } from '../src/reservations/expire-reservations.ts'
import { reserveStock } from '../src/reservations/reserve-stock.ts'
import { applyStocktake } from '../src/stock/stocktake.ts'
import { startCatalogStub } from './catalog-stub.ts'
import { expectStockAddsUp } from './invariants.ts'
import { anOrder } from './orders.ts'

interface Options {
  /** What is on hand at the default location. */
  stock?: Record<string, number>
  /** Codes of locations beside the default one. */
  locations?: readonly string[]
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

interface Call {
  as?: 'staff' | 'customer' | 'reader'
  body?: unknown
  headers?: Record<string, string>
}

/** The service with one replica and a stub of the catalog; its events stay in the outbox, to be read. */
const startInventory = async ({ stock = {}, locations = [] }: Options) => {
  const catalog = await startCatalogStub(INTERNAL_TOKEN)
  const harness = await createServiceHarness<Database, typeof Config, ReturnType<typeof buildApp>>({
    name: 'inventory',
    Config,
    migrations: allMigrations,
    env: { CATALOG_URL: catalog.url },
    poolSize: 20,
    buildApp,
  })
  await harness.startReplica()
  const { db, jwks } = harness
  const settings = settingsFrom(harness.config, harness.clock)
  const tokens = {
    staff: await jwks.adminToken(),
    customer: await jwks.tokenFor(),
    reader: await jwks.tokenFor({ permissions: ['stock:read'] }),
  }
  let skus = 0

  const send = (method: Method, url: string, { as, ...call }: Call = {}) =>
    harness.send(method, url, { ...call, token: as && tokens[as] })

  const setStock = async (wanted: Record<string, number>, location = 'main') => {
    const counts = Object.entries(wanted).map(([sku, onHand], line) => ({ line, sku, location, onHand }))
    await inTransaction(db, (trx) => applyStocktake(trx, counts, { recordedBy: newId() }, settings))
  }
  const nextSku = () => `MUG-${++skus}`
  /** A new SKU, with this many at the default location. */
  const stocked = async (onHand: number) => {
    const sku = nextSku()
    await setStock({ [sku]: onHand })
    return sku
  }
  const { logger } = harness
  /** What the sweep of a replica does whose clock is wrong by so much. */
  const expireOverdue = (clockErrorMs = 0) => {
    const clock = () => new Date(Date.now() + clockErrorMs)
    return expireAllOverdue({ db, settings: { ...settings, clock }, logger })
  }
  /** Ends the time of unconfirmed holds, of all or of some orders. */
  const endHolds = (orderIds?: string[]) =>
    db
      .updateTable('reservations')
      .set({ expires_at: secondsAgo(1) })
      .where('expires_at', 'is not', null)
      .$if(orderIds !== undefined, (query) => query.where('order_id', 'in', orderIds ?? []))
      .execute()

  const addLocation = async (code: string) => {
    const { status, text } = await send('POST', '/v1/locations', { as: 'staff', body: { code, name: code } })
    if (status !== 201) throw new Error(`location ${code}: ${text}`)
  }
  for (const code of locations) await addLocation(code)
  await setStock(stock)
  await harness.clearOutbox()

  return {
    ...harness,
    catalog,
    send,
    addLocation,
    setStock,
    nextSku,
    stocked,
    /** An order that was placed, for some of a new SKU. */
    placedOrder: async ({ onHand, quantity }: { onHand: number; quantity: number }) => {
      const sku = await stocked(onHand)
      const order = anOrder({ [sku]: quantity })
      await harness.deliver(order.placed())
      return { sku, order }
    },
    /** Decides OrderPlaced events in one transaction, without the broker. */
    reserve: (events: Parameters<typeof reserveStock>[1]) =>
      inTransaction(db, (trx) => reserveStock(trx, events, settings)),
    /** Delivers events one after the other. */
    deliverInTurn: async (...events: Envelope[]) => {
      for (const event of events) await harness.deliver(event)
    },
    expireOverdue,
    endHolds,
    outlastHolds: async () => {
      await endHolds()
      await expireOverdue()
    },
    /** What was emitted about an order, or a SKU. */
    emittedFor: async <Data extends TObject>(contract: EventContract<Data>, subject: string) =>
      (await harness.emitted(contract, subject)).map(({ data }) => data),
    adjust: (sku: string, delta: number, key: string = newId(), more: Record<string, unknown> = {}) =>
      send('POST', `/v1/stock/${sku}/adjustments`, {
        as: 'staff',
        headers: { 'idempotency-key': key },
        body: { delta, reason: 'counted', ...more },
      }),
    transfer: (transfer: object, key: string = newId()) =>
      send('POST', '/v1/transfers', {
        as: 'staff',
        headers: { 'idempotency-key': key },
        body: { from: 'main', to: 'annex', ...transfer },
      }),
    importCsv: (csv: string, headers: Record<string, string> = {}) =>
      send('POST', '/v1/stock/import', {
        as: 'staff',
        headers: { 'content-type': 'text/csv', ...headers },
        body: csv,
      }),
    stock: async (sku: string) => (await send('GET', `/v1/stock/${sku}`, { as: 'staff' })).body,
    reservation: async (orderId: string) => {
      const { body } = await send('GET', `/v1/reservations?orderId=${orderId}`, { as: 'staff' })
      return (body['items'] as Record<string, unknown>[])[0]
    },
    /** A round of the job that orders what is due. */
    reorder: () => reorderAll({ db, settings, logger }),
    /** A use case in a transaction of its own. */
    inTransaction: <T>(use: (trx: Trx<Database>, given: typeof settings) => Promise<T>) =>
      inTransaction(db, (trx) => use(trx, settings)),
    stop: async () => {
      await harness.stop()
      await catalog.stop()
    },
  }
}

/** The service for the tests of a file; after each of them ledger and reservations must add up to the stock. */
export const setUpInventory = (options: Options = {}) => {
  const inventory = {} as Awaited<ReturnType<typeof startInventory>>
  beforeAll(async () => {
    Object.assign(inventory, await startInventory(options))
  })
  beforeEach(() => inventory.catalog.setMode('up'))
  afterEach(() => expectStockAddsUp(inventory.db))
  afterAll(() => inventory.stop())
  return inventory
}
