import { expect, it } from 'vitest'
import { setUpGateway, startGateway } from './harness.ts'

const gateway = setUpGateway({
  RATE_LIMIT_PER_MINUTE: '8',
  AUTH_RATE_LIMIT_PER_MINUTE: '3',
  CORS_ORIGINS: 'https://shop.example, https://admin.example',
})

it('limits how often an address can try credentials', async () => {
  const answers = []
  for (const path of ['login', 'register', 'refresh', 'login', 'login']) {
    answers.push(await fetch(`${gateway.url}/v1/auth/${path}`, { method: 'POST', body: '{}' }))
  }
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
  expect(answers[0]?.headers.get('ratelimit-limit')).toBe('3')
  expect(answers[0]?.headers.get('ratelimit-remaining')).toBe('2')
  expect(Number(answers[0]?.headers.get('ratelimit-reset'))).toBeGreaterThan(0)

  const refused = answers[3]!
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(refused.headers.get('content-type')).toContain('application/problem+json')
  expect(await refused.json()).toMatchObject({
    type: 'urn:storewright:problem:too-many-requests',
    status: 429,
  })
  expect(gateway.user.seen).toHaveLength(3)
})

it('counts requests that confirm a password on the limit for credentials, and no others', async () => {
  const strict = await startGateway({ AUTH_RATE_LIMIT_PER_MINUTE: '3' })
  try {
    const authorization = `Bearer ${await strict.jwks.tokenFor()}`
    const send = async (method: string, path: string) =>
      (await fetch(strict.url + path, { method, headers: { authorization } })).headers.get('ratelimit-limit')
    expect(await send('PATCH', '/v1/me')).toBe('3')
    expect(await send('DELETE', '/v1/me')).toBe('3')
    expect(await send('POST', '/v1/me/password')).toBe('3')
    for (const [method, path] of [
      ['GET', '/v1/me'],
      ['PATCH', '/v1/me/addresses/1'],
      ['DELETE', '/v1/me/addresses/1'],
      ['PUT', '/v1/me/preferences'],
    ] as const) {
      expect(await send(method, path)).toBe('100000')
    }
    expect((await fetch(`${strict.url}/v1/me`, { method: 'PATCH', headers: { authorization } })).status).toBe(
      429,
    )
  } finally {
    await strict.stop()
  }
})

it('counts all other requests on the limit of the address, unknown paths and forged tokens included', async () => {
  const statuses = []
  for (let time = 0; time < 3; time++) {
    statuses.push((await gateway.get('/v1/products')).status)
    statuses.push((await gateway.get('/nothing')).status)
    statuses.push((await gateway.get('/v1/products', { authorization: 'Bearer a.b.c' })).status)
  }
  expect(statuses).toEqual([200, 404, 401, 200, 404, 401, 200, 404, 429])
  expect((await gateway.get('/v1/products', { 'x-forwarded-for': '10.1.2.3' })).status).toBe(429)
})

it('counts webhooks of payment providers on a limit of their own, which guests do not use up', async () => {
  const busy = await startGateway({ RATE_LIMIT_PER_MINUTE: '1', WEBHOOK_RATE_LIMIT_PER_MINUTE: '3' })
  try {
    const send = async (provider: string) =>
      (await fetch(`${busy.url}/v1/payments/webhooks/${provider}`, { method: 'POST', body: '{}' })).status
    const guests = [await busy.get('/v1/payments/stuck'), await busy.get('/v1/payments/stuck')]
    expect(guests.map(({ status }) => status)).toEqual([200, 429])
    expect([await send('stripe'), await send('stripe'), await send('a'), await send('stripe')]).toEqual([
      200, 200, 200, 429,
    ])
  } finally {
    await busy.stop()
  }
})

it('never limits readiness checks', async () => {
  for (let time = 0; time < 20; time++) expect((await gateway.get('/ready')).status).toBe(200)
})

it('allows browsers the configured origins and no others', async () => {
  const allowed = async (origin: string) => {
    const response = await fetch(`${gateway.url}/v1/orders`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,idempotency-key',
      },
    })
    return response.headers
  }
  const headers = await allowed('https://shop.example')
  expect(headers.get('access-control-allow-origin')).toBe('https://shop.example')
  expect(headers.get('access-control-allow-headers')).toContain('idempotency-key')
  expect(headers.get('access-control-allow-methods')).toContain('PATCH')
  expect((await allowed('https://admin.example')).get('access-control-allow-origin')).toBe(
    'https://admin.example',
  )
  expect((await allowed('https://evil.example')).get('access-control-allow-origin')).toBeNull()
})

it('exposes response headers to pages of other origins, the name of a download included', async () => {
  const { headers } = await gateway.get('/v1/products', { origin: 'https://shop.example' })
  const exposed = headers.get('access-control-expose-headers')?.split(', ')
  expect(exposed).toEqual(expect.arrayContaining(['content-disposition', 'etag', 'location', 'retry-after']))
})

it('sets security headers on every response, errors included', async () => {
  for (const path of ['/v1/products', '/nothing']) {
    const { headers } = await gateway.get(path)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('x-powered-by')).toBeNull()
  }
})
