import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrderPlaced } from '@storewright/contracts'
import { connect, inTransaction, newId } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { eventually, scratchVhost, type ScratchVhost } from '@storewright/testing'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillShop, startSchemas, type Schemas } from './harness.ts'
import { runHere, runProcess } from './run-ops.ts'

let schemas: Schemas
let vhost: ScratchVhost
let folder: string

beforeAll(async () => {
  schemas = await startSchemas()
  await fillShop(schemas)
  vhost = await scratchVhost()
  folder = await mkdtemp(join(tmpdir(), 'ops-'))
  const broker = connectBroker({ url: vhost.url, name: 'set-up', logger: pino({ level: 'silent' }) })
  await eventually(() => broker.topologyDeclared)
  await broker.stop()
})
afterAll(async () => {
  await schemas.drop()
  await vhost.drop()
  await rm(folder, { recursive: true })
})

/** All that a command knows of this test's shop. */
const settings = (env: Record<string, string>): Record<string, string> => ({
  MYSQL_URL: schemas.adminUrl,
  AUDIT_DATABASE_URL: schemas.auditUrl,
  RABBITMQ_URL: vhost.url,
  STOREWRIGHT_PREFIX: schemas.prefix,
  ...env,
})
const ops = (args: string[], env: Record<string, string> = {}) => runHere(args, settings(env))
const opsProcess = (args: string[], env: Record<string, string> = {}) => runProcess(args, settings(env))

describe('ops audit', () => {
  it('exits with 0 for a consistent shop and with 1 for a breach', async () => {
    expect(await opsProcess(['audit', '--settled'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('No breach'),
    })
    await schemas.run('inventory', 'update {stock} set on_hand = 11')
    const { code, stdout } = await ops(['audit', '--json'])
    await schemas.run('inventory', 'update {stock} set on_hand = 10')
    expect(code).toBe(1)
    // Neither the sum of its movements nor the last balance.
    expect(JSON.parse(stdout)).toMatchObject({ breaches: 2 })
  })

  it('exits with 2 for an unknown option, command or group', async () => {
    expect((await ops(['audit', '--stettled'])).code).toBe(2)
    expect((await ops(['audti'])).code).toBe(2)
    const unknownGroup = await ops(['dead-letters', 'list', 'order.nobody'])
    expect(unknownGroup.code).toBe(2)
    expect(unknownGroup.stderr).toContain('order.inventory-events')
  })

  it('reports an unreachable server in one line and exits with 1', async () => {
    const { code, stderr } = await opsProcess(['audit'], { AUDIT_DATABASE_URL: 'mysql://a:b@127.0.0.1:1/' })
    expect(code).toBe(1)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    expect(stderr).toContain('ECONNREFUSED')
  })
})

describe('ops migrate', () => {
  it('applies every migration once, and none the second time', async () => {
    for (const names of Object.values(schemas.applied)) expect(names.length).toBeGreaterThan(0)
    const { code, stdout } = await opsProcess(['migrate', '--json'], schemas.env)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      user: [],
      catalog: [],
      inventory: [],
      order: [],
      notification: [],
      gateway: [],
    })
  })

  it('names the missing passwords', async () => {
    const { code, stderr } = await ops(['migrate'], { ...schemas.env, ORDER_DATABASE_PASSWORD: '' })
    expect(code).toBe(2)
    expect(stderr).toContain('ORDER_DATABASE_PASSWORD')
  })
})

describe('ops rebuild listings', () => {
  it('renders the stored product summaries again and prints its progress', async () => {
    const id = newId()
    await schemas.run(
      'catalog',
      `insert into {products} (id, slug, name, description, status, attributes, media, version, created_at,
         updated_at) values ('${id}', 'jug', 'Jug', '', 'draft', '{}', '[]', 1, utc_timestamp(6), utc_timestamp(6))`,
    )
    const { code, stdout, stderr } = await opsProcess(['rebuild', 'listings', '--json'])
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining(id) })
    expect(JSON.parse(stdout)).toEqual({ products: 2, changed: 2, after: id })
    const again = await ops(['rebuild', 'search'])
    expect(again.stdout).toContain('Rebuilt 2 products; 0 summaries changed.')
  })
})

describe('ops rebuild of copies', () => {
  it.each([
    ['categories by SKU', ['categories', '--sku', 'A']],
    ['what is no SKU', ['products', '--sku', 'STRAßE-1']],
    ['what nobody keeps a copy of', ['nothing']],
  ])('refuses %s with 2', async (_what, args) => {
    expect((await ops(['rebuild', ...args])).code).toBe(2)
  })
})

