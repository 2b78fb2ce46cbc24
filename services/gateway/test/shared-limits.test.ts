import { scratchDatabase, startProxy, type Proxy, type ScratchDatabase } from '@storewright/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'
import { startGateway, type Gateway } from './harness.ts'

const LIMITS = {
  RATE_LIMIT_PER_MINUTE: '120',
  ACCOUNT_RATE_LIMIT_PER_MINUTE: '60',
  AUTH_RATE_LIMIT_PER_MINUTE: '20',
}

let schema: ScratchDatabase<Database>
let database: Proxy
let gateways: Gateway[]
beforeAll(async () => {
  schema = await scratchDatabase<Database>(await allMigrations(), { name: 'gateway' })
  database = await startProxy(schema.url)
  gateways = await Promise.all(
    [1, 2, 3].map(() => startGateway({ ...LIMITS, DATABASE_URL: database.url, TRUSTED_PROXIES: 'loopback' })),
  )
})
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  await database.stop()
  await schema.drop()
})

const gatewayOf = (turn: number) => gateways[turn % gateways.length]!

/** Many requests at once, to the gateways in turn; how many were let through. */
const flood = async (times: number, send: (gateway: Gateway) => Promise<Response>) => {
  const statuses = await Promise.all(
    Array.from({ length: times }, async (_, turn) => (await send(gatewayOf(turn))).status),
  )
  expect(new Set(statuses)).toEqual(new Set([200, 429]))
  return statuses.filter((status) => status === 200).length
}

const from = (address: string) => ({ 'x-forwarded-for': address })

it('lets credentials be tried exactly up to the limit, whichever replica is used', async () => {
  const login = (gateway: Gateway) =>
    fetch(`${gateway.url}/v1/auth/login`, { method: 'POST', body: '{}', headers: from('192.0.2.1') })
  expect(await flood(90, login)).toBe(20)
  expect(gateways.map(({ user }) => user.seen.length).reduce((sum, seen) => sum + seen)).toBe(20)
  expect((await login(gatewayOf(0))).headers.get('ratelimit-remaining')).toBe('0')
})

it('lets replicas together never exceed a limit, and use nearly all of it', async () => {
  const admitted = await flood(400, (gateway) => gateway.get('/v1/products', from('192.0.2.2')))
  expect(admitted).toBeLessThanOrEqual(120)
  expect(admitted).toBeGreaterThan(110)
})

it('counts people on their account, whatever address or replica they use', async () => {
  const [ada, bob] = await Promise.all(
    [1, 2].map(async () => ({
      authorization: `Bearer ${await gateways[0]!.jwks.tokenFor()}`,
      ...from('192.0.2.3'),
    })),
  )
  const ask = (headers: Record<string, string>) => gatewayOf(0).get('/v1/products', headers)
  await Promise.all(Array.from({ length: 150 }, () => ask(from('192.0.2.3'))))
  expect((await ask(from('192.0.2.3'))).status).toBe(429)

  const first = await ask(ada!)
  expect([first.status, first.headers.get('ratelimit-limit')]).toEqual([200, '60'])
  await Promise.all(Array.from({ length: 100 }, () => ask(ada!)))
  expect((await ask(ada!)).status).toBe(429)
  expect((await ask({ ...ada!, ...from('198.51.100.1') })).status).toBe(429)
  expect((await ask(bob!)).status).toBe(200)
})

it('counts forged tokens on the address they come from', async () => {
  const token = await gateways[0]!.jwks.forge.tampered()
  const guess = () => gatewayOf(0).get('/v1/me', { authorization: `Bearer ${token}`, ...from('192.0.2.4') })
  const statuses = await Promise.all(Array.from({ length: 150 }, async () => (await guess()).status))
  expect(statuses.filter((status) => status === 401)).toHaveLength(120)
  expect(statuses.filter((status) => status === 429)).toHaveLength(30)
})

it('counts the addresses of one IPv6 /64 network together', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 150 }, async (_, host) => {
      const headers = from(`2001:db8:1:2::${(host + 1).toString(16)}`)
      return (await gatewayOf(0).get('/v1/products', headers)).status
    }),
  )
  expect(statuses.filter((status) => status === 429)).toHaveLength(30)
  expect((await gatewayOf(0).get('/v1/products', from('2001:db8:1:3::1'))).status).toBe(200)
})

const rateLimitsOf = async (gateway: Gateway) => {
  const ready = await gateway.get('/ready')
  const { checks } = (await ready.json()) as { checks: Record<string, string> }
  return [ready.status, checks['rateLimits']]
}
const storeUp = async (gateway: Gateway) => {
  const text = await (await gateway.get('/metrics', { 'x-internal-token': gateway.internalToken })).text()
  return /^storewright_rate_limit_store_up (\d)/m.exec(text)?.[1]
}
const linesWith = (gateway: Gateway, text: string) =>
  gateway
    .log()
    .split('\n')
    .filter((line) => line.includes(text))

it('keeps limits while the store is unavailable, each gateway alone, and reports it once', async () => {
  const [gateway] = gateways as [Gateway]
  expect(await rateLimitsOf(gateway)).toEqual([200, 'shared'])
  database.down()

  const statuses = await Promise.all(
    Array.from({ length: 200 }, async () => (await gateway.get('/v1/products', from('192.0.2.5'))).status),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(120)
  expect(statuses.filter((status) => status === 429)).toHaveLength(80)
  expect(await rateLimitsOf(gateway)).toEqual([200, 'counted per process'])
  expect(await storeUp(gateway)).toBe('0')
  const lines = linesWith(gateway, 'the rate limit store is unavailable')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toContain('"level":"error"')

  database.up()
  await expect
    .poll(
      async () => {
        await gateway.get('/v1/products', from('192.0.2.6'))
        return rateLimitsOf(gateway)
      },
      { timeout: 10_000 },
    )
    .toEqual([200, 'shared'])
  expect(await storeUp(gateway)).toBe('1')
  expect(linesWith(gateway, 'the rate limit store is unavailable')).toHaveLength(1)
})

it('starts without its database, and counts with other replicas as soon as it is available', async () => {
  database.down()
  const gateway = await startGateway({ ...LIMITS, DATABASE_URL: database.url })
  try {
    expect((await gateway.get('/v1/products')).status).toBe(200)
    expect(await rateLimitsOf(gateway)).toEqual([200, 'counted per process'])
    database.up()
    await expect
      .poll(
        async () => {
          await gateway.get('/v1/products')
          return rateLimitsOf(gateway)
        },
        { timeout: 10_000 },
      )
      .toEqual([200, 'shared'])
  } finally {
    database.up()
    await gateway.stop()
  }
})
