import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { ApiKeyRevoked } from '@storewright/contracts'
import { anEvent, eventually } from '@storewright/testing'
import { beforeEach, expect, it } from 'vitest'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway({
  AUTH_RATE_LIMIT_PER_MINUTE: '12',
  API_KEY_RATE_LIMIT_PER_MINUTE: '40',
  TRUSTED_PROXIES: 'loopback',
})

const newKey = () => `sw_${randomUUID().replaceAll('-', '')}_${'k'.repeat(43)}`
let address = 0
/** Keys that the stub of the user service knows, with their ids. */
const keys = new Map<string, string>()
const issued: string[] = []
let expiresIn = 300

const json = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

beforeEach(() => {
  address += 1
  expiresIn = 300
  keys.clear()
  issued.length = 0
  gateway.user.handler = async (_request, response, { url, body }) => {
    if (url !== '/internal/api-keys/token') return json(response, 200, {})
    const { key } = JSON.parse(body) as { key: string }
    const apiKeyId = keys.get(key)
    if (!apiKeyId) return json(response, 401, { type: 'urn:storewright:problem:invalid-api-key' })
    const accessToken = await gateway.jwks.tokenFor({
      userId: apiKeyId,
      sessionId: apiKeyId,
      expiresIn,
      claims: { client: 'api-key' },
    })
    issued.push(accessToken)
    json(response, 200, { accessToken, expiresIn, apiKeyId })
  }
})

const aKey = () => {
  const key = newKey()
  const id = randomUUID()
  keys.set(key, id)
  return { key, id }
}
const ask = (key: string, headers: Record<string, string> = {}) =>
  gateway.get('/v1/products', { 'x-api-key': key, 'x-forwarded-for': `192.0.2.${address}`, ...headers })
const exchanges = () => gateway.user.seen.filter(({ url }) => url === '/internal/api-keys/token')

it('exchanges an API key for an access token and forwards only the token', async () => {
  const { key } = aKey()
  const response = await ask(key)
  expect(response.status).toBe(200)
  expect(response.headers.get('ratelimit-limit')).toBe('40')
  const [seen] = gateway.catalog.seen
  expect(seen?.headers['authorization']).toBe(`Bearer ${issued[0]}`)
  expect(JSON.stringify(seen)).not.toContain(key)
  expect(exchanges()[0]?.headers['x-internal-token']).toBe(gateway.internalToken)
  expect(gateway.log()).not.toContain(key)
})

it('exchanges an API key once for many requests, also concurrent ones', async () => {
  const { key } = aKey()
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key)))
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200))
  expect((await ask(key)).status).toBe(200)
  expect(exchanges()).toHaveLength(1)
})

it('counts requests with an API key on the key, whatever their addresses', async () => {
  const { key } = aKey()
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async (_, turn) => {
      return (await ask(key, { 'x-forwarded-for': `198.51.100.${turn + 1}` })).status
    }),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(40)
  expect(statuses.filter((status) => status === 429)).toHaveLength(20)
})

it('answers an unknown API key 401, forwards nothing, and exchanges it only once for a moment', async () => {
  const key = newKey()
  for (let time = 0; time < 3; time++) {
    const response = await ask(key)
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:invalid-api-key' })
  }
  expect(exchanges()).toHaveLength(1)
  expect(gateway.catalog.seen).toEqual([])
})

it.each(['sw_', 'x', `sw_${'a'.repeat(32)}_${'b'.repeat(5_000)}`, "' or 1=1", ''])(
  'answers the malformed API key %.20j 401 without an exchange',
  async (key) => {
    expect((await ask(key)).status).toBe(401)
    expect(gateway.user.seen).toEqual([])
  },
)

it('counts unknown API keys on the limit for credentials, then exchanges no more; known keys still work', async () => {
  const { key } = aKey()
  expect((await ask(key)).status).toBe(200)
  const statuses = []
  for (let time = 0; time < 15; time++) statuses.push((await ask(newKey())).status)
  expect(statuses).toEqual([...Array(12).fill(401), 429, 429, 429])
  expect(exchanges()).toHaveLength(13)
  const login = await fetch(`${gateway.url}/v1/auth/login`, {
    method: 'POST',
    body: '{}',
    headers: { 'x-forwarded-for': `192.0.2.${address}` },
  })
  expect(login.status).toBe(429)
  expect((await ask(key)).status).toBe(200)
})

