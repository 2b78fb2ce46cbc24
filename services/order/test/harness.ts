import { createServiceHarness, INTERNAL_TOKEN } from '@storewright/testing/service'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'
import { createManualProvider, type PaymentProvider } from '../src/payments/provider.ts'
import { createSandbox } from '../src/payments/sandbox.ts'
import { createGate } from './gated-provider.ts'
import { startInventoryStub } from './inventory-stub.ts'
import type { Call, Send } from './shapes.ts'
import { shopActions } from './shop-actions.ts'

/**
 * The service on a real database and a real broker, without its relay: what it emits stays in the outbox, to be
 * read. Inventory's answers are delivered by the test.
 */
export const startOrder = async ({
  env = {},
  workers = true,
  providers = [],
}: {
  env?: Record<string, string>
  /** Without workers no payment is made and no deadline kept unless the test does it. */
  workers?: boolean
  /** Beside the shop's own. */
  providers?: readonly PaymentProvider[]
} = {}) => {
  const inventory = await startInventoryStub(INTERNAL_TOKEN)
  const gate = createGate()
  const harness = await createServiceHarness<Database, typeof Config, ReturnType<typeof buildApp>>({
    name: 'order',
    Config,
    migrations: allMigrations,
    env: {
      INVENTORY_URL: inventory.url,
      ORDER_SWEEP_INTERVAL_MS: '100',
      PAYMENT_POLL_MS: '100',
      ...env,
    },
    parts: workers ? ['consumers', 'workers'] : ['consumers'],
    poolSize: 16,
    buildApp: (resources) =>
      buildApp({
        ...resources,
        providers: [
          gate.around(
            createSandbox(resources.db, {
              publicUrl: 'http://shop.example',
              secret: resources.config.ORDER_TOKEN_SECRET,
            }),
          ),
          createManualProvider(),
          ...providers,
        ],
      }),
  })
  await harness.startReplica()
  const admin = await harness.jwks.adminToken()

  const send: Send = (method, url, { as, orderToken, key, headers = {}, body }: Call = {}, replica) =>
    harness.send(
      method,
      url,
      {
        token: as,
        headers: {
          ...(orderToken ? { 'x-order-token': orderToken } : {}),
          ...(key ? { 'idempotency-key': key } : {}),
          ...headers,
        },
        body,
      },
      replica,
    )

  return {
    ...harness,
    admin,
    gate,
    inventory,
    /** Resolves once a transaction waits for what another one writes to this table. */
    lockAwaited: (table: string) =>
      eventually(async () => {
        const { rows } = await sql<{ info: string | null }>`
          select info from information_schema.processlist`.execute(harness.db)
        return rows.some(({ info }) => info?.includes(table) && info.includes('lock in share mode'))
      }),
    send,
    ...shopActions({ send, deliver: harness.deliver, admin }),
    stop: async () => {
      gate.open()
      await harness.stop()
      await inventory.stop()
    },
  }
}

export type OrderService = Awaited<ReturnType<typeof startOrder>>

/** One service for all tests of a file, with these SKUs on sale at prices in pence and plenty of each in stock. */
export const useOrder = (
  prices: Record<string, number> = {},
  options: Parameters<typeof startOrder>[0] = {},
): OrderService => {
  // Filled before the first test, and before the hooks of the file itself.
  const shop = {} as OrderService
  beforeAll(async () => {
    Object.assign(shop, await startOrder(options))
    for (const [sku, price] of Object.entries(prices)) await shop.offer(sku, { price })
    shop.inventory.setStock(Object.fromEntries(Object.keys(prices).map((sku) => [sku, 1_000_000])))
  })
  afterAll(() => shop.stop())
  return shop
}