describe('ops dead-letters', () => {
  const group = 'inventory.order-events'

  it('lists, shows and drops dead letters', async () => {
    const messageId = newId()
    await vhost.sendToQueue(`${group}.dead`, '{"orderId":"o1"}', {
      message_id: messageId,
      type: OrderPlaced.type,
    })
    const { stdout: listed } = await ops(['dead-letters', 'list', group, '--json'])
    expect(JSON.parse(listed)).toMatchObject({ total: 1, items: [{ messageId, type: OrderPlaced.type }] })
    expect((await ops(['dead-letters', 'list'])).stdout).toContain(group)
    expect((await ops(['dead-letters', 'show', group, messageId])).stdout).toContain('o1')
    expect((await ops(['dead-letters', 'drop', group])).code).toBe(2)

    const { code, stdout } = await opsProcess(['dead-letters', 'drop', group, messageId, '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ dropped: 1, missing: [] })
    expect((await ops(['dead-letters', 'drop', group, messageId])).code).toBe(1)
  })
})

describe('ops outbox', () => {
  it('shows parked events and publishes them again', async () => {
    const eventId = newId()
    await schemas.run(
      'order',
      `insert into {outbox} (event_id, type, subject, aggregate_version, correlation_id, occurred_at, data, parked_at,
         parked_reason) values ('${eventId}', 'order.x.v1', 's', 1, 'c', utc_timestamp(6), '{}', utc_timestamp(6), 'no route')`,
    )
    expect((await ops(['outbox'])).stdout).toContain(eventId)
    const { code, stdout } = await opsProcess(['outbox', 'retry', 'order', '--all', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ unparked: 1 })
    const parked = JSON.parse((await ops(['outbox', '--json'])).stdout) as {
      service: string
      parked: number
    }[]
    expect(parked.find(({ service }) => service === 'order')).toMatchObject({ parked: 0, waiting: 1 })

    const db = connect<{ outbox: { event_id: string } }>(
      `${schemas.adminUrl.replace(/\/$/, '')}/${schemas.prefix}order`,
    )
    await inTransaction(db, (trx) => trx.deleteFrom('outbox').where('event_id', '=', eventId).execute())
    await db.destroy()
    expect((await ops(['outbox', 'retry', 'warehouse', '--all'])).code).toBe(2)
  })
})

describe('ops import', () => {
  it('streams a file to the API as staff, and exits with 1 if a line was rejected', async () => {
    const seen: string[] = []
    const report = {
      created: 1,
      updated: 0,
      unchanged: 0,
      rejectedCount: 1,
      rejected: [{ line: 3, errors: [{ path: 'price', message: 'is not a price' }] }],
    }
    const gateway = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        seen.push(
          `${request.method} ${request.url} ${request.headers.authorization ?? ''} ${request.headers['content-type']}`,
        )
        const isLogIn = request.url === '/v1/auth/login'
        response.setHeader('content-type', 'application/json')
        response.end(
          JSON.stringify(
            isLogIn ? { user: {}, tokens: { accessToken: 'staff' } } : { ...report, updated: body.length },
          ),
        )
      })
    })
    await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
    const file = join(folder, 'products.csv')
    await writeFile(file, 'sku,name,price,currency\n')
    const env = {
      GATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
      ADMIN_EMAIL: 'admin@example.com',
      ADMIN_PASSWORD: 'secret',
    }
    const { code, stdout } = await opsProcess(['import', 'products', file], env)
    gateway.closeAllConnections()
    gateway.close()

    expect(code).toBe(1)
    expect(stdout).toContain('line 3: price is not a price')
    expect(seen).toEqual([
      'POST /v1/auth/login  application/json',
      'POST /v1/products/import Bearer staff text/csv',
    ])
    expect((await ops(['import', 'stock', join(folder, 'none.csv')], env)).code).toBe(2)
  })
})

describe('ops keys', () => {
  it('lists and rotates the signing keys of the user service with the internal token', async () => {
    const requests: string[] = []
    const activeFrom = '2026-01-31T09:40:00.000Z'
    const user = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () => {
        const token = String(request.headers['x-internal-token'])
        requests.push(`${request.method} ${request.url} ${token} ${body}`)
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(
          JSON.stringify(
            request.method === 'GET'
              ? { items: [{ kid: 'key-1', alg: 'ES256', state: 'signing', activeFrom, expiresAt: null }] }
              : { made: true, kid: 'key-2', activeFrom },
          ),
        )
      })
    })
    await new Promise<void>((resolve) => user.listen(0, '127.0.0.1', resolve))
    const env = {
      USER_URL: `http://127.0.0.1:${(user.address() as AddressInfo).port}`,
      INTERNAL_TOKEN: 'internal-token-of-this-test',
    }
    try {
      expect(await ops(['keys', 'list'], env)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/key-1.*signing/),
      })
      expect(await opsProcess(['keys', 'rotate', '--now'], env)).toMatchObject({
        code: 0,
        stdout: expect.stringContaining(`key-2 is published, and signs from ${activeFrom}`),
      })
      expect(requests).toEqual([
        'GET /internal/signing-keys internal-token-of-this-test ',
        'POST /internal/signing-keys/rotate internal-token-of-this-test {"now":true}',
      ])
    } finally {
      user.close()
    }
  })

  it('exits with 2 if no shop is configured, and with 1 if it is unreachable', async () => {
    expect(await ops(['keys', 'rotate'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('USER_URL'),
    })
    const env = { USER_URL: 'http://127.0.0.1:1', INTERNAL_TOKEN: 'internal-token-of-this-test' }
    expect((await ops(['keys', 'rotate'], env)).code).toBe(1)
  })
})
