import { afterAll, describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'

const inventory = setUpInventory({ stock: { MUG: 5 } })
afterAll(async () => {
  expect(await inventory.stock('MUG')).toMatchObject({ onHand: 5 })
})

const adjust = (body: unknown, headers: Record<string, string> = { 'idempotency-key': 'k' }) =>
  inventory.send('POST', '/v1/stock/MUG/adjustments', {
    as: 'staff',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
const pathsOf = ({ body }: { body: Record<string, unknown> }) =>
  ((body['errors'] ?? []) as { path: string }[]).map(({ path }) => path)

describe('a refused adjustment', () => {
  const good = { delta: 1, reason: 'found' }
  it.each([
    ['delta', 400, { ...good, delta: 1e308 }],
    ['delta', 400, { ...good, delta: 2 ** 53 }],
    ['delta', 400, { ...good, delta: 1.5 }],
    ['delta', 400, { ...good, delta: '1' }],
    ['delta', 400, { ...good, delta: null }],
    ['delta', 400, { ...good, delta: -1_000_000_001 }],
    ['delta', 422, { ...good, delta: 0 }],
    ['delta', 400, { reason: 'found' }],
    ['reason', 400, { delta: 1 }],
    ['reason', 400, { ...good, reason: '' }],
    ['reason', 400, { ...good, reason: '   ' }],
    ['reason', 400, { ...good, reason: 'x'.repeat(201) }],
    ['reason', 400, { ...good, reason: 'a\0b' }],
    ['reason', 400, { ...good, reason: 'a\u202eb' }],
    ['reason', 400, { ...good, reason: 7 }],
    ['reference', 400, { ...good, reference: 'x'.repeat(101) }],
    ['location', 400, { ...good, location: 'Ängelholm' }],
    ['location', 400, { ...good, location: { $ne: null } }],
    ['location', 422, { ...good, location: 'moon' }],
    ['colour', 400, { ...good, colour: 'red' }],
    ['__proto__', 400, '{"delta":1,"reason":"found","__proto__":{"x":1}}'],
    ['', 400, []],
    ['', 400, '{"delta":1,'],
    ['', 400, 'null'],
  ])('names %j and answers %i to %j', async (path, status, body) => {
    const answer = await adjust(body)
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ])
    if (path && path !== '__proto__') expect(pathsOf(answer)).toContain(path)
  })

  it.each([
    [400, undefined],
    [400, ''],
    [400, 'x'.repeat(256)],
  ])('names its Idempotency-Key and answers %i to %.20j', async (status, key) => {
    const answer = await adjust(good, key === undefined ? {} : { 'idempotency-key': key })
    expect([answer.status, pathsOf(answer)]).toEqual([status, ['idempotency-key']])
  })

  it('is one with a wrong content type or a body that is too large', async () => {
    expect((await adjust('delta=1', { 'idempotency-key': 'k', 'content-type': 'text/csv' })).status).toBe(415)
    expect((await adjust(`{"reason":"${'x'.repeat(1_100_000)}"}`)).status).toBe(413)
  })
})

it.each([
  ['/v1/stock/!', 404],
  [`/v1/stock/${'X'.repeat(65)}`, 404],
  [`/v1/stock/${'X'.repeat(600)}`, 414],
  ['/v1/stock/%E0%A4%A', 400],
  ['/v1/stock/NOWHERE', 404],
  ['/v1/stock', 200],
  ['/v1/stock?cursor=x', 400],
  ['/v1/stock?limit=0', 400],
  ['/v1/stock?skus=MUG&cursor=x', 400],
  ['/v1/stock?skus=', 400],
  ['/v1/stock?skus=MUG,,', 400],
  ['/v1/stock?skus=MUG&skus=CUP', 400],
  [`/v1/stock?skus=${Array.from({ length: 101 }, (_, i) => `S${i}`).join(',')}`, 400],
  ['/v1/stock?skus=MUG&colour=red', 400],
  ['/v1/stock/MUG/movements?cursor=x', 400],
  ['/v1/stock/MUG/movements?cursor=WyJ4Il0', 400],
  ['/v1/stock/MUG/movements?cursor=WzFlMzA4XQ', 400],
  ['/v1/stock/MUG/movements?limit=0', 400],
  ['/v1/stock/MUG/movements?limit=101', 400],
  ['/v1/stock/MUG/movements?limit=1e308', 400],
  [`/v1/stock/MUG/movements?location=${encodeURIComponent('Å')}`, 400],
  ['/v1/locations?cursor=W10', 400],
  ['/v1/reservations?orderId=1', 400],
  ['/v1/reservations?state=live', 400],
  ['/v1/reservations?sku=!', 400],
  [`/v1/reservations?cursor=${Buffer.from(JSON.stringify(['Å'])).toString('base64url')}`, 400],
])('answers %s with %i', async (url, status) => {
  const answer = await inventory.send('GET', url, { as: 'staff' })
  expect(answer.status).toBe(status)
  if (status >= 400) expect(answer.headers['content-type']).toContain('application/problem+json')
})

it.each([
  [{ code: 'Leeds', name: 'Leeds' }, 'code'],
  [{ code: 'x'.repeat(33), name: 'Leeds' }, 'code'],
  [{ code: 'leeds', name: '' }, 'name'],
  [{ code: 'leeds', name: 'x'.repeat(101) }, 'name'],
  [{ code: 'leeds' }, 'name'],
])('refuses the location %j', async (body, path) => {
  const answer = await inventory.send('POST', '/v1/locations', { as: 'staff', body })
  expect([answer.status, new Set(pathsOf(answer))]).toEqual([400, new Set([path])])
})

describe('access', () => {
  const routes: ['GET' | 'POST' | 'PATCH', string, string][] = [
    ['GET', '/v1/stock/MUG/movements', 'stock:read'],
    ['GET', '/v1/reservations', 'stock:read'],
    ['GET', '/v1/locations', 'stock:write'],
    ['POST', '/v1/locations', 'stock:write'],
    ['PATCH', '/v1/locations/main', 'stock:write'],
    ['POST', '/v1/transfers', 'stock:write'],
    ['POST', '/v1/stock/MUG/adjustments', 'stock:write'],
    ['POST', '/v1/stock/import', 'stock:write'],
  ]

  it.each(routes)('to %s %s needs a token and the permission %s', async (method, url, permission) => {
    expect((await inventory.send(method, url)).status).toBe(401)
    expect((await inventory.send(method, url, { as: 'customer' })).status).toBe(403)
    const reader = await inventory.send(method, url, { as: 'reader' })
    expect(reader.status === 403).toBe(permission !== 'stock:read')
  })

  it('is refused with an invalid token even on public paths', async () => {
    const forged = [
      await inventory.jwks.forge.expired(),
      await inventory.jwks.forge.foreignKey({ permissions: ['stock:write'] }),
      inventory.jwks.forge.unsigned({ permissions: ['stock:write'] }),
      await inventory.jwks.tokenFor({ audience: 'somebody-else' }),
    ]
    for (const token of forged) {
      const headers = { authorization: `Bearer ${token}` }
      expect((await inventory.send('GET', '/v1/stock/MUG', { headers })).status).toBe(401)
    }
  })

  it('to internal paths needs the internal token', async () => {
    for (const headers of [{}, { 'x-internal-token': 'wrong' }]) {
      expect(
        (await inventory.send('POST', '/internal/stock', { headers, body: { skus: ['MUG'] } })).status,
      ).toBe(403)
    }
  })
})
