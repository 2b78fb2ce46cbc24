import { expect, it } from 'vitest'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway()

const forwarded = () => gateway.services.flatMap(({ seen }) => seen.map(({ url }) => url))

it.each([
  ['user', '/v1/me'],
  ['user', '/v1/auth/login?x=1'],
  ['user', '/.well-known/jwks.json'],
  ['catalog', '/v1/products?q=mug&attr.colour=blue&sort=-price'],
  ['catalog', '/v1/products/caf%C3%A9'],
  ['inventory', '/v1/stock/A%2FB'],
  ['order', '/v1/me/cart'],
  ['order', '/v1/orders/1/timeline'],
  ['order', '/v1/orders/1/stream?token=x'],
] as const)('forwards to %s, unchanged: %s', async (name, path) => {
  const response = await gateway.get(path)
  expect(response.status).toBe(200)
  expect(gateway[name].seen.map(({ url }) => url)).toEqual([path])
  expect(forwarded()).toHaveLength(1)
})

it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('forwards a %s with its body, byte for byte', async (method) => {
  const body = '{ "quantity": 2,  "note": "två" }'
  const response = await fetch(`${gateway.url}/v1/carts/1/items/MUG`, {
    method,
    body,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
  })
  expect(response.status).toBe(200)
  expect(gateway.order.seen).toMatchObject([
    { method, body, headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } },
  ])
})

it('forwards bodies unread, malformed ones included', async () => {
  await fetch(`${gateway.url}/v1/carts`, {
    method: 'POST',
    body: '{"broken',
    headers: { 'content-type': 'text/nonsense' },
  })
  expect(gateway.order.seen).toMatchObject([{ body: '{"broken' }])
})

it('forwards requests without a body, and HEAD', async () => {
  expect((await fetch(`${gateway.url}/v1/orders/1/cancel`, { method: 'POST' })).status).toBe(200)
  expect(gateway.order.seen[0]?.headers['content-length']).toBe('0')
  const head = await fetch(`${gateway.url}/v1/products`, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

it.each([
  '/nothing',
  '/v1',
  '/v1/nothing',
  '/v2/products',
  '/v1/productsandmore',
  '/internal/variants?skus=A',
  '/internal/stock',
  '/Internal/stock',
  '/%69nternal/stock',
  '/v1/products/1/recommendations',
  '/v1/analytics/sales',
])('answers 404 at %s and forwards nothing', async (path) => {
  const response = await gateway.get(path)
  expect(response.status).toBe(404)
  expect(response.headers.get('content-type')).toContain('application/problem+json')
  expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:not-found', status: 404 })
  expect(forwarded()).toEqual([])
})

it.each([
  '/v1/products/../../internal/variants',
  '/v1/products/%2e%2e/%2e%2e/internal/variants',
  '/v1/products/..%2f..%2finternal/variants',
  '/v1/products/..%2F..%2Finternal%2Fvariants',
  '/v1/products/x\\..\\..\\..\\internal\\variants',
  '/v1/products/%5c..%5c..%5cinternal',
  '/v1/products//../internal',
  '//internal/variants',
  '/v1/products/./x',
  '/v1/products/%00',
  '/v1/products/%zz',
  '/v1/products/a%0d%0ax-internal-token:%20x',
  '/v1/products/import/../../../internal',
  'http://127.0.0.1/internal/variants',
])('refuses the ambiguous path %s and forwards nothing', async (path) => {
  const { status, body } = await gateway.getRaw(path)
  expect([400, 404]).toContain(status)
  expect(JSON.parse(body)).toMatchObject({ status })
  expect(forwarded()).toEqual([])
})

it('forwards and returns a request id, and makes one where it is missing or malformed', async () => {
  const given = await gateway.get('/v1/products', { 'x-request-id': 'abc-123' })
  expect(given.headers.get('x-request-id')).toBe('abc-123')
  const made = await gateway.get('/v1/products', { 'x-request-id': 'not sane' })
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect(gateway.catalog.seen.map(({ headers }) => headers['x-request-id'])).toEqual([
    'abc-123',
    made.headers.get('x-request-id'),
  ])
})

it('forwards no header that claims an identity, an origin or to be internal', async () => {
  await gateway.getRaw('/v1/me', {
    'x-internal-token': gateway.internalToken,
    'x-user-id': 'somebody',
    'x-user-roles': 'admin',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'for=10.0.0.1',
    connection: 'close, x-order-token',
    'x-order-token': 'dropped as named in connection',
    'accept-language': 'sv',
  })
  const { headers } = gateway.user.seen[0]!
  expect(headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'accept-language': 'sv' })
  for (const name of ['x-internal-token', 'x-user-id', 'x-user-roles', 'forwarded', 'x-order-token']) {
    expect(headers).not.toHaveProperty(name)
  }
})

it('returns status, headers and body of a service unchanged', async () => {
  gateway.catalog.handler = (_request, response) =>
    response
      .writeHead(412, {
        etag: '"3"',
        'set-cookie': ['a=1', 'b=2'],
        'x-own': 'yes',
        connection: 'x-hop',
        'x-hop': '1',
      })
      .end('stale')
  const response = await gateway.get('/v1/products/1')
  expect([response.status, await response.text()]).toEqual([412, 'stale'])
  expect(response.headers.get('etag')).toBe('"3"')
  expect(response.headers.get('x-own')).toBe('yes')
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  expect(response.headers.has('x-hop')).toBe(false)
})