it('answers 400 to a request with both a token and an API key', async () => {
  const { key } = aKey()
  const response = await ask(key, { authorization: `Bearer ${await gateway.jwks.tokenFor()}` })
  expect(response.status).toBe(400)
  expect(response.headers.get('ratelimit-limit')).not.toBeNull()
  expect([...gateway.user.seen, ...gateway.catalog.seen]).toEqual([])
})

it('accepts known API keys while the user service is unavailable and answers others 503 with Retry-After', async () => {
  const { key } = aKey()
  const { key: other } = aKey()
  expect((await ask(key)).status).toBe(200)
  gateway.user.handler = (request) => request.socket.destroy()
  expect((await ask(key)).status).toBe(200)
  const response = await ask(other)
  expect(response.status).toBe(503)
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:unavailable' })
})

it('renews the token of an API key before it expires, and uses the old one when the renewal fails', async () => {
  expiresIn = 2
  const { key } = aKey()
  expect((await ask(key)).status).toBe(200)
  await expect
    .poll(async () => ((await ask(key)).status === 200 ? exchanges().length : 0), {
      interval: 100,
      timeout: 3_000,
    })
    .toBe(2)
  const { handler } = gateway.user
  let refused = 0
  gateway.user.handler = (request) => {
    refused += 1
    request.socket.destroy()
  }
  await expect
    .poll(async () => ((await ask(key)).status === 200 ? refused : 0), { interval: 100, timeout: 2_000 })
    .toBeGreaterThan(0)
  gateway.user.handler = handler
})

it.each([
  ['an error', 500, { type: 'urn:storewright:problem:internal' }],
  ['a refusal of the gateway', 403, { type: 'urn:storewright:problem:forbidden' }],
  ['an invalid body', 200, { accessToken: 5 }],
])('answers 503 when an exchange fails with %s of the user service', async (_what, status, body) => {
  gateway.user.handler = (_request, response) => json(response, status, body)
  const { key } = aKey()
  expect((await ask(key)).status).toBe(503)
})

it('refuses an API key as soon as ApiKeyRevoked arrives, also when it is delivered twice', async () => {
  const { key, id } = aKey()
  expect((await ask(key)).status).toBe(200)
  keys.delete(key)
  const event = anEvent(ApiKeyRevoked, { apiKeyId: id, revokedAt: new Date().toISOString() })
  await eventually(() => gateway.vhost.publish(event))
  await gateway.vhost.publish(event)
  await eventually(async () => {
    const { status } = await ask(key)
    expect(status).toBe(401)
    return true
  })
  expect(exchanges().length).toBeGreaterThan(1)
})

it('opens nothing with an API key that is revoked while its exchange is under way', async () => {
  const { key, id } = aKey()
  const { key: later, id: laterId } = aKey()
  expect((await ask(later)).status).toBe(200)
  const { handler } = gateway.user
  let answer = () => undefined as unknown
  gateway.user.handler = (...request) => {
    answer = () => handler(...request)
  }
  const waiting = ask(key)
  await eventually(() => exchanges().length === 2)
  gateway.user.handler = handler
  keys.delete(later)
  const revokedAt = new Date().toISOString()
  await gateway.vhost.publish(anEvent(ApiKeyRevoked, { apiKeyId: id, revokedAt }))
  await gateway.vhost.publish(anEvent(ApiKeyRevoked, { apiKeyId: laterId, revokedAt }))
  await eventually(async () => (await ask(later)).status === 401)

  gateway.catalog.seen.length = 0
  answer()
  const refused = await waiting
  expect(refused.status).toBe(401)
  expect(await refused.json()).toMatchObject({ type: 'urn:storewright:problem:invalid-api-key' })
  expect((await ask(key)).status).toBe(401)
  expect(gateway.catalog.seen).toEqual([])
})

it('allows browsers to send the X-Api-Key header', async () => {
  const response = await fetch(`${gateway.url}/v1/products`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://shop.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-api-key',
    },
  })
  expect(response.headers.get('access-control-allow-headers')).toContain('x-api-key')
})
