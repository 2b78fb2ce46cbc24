import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, startUpstream, type Gateway, type Upstream } from './harness.ts'

const describing =
  (paths: Record<string, unknown>): Upstream['handler'] =>
  (request, response) => {
    if (request.url === '/ready') return response.end('{}')
    return response.end(JSON.stringify({ openapi: '3.1.0', paths }))
  }
const operation = (operationId: string) => ({
  get: { operationId, responses: { 200: { description: 'ok' } } },
})

let gateway: Gateway
let catalog: Upstream
beforeAll(async () => {
  catalog = await startUpstream()
  gateway = await startGateway({ CATALOG_URL: catalog.url, OPENAPI_CACHE_MS: '0' })
  gateway.user.handler = describing({ '/v1/me': operation('getMe'), '/live': operation('live') })
  catalog.handler = describing({
    '/v1/products': operation('listProducts'),
    '/internal/variants': operation('x'),
  })
  gateway.inventory.handler = describing({ '/v1/stock/{sku}': operation('getStock') })
  gateway.order.handler = describing({
    '/v1/me/cart': operation('getMyCart'),
    '/v1/me/addresses': operation('notOurs'),
  })
})
afterAll(async () => {
  await gateway.stop()
  await catalog.stop()
})

interface Document {
  openapi: string
  paths: Record<string, { get: { tags: string[]; responses: Record<string, unknown> } }>
  tags: { name: string }[]
  servers: unknown
  components: { securitySchemes: object; schemas: object }
}
const document = async () => (await (await gateway.get('/openapi.json')).json()) as Document

it('merges what the services say of themselves, as far as it is reachable', async () => {
  const merged = await document()
  expect(merged).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/' }] })
  expect(Object.keys(merged.paths).sort()).toEqual([
    '/health',
    '/v1/me',
    '/v1/me/cart',
    '/v1/products',
    '/v1/stock/{sku}',
  ])
  expect(merged.paths['/v1/me/cart']?.get.tags).toEqual(['Orders'])
  expect(Object.keys(merged.paths['/v1/products']?.get.responses ?? {})).toEqual([
    '200',
    '400',
    '401',
    '429',
    '500',
    '502',
    '503',
    '504',
  ])
  expect(merged.tags.map(({ name }) => name)).toEqual([
    'Identity',
    'Catalogue',
    'Stock',
    'Orders',
    'Operation',
  ])
  expect(Object.keys(merged.components.securitySchemes)).toEqual(['bearer', 'apiKey', 'orderToken'])
  expect(merged.components.schemas).toHaveProperty('Problem')
})

it('says of every answer which headers it carries', async () => {
  const { paths, components } = await document()
  const limits = { 'RateLimit-Limit': { $ref: '#/components/headers/RateLimit-Limit' } }
  expect(paths['/v1/products']?.get.responses).toMatchObject({
    200: { headers: limits },
    429: { $ref: '#/components/responses/too-many-requests' },
  })
  expect(components).toMatchObject({
    responses: {
      'too-many-requests': { headers: { ...limits, 'Retry-After': {} } },
      'invalid-token_invalid-api-key': { headers: { ...limits, 'WWW-Authenticate': {} } },
    },
    headers: { 'RateLimit-Limit': { schema: { type: 'integer' } } },
  })
})

it('answers that nothing changed to who knows it already', async () => {
  const first = await gateway.get('/openapi.json')
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[\w-]+"$/)
  const second = await gateway.get('/openapi.json', { 'if-none-match': `"other", ${etag}` })
  expect([second.status, await second.text()]).toEqual([304, ''])
})

it('sums up who is ready', async () => {
  expect(await (await gateway.get('/health')).json()).toMatchObject({
    status: 'ok',
    services: { user: { status: 'ready', replicas: 1, ready: 1 } },
  })
})

it('reads without a network and runs no script but its own', async () => {
  const response = await gateway.get('/docs/')
  const page = await response.text()
  const policy = response.headers.get('content-security-policy')
  expect(page).toContain('"url": "/openapi.json"')
  expect(page).not.toMatch(/https?:\/\//)
  expect(policy).toMatch(/script-src 'self' 'sha256-[A-Za-z0-9+/=]+';/)
  expect(policy).not.toMatch(/https?:/)
  const script = await gateway.get('/docs/js/scalar.js')
  expect(script.headers.get('content-type')).toContain('javascript')
  expect((await gateway.get('/docs')).url).toBe(`${gateway.url}/docs/`)
})

it('tells a visitor where to go, in the visitor’s language', async () => {
  expect(await (await gateway.get('/')).json()).toMatchObject({
    documentation: '/docs',
    openapi: '/openapi.json',
  })
  const page = await gateway.get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain('href="/docs"')
})

it('shows its metrics to those who know the token only', async () => {
  expect((await gateway.get('/metrics')).status).toBe(403)
  const answer = await gateway.get('/metrics', { 'x-internal-token': 'internal-token-for-development' })
  expect(await answer.text()).toContain('http_request_duration_seconds')
})

it('keeps describing a service that went away, and says that it did', async () => {
  await document()
  await catalog.stop()
  expect((await document()).paths).toHaveProperty('/v1/products')
  await expect
    .poll(async () => (await gateway.get('/health')).status, { timeout: 5_000, interval: 200 })
    .toBe(503)
  expect(await (await gateway.get('/health')).json()).toMatchObject({
    status: 'degraded',
    services: { catalog: { status: 'not-ready' }, user: { status: 'ready' } },
  })
})
