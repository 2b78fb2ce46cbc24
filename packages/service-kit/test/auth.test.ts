import { setTimeout } from 'node:timers/promises'
import { startJwks } from '@storewright/testing'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  requireInternal,
  requirePermission,
  requireUser,
  requireUserOr,
  type Auth,
  type AuthOptions,
} from '../src/auth.ts'
import type { Server } from '../src/http.ts'
import { lines, newServer } from './shop.ts'

let app: Server
const jwks = await startJwks()
afterAll(() => jwks.stop())

const start = (auth: Partial<AuthOptions> = {}) => {
  const server = newServer({ auth: { ...jwks, ...auth } })
  server.get('/v1/open', { schema: { operationId: 'open' } }, async ({ auth }) => ({ auth }))
  server.get(
    '/v1/orders',
    { onRequest: requireUserOr('orders:read'), schema: { operationId: 'orders' } },
    async ({ auth }) => ({ auth }),
  )
  server.get('/v1/me', { onRequest: requireUser, schema: { operationId: 'me' } }, async ({ auth }) => ({
    auth,
  }))
  server.get(
    '/v1/stock',
    { onRequest: requirePermission('stock:write'), schema: { operationId: 'stock' } },
    async () => ({}),
  )
  server.get(
    '/internal/stock',
    { onRequest: requireInternal('between-us'), schema: { operationId: 'internal' } },
    async () => ({}),
  )
  return server
}
beforeEach(() => {
  jwks.setDown(false)
  app = start()
})
afterEach(() => app.close())

const get = (url: string, token?: string, server = app) =>
  server.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

describe('a valid access token', () => {
  it.each(['EdDSA', 'ES256'] as const)('identifies its bearer when signed with %s', async (alg) => {
    const token = await jwks.tokenFor(
      { userId: 'ann', sessionId: 's1', roles: ['admin'], permissions: ['a:b'] },
      alg,
    )
    expect((await get('/v1/me', token)).json()).toEqual({
      auth: {
        kind: 'user',
        userId: 'ann',
        sessionId: 's1',
        roles: ['admin'],
        permissions: ['a:b'],
        issuedAt: expect.any(Number),
      },
    })
  })

  it('opens routes whose permission it holds, and answers 403 elsewhere', async () => {
    expect((await get('/v1/stock', await jwks.tokenFor({ permissions: ['stock:write'] }))).statusCode).toBe(
      200,
    )
    const refused = await get('/v1/stock', await jwks.tokenFor({ permissions: ['stock:read'] }))
    expect(refused.statusCode).toBe(403)
    expect(refused.json()).toMatchObject({ type: 'urn:storewright:problem:forbidden' })
  })

  it('is accepted from a clock that is a few seconds ahead or behind', async () => {
    expect((await get('/v1/me', await jwks.tokenFor({ issuedIn: 3 }))).statusCode).toBe(200)
    expect((await get('/v1/me', await jwks.tokenFor({ expiresIn: -3 }))).statusCode).toBe(200)
  })

  it('is checked with a key set that is fetched once for many requests', async () => {
    const before = jwks.requests
    const tokens = await Promise.all(Array.from({ length: 20 }, () => jwks.tokenFor()))
    await Promise.all(tokens.map((token) => get('/v1/me', token)))
    expect(jwks.requests - before).toBe(1)
  })

  it('is accepted after a key rotation whether the old or the new key signed it', async () => {
    const old = await jwks.tokenFor()
    await get('/v1/me', old)
    await jwks.rotate()
    await expect
      .poll(async () => (await get('/v1/me', await jwks.tokenFor())).statusCode, { timeout: 5_000 })
      .toBe(200)
    expect((await get('/v1/me', await jwks.tokenFor())).statusCode).toBe(200)
    expect((await get('/v1/me', old)).statusCode).toBe(200)
  })
})

describe('a request without credentials', () => {
  it('has no identity on public routes', async () => {
    expect((await get('/v1/open')).json()).toEqual({ auth: null })
  })

  it.each(['/v1/me', '/v1/stock'])('is answered 401 with the Bearer scheme at %s', async (url) => {
    const response = await get(url)
    expect(response.statusCode).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer')
    expect(response.json()).toMatchObject({ type: 'urn:storewright:problem:unauthenticated' })
  })
})

