import { openHttp, type ResponseBody, type Shop } from '@storewright/client'
import { replay, type ReplayReport } from '@storewright/replay'
import { connect } from '@storewright/database'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { startOwnStack, type OwnStack } from './support/own-stack.ts'
import { retailFile } from './support/plain-retail.ts'
import { customer, guest, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

// Servers and services of its own: those of the other tests must not be killed.
let own: OwnStack
let shop: Shop
let keeper: Shopkeeper

beforeAll(async () => {
  own = await startOwnStack('test/e2e-faults', { own: true })
  shop = visit(own.shop.gatewayUrl, { retryForMs: 60_000 })
  keeper = await openShopkeeper(shop, own.shop.admin)
}, 180_000)
afterAll(async () => {
  await shop?.close()
  await own?.stop()
})

const isReady = (name: string) => () =>
  own.stack.processes.find((process) => process.name === name)?.isReady() ?? Promise.resolve(false)

describe('while one service or the broker is down, the shop', () => {
  it('accepts orders without inventory and settles them when it is back', async () => {
    const mug = await keeper.listProduct({ stock: 1 })
    const [early, late] = [guest(shop), guest(shop)]
    const carts = [
      await early.fill([{ sku: mug.sku, quantity: 1 }]),
      await late.fill([{ sku: mug.sku, quantity: 1 }]),
    ]

    await own.stack.stopService('inventory')
    const first = await early.order(carts[0]?.id ?? '')
    const second = await late.order(carts[1]?.id ?? '')
    expect([first, second]).toMatchObject([
      { status: 201, body: { status: 'pending' } },
      { status: 201, body: { status: 'pending' } },
    ])

    await own.stack.startService('inventory')
    await early.until(first.body.id, ['confirmed'])
    await late.until(second.body.id, ['rejected'])
  })

  it('accepts orders without the broker and settles them when it is back', async () => {
    const mug = await keeper.listProduct({ stock: 5 })
    const visitor = guest(shop)
    await own.servers.rabbitmq.stop()
    const order = await visitor.checkout([{ sku: mug.sku, quantity: 2 }])
    expect(order.status).toBe('pending')

    await own.servers.rabbitmq.start()
    await visitor.until(order.id, ['confirmed'], 60_000)
  })

  it('sells to guests without the catalog and user services', async () => {
    const mug = await keeper.listProduct({ stock: 5 })
    const visitor = guest(shop)
    await own.stack.stopService('catalog')
    await own.stack.stopService('user')
    try {
      const order = await visitor.checkout([{ sku: mug.sku, quantity: 1 }], { waitSeconds: 10 })
      expect(order.status).toBe('confirmed')
    } finally {
      await own.stack.startService('catalog')
      await own.stack.startService('user')
    }
  })

  it('erases accounts without the order service, and their orders when it is back', async () => {
    type Erasure = ResponseBody<'GET', '/v1/erasures/{id}'>
    const mug = await keeper.listProduct({ stock: 5 })
    const [ada, eve] = [await customer(shop), await customer(shop)]
    const order = await ada.checkout([{ sku: mug.sku, quantity: 1 }], { waitSeconds: 10 })
    const http = openHttp({ gateways: [own.shop.gatewayUrl], retryForMs: 0 })
    try {
      await own.stack.stopService('order')
      const { accessToken: token } = ada.tokens
      const { password } = ada.login
      const begun = await http.call('DELETE', '/v1/me', { token, body: { password } })
      expect(begun.status).toBe(202)
      const erasure = async () => (await http.send<Erasure>('GET', String(begun.headers['location']))).body
      await expect
        .poll(erasure, { timeout: 20_000 })
        .toMatchObject({ status: 'running', receipts: [{ status: 'erased' }, { status: 'pending' }, {}] })
      // Somebody else's export is not given without their orders.
      const exported = await http.call('GET', '/v1/me/export', { token: eve.tokens.accessToken })
      expect(exported.status).toBe(503)
      expect(exported.headers['retry-after']).toBeTruthy()

      await own.stack.startService('order')
      await expect.poll(erasure, { timeout: 30_000 }).toMatchObject({ status: 'completed' })
      const kept = await shop.order(order.id, { token: keeper.token })
      expect(JSON.stringify(kept)).not.toMatch(/Ada|High Street|Leeds/)
    } finally {
      await http.close()
    }
  })

  it('passes the audit afterwards', () => expectCleanAudit(own.shop))
})

describe('kill -9 under load', () => {
  it('loses and doubles no order, whichever process is killed, and settles all within a minute', async () => {
    let faultsAreOver = false
    const reports: ReplayReport[] = []
    const replayUntilFaultsAreOver = async () => {
      do {
        reports.push(
          await replay({
            file: retailFile(),
            gateways: [own.shop.gatewayUrl],
            admin: own.shop.admin,
            orders: 250,
            concurrency: 12,
            customers: 50,
            timeoutMs: 120_000,
          }),
        )
      } while (!faultsAreOver)
    }
    const killEverythingInTurn = async () => {
      for (const name of ['user', 'catalog', 'inventory', 'order', 'notification', 'gateway']) {
        await own.stack.kill(name)
        await expect.poll(isReady(name), { timeout: 30_000, interval: 100 }).toBe(true)
      }
      await own.servers.rabbitmq.kill()
      await own.servers.rabbitmq.start()
      await own.servers.mysql.kill()
      await own.servers.mysql.start()
      faultsAreOver = true
      return Date.now()
    }
    const [lastFault] = await Promise.all([killEverythingInTurn(), replayUntilFaultsAreOver()])
    await expectCleanAudit(own.shop, Math.max(1, lastFault + 60_000 - Date.now()))

    // The faults were felt, or this would prove nothing.
    const repeated = reports.flatMap(({ retries }) => Object.values(retries)).reduce((a, b) => a + b, 0)
    expect(repeated).toBeGreaterThan(0)

    const results = reports.flatMap((report) => report.results)
    expect(results.filter(({ outcome }) => outcome === 'failed' || outcome === 'unsettled')).toEqual([])
    const known = results.flatMap(({ orderId }) => orderId ?? [])
    expect(new Set(known).size).toBe(known.length)

    // Orders that exist in the shop and were never answered would be duplicates.
    const db = connect<unknown>(own.shop.auditUrl, { poolSize: 1 })
    const { rows } = await sql<{ id: string }>`
      select id from ${sql.id(`${own.shop.prefix}order`, 'orders')} where email like '%@replay.example'`.execute(
      db,
    )
    await db.destroy()
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(known))
  })
})
