import type { Jwks } from '@storewright/testing'
import { expect, it } from 'vitest'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway()

const ask = (authorization: string) => gateway.get('/v1/me', { authorization })

it.each(['EdDSA', 'ES256'] as const)('forwards a valid token signed with %s', async (alg) => {
  const authorization = `Bearer ${await gateway.jwks.tokenFor({}, alg)}`
  expect((await ask(authorization)).status).toBe(200)
  expect(gateway.user.seen).toMatchObject([{ headers: { authorization } }])
})

it('forwards requests without a token, which the service decides about', async () => {
  expect((await gateway.get('/v1/me')).status).toBe(200)
  expect(gateway.user.seen[0]?.headers).not.toHaveProperty('authorization')
})

it.each([
  'expired',
  'notYet',
  'fromTheFuture',
  'unsigned',
  'publicKeyAsSecret',
  'foreignKey',
  'unknownKeyId',
  'tampered',
] satisfies (keyof Jwks['forge'])[])(
  'answers a token that is %s 401 and forwards nothing, on public routes too',
  async (forgery) => {
    const token = await gateway.jwks.forge[forgery]({ roles: ['admin'], permissions: ['stock:write'] })
    gateway.catalog.seen.length = 0
    for (const path of ['/v1/me', '/v1/products', '/v1/products/import']) {
      const response = await gateway.get(path, { authorization: `Bearer ${token}` })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toContain('invalid_token')
      expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:invalid-token' })
    }
    expect([...gateway.user.seen, ...gateway.catalog.seen]).toEqual([])
  },
)

it.each([
  '',
  'Bearer',
  'Bearer ',
  'Bearer x',
  'Basic YTpi',
  'Bearer a.b.c',
  `Bearer ${'a'.repeat(9_000)}.b.c`,
])('answers the Authorization header %.20j 401', async (authorization) => {
  const { status } = await ask(authorization)
  expect(status).toBe(401)
  expect(gateway.user.seen).toEqual([])
})

it.each([
  ['issuer', { issuer: 'elsewhere' }],
  ['audience', { audience: 'elsewhere' }],
])('answers a token for another %s 401', async (_what, claims) => {
  expect((await ask(`Bearer ${await gateway.jwks.tokenFor(claims)}`)).status).toBe(401)
})

it('fetches the key set once for many tokens', async () => {
  const before = gateway.jwks.requests
  for (let time = 0; time < 5; time++) {
    expect((await ask(`Bearer ${await gateway.jwks.tokenFor()}`)).status).toBe(200)
  }
  expect(gateway.jwks.requests).toBe(before)
})