describe('an invalid access token', () => {
  const forgeries: [string, () => string | Promise<string>][] = [
    ['expired', () => jwks.forge.expired()],
    ['not valid yet', () => jwks.forge.notYet()],
    ['from the future', () => jwks.forge.fromTheFuture()],
    ['without a signature (alg none)', () => jwks.forge.unsigned({ permissions: ['stock:write'] })],
    ['signed with the public key as a secret (HS256)', () => jwks.forge.publicKeyAsSecret()],
    ['signed with a foreign key', () => jwks.forge.foreignKey()],
    ['with a key id that nobody knows', () => jwks.forge.unknownKeyId()],
    ['with other claims than were signed', () => jwks.forge.tampered()],
    ['of a foreign issuer', () => jwks.tokenFor({ issuer: 'https://elsewhere' })],
    ['for a foreign audience', () => jwks.tokenFor({ audience: 'another-shop' })],
    ['that never expires', () => jwks.tokenFor({ claims: { exp: undefined } })],
    ['of unknown age', () => jwks.tokenFor({ claims: { iat: undefined } })],
    ['too old', () => jwks.tokenFor({ issuedIn: -2 * 86_400, expiresIn: 86_400 })],
    ['without a user', () => jwks.tokenFor({ claims: { sub: undefined } })],
    ['without a session', () => jwks.tokenFor({ claims: { sid: undefined } })],
    ['with permissions that are no list', () => jwks.tokenFor({ claims: { permissions: 'stock:write' } })],
    ['garbled', () => 'not.a.token'],
    ['no token at all', () => 'hello'],
    ['empty', () => ''],
    ['endless', () => `${'a'.repeat(9_000)}.b.c`],
  ]

  it.each(forgeries)('%s is answered 401 on every route, public ones included', async (_what, forge) => {
    const token = await forge()
    for (const url of ['/v1/open', '/v1/me', '/v1/stock']) {
      const response = await get(url, token)
      expect(response.statusCode).toBe(401)
      expect(response.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
      expect(response.json()).toMatchObject({ type: 'urn:storewright:problem:invalid-token' })
    }
  })

  it('is answered 401 under another authentication scheme', async () => {
    const response = await app.inject({
      url: '/v1/me',
      headers: { authorization: `Basic ${await jwks.tokenFor()}` },
    })
    expect(response.statusCode).toBe(401)
  })

  it('never appears in the log', async () => {
    const token = await jwks.forge.tampered()
    await get('/v1/me', token)
    expect(lines.join('')).not.toContain(token.slice(0, 40))
  })

  it('with forged key ids causes at most one request for the key set', async () => {
    await get('/v1/me', await jwks.tokenFor())
    const before = jwks.requests
    const forged = await Promise.all(Array.from({ length: 50 }, () => jwks.forge.unknownKeyId()))
    await Promise.all(forged.map((token) => get('/v1/me', token)))
    for (const token of forged.slice(0, 10)) await get('/v1/me', token)
    expect(jwks.requests - before).toBeLessThanOrEqual(1)
  })
})

it('requests no key set for a token that no key could make valid', async () => {
  const before = jwks.requests
  for (const token of [jwks.forge.unsigned(), jwks.forge.publicKeyAsSecret(), 'not.a.token']) {
    expect((await get('/v1/me', await token)).statusCode).toBe(401)
  }
  expect(jwks.requests - before).toBe(0)
})

describe('while the key set cannot be fetched', () => {
  it('answers tokens 503 with Retry-After and serves guests', async () => {
    jwks.setDown(true)
    const response = await get('/v1/me', await jwks.tokenFor())
    expect(response.statusCode).toBe(503)
    expect(response.headers['retry-after']).toBe('2')
    expect((await get('/v1/open')).statusCode).toBe(200)

    jwks.setDown(false)
    expect((await get('/v1/me', await jwks.tokenFor())).statusCode).toBe(200)
  })

  it('answers tokens 503 where the connection is refused', async () => {
    const alone = start({ jwksUrl: 'http://127.0.0.1:9/jwks.json' })
    expect((await get('/v1/me', await jwks.tokenFor(), alone)).statusCode).toBe(503)
    await alone.close()
  })

  it('answers a token of an unknown key 503 while it accepts one of a known key beside it', async () => {
    await get('/v1/me', await jwks.tokenFor())
    await setTimeout(1_100) // past the second in which the key set is not requested again
    jwks.setDown(true)
    const before = jwks.requests
    const tokens = [jwks.forge.unknownKeyId(), jwks.tokenFor(), jwks.forge.unknownKeyId()]
    const statuses = await Promise.all(
      tokens.map(async (token) => (await get('/v1/me', await token)).statusCode),
    )
    expect(statuses).toEqual([503, 200, 503])
    expect(jwks.requests - before).toBe(1)

    jwks.setDown(false)
    expect((await get('/v1/me', await jwks.forge.unknownKeyId())).statusCode).toBe(401)
  })

  it('accepts tokens whose key is already known', async () => {
    await get('/v1/me', await jwks.tokenFor())
    jwks.setDown(true)
    expect((await get('/v1/me', await jwks.tokenFor())).statusCode).toBe(200)
  })
})

it('refuses the token of an ended session at once, before the token expires', async () => {
  const ended = new Set<string>()
  const current = (auth: Auth) => (ended.has(auth.sessionId) ? null : auth)
  const server = start({ revocations: { current } })
  const token = await jwks.tokenFor({ sessionId: 's1' })
  expect((await get('/v1/me', token, server)).statusCode).toBe(200)

  ended.add('s1')
  expect((await get('/v1/me', token, server)).statusCode).toBe(401)
  await server.close()
})

it('lets the token of an API key open what its permissions allow, but no account', async () => {
  const token = await jwks.tokenFor({ permissions: ['stock:write'], claims: { client: 'api-key' } })
  expect((await get('/v1/stock', token)).statusCode).toBe(200)
  expect((await get('/v1/open', token)).json()).toMatchObject({ auth: { kind: 'api-key' } })
  const refused = await get('/v1/me', token)
  expect(refused.statusCode).toBe(403)
  expect(refused.json()).toMatchObject({ type: 'urn:storewright:problem:forbidden' })
})

it('opens routes of one’s own to people, and to API keys that may read all of them', async () => {
  const machine = { claims: { client: 'api-key' } }
  const statusFor = async (token?: string) => (await get('/v1/orders', token)).statusCode
  expect(await statusFor()).toBe(401)
  expect(await statusFor(await jwks.tokenFor({}))).toBe(200)
  expect(await statusFor(await jwks.tokenFor({ ...machine, permissions: ['stock:write'] }))).toBe(403)
  expect(await statusFor(await jwks.tokenFor({ ...machine, permissions: ['orders:read'] }))).toBe(200)
})

describe('an internal path', () => {
  it.each([
    [403, 'nothing', {}],
    [403, 'a wrong token', { 'x-internal-token': 'between-you' }],
    [401, 'an access token in its place', { authorization: 'x' }],
    [200, 'the token', { 'x-internal-token': 'between-us' }],
  ])('answers %i to a caller that sends %s', async (status, _what, headers) => {
    expect((await app.inject({ url: '/internal/stock', headers })).statusCode).toBe(status)
  })
})
