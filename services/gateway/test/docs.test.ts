import { readFile } from 'node:fs/promises'
import { load } from 'js-yaml'
import { expect, it } from 'vitest'
import { routeFor } from '../src/proxy/routes.ts'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway()

interface Document {
  openapi: string
  paths: Record<string, { get: { tags: string[]; responses: Record<string, unknown> } }>
  tags: { name: string }[]
  servers: unknown
  components: { securitySchemes: object; schemas: object }
}
const document = async () => (await (await gateway.get('/openapi.json')).json()) as Document

it('serves the committed openapi.yaml as JSON', async () => {
  const committed = await readFile(new URL('../../../openapi.yaml', import.meta.url), 'utf8')
  expect(await document()).toEqual(load(committed))
})

it('describes only what the routing table reaches', async () => {
  const { paths, servers, components } = await document()
  const own = ['/health']
  expect(Object.keys(paths).filter((path) => !own.includes(path) && routeFor(path) === undefined)).toEqual([])
  expect(servers).toMatchObject([{ url: '/' }])
  expect(Object.keys(components.securitySchemes)).toEqual(['bearer', 'apiKey', 'orderToken'])
})

it('documents the headers of every response', async () => {
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

it('answers 304 to a client that has the document', async () => {
  const first = await gateway.get('/openapi.json')
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[\w-]+"$/)
  const second = await gateway.get('/openapi.json', { 'if-none-match': `"other", ${etag}` })
  expect([second.status, await second.text()]).toEqual([304, ''])
})

it('sums up the readiness of the services, and repeats what they warn of', async () => {
  const warnings = ['the payment provider sandbox is on']
  gateway.order.handler = (_request, response) => response.end(JSON.stringify({ warnings }))
  expect(await (await gateway.get('/health')).json()).toMatchObject({
    status: 'ok',
    services: { user: { status: 'ready', replicas: 1, ready: 1 }, order: { status: 'ready', warnings } },
  })
})

it('serves a docs page that loads nothing from elsewhere and runs only its own scripts', async () => {
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

it('answers GET / with links, as JSON or HTML by the Accept header', async () => {
  expect(await (await gateway.get('/')).json()).toMatchObject({
    documentation: '/docs',
    openapi: '/openapi.json',
  })
  const page = await gateway.get('/', { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(await page.text()).toContain('href="/docs"')
})

it('shows its metrics only with the internal token', async () => {
  expect((await gateway.get('/metrics')).status).toBe(403)
  const answer = await gateway.get('/metrics', { 'x-internal-token': gateway.internalToken })
  expect(await answer.text()).toContain('http_request_duration_seconds')
})

it('reports a service that stopped answering as not ready in /health', async () => {
  await gateway.catalog.stop()
  await expect
    .poll(async () => (await gateway.get('/health')).status, { timeout: 5_000, interval: 200 })
    .toBe(503)
  expect(await (await gateway.get('/health')).json()).toMatchObject({
    status: 'degraded',
    services: { catalog: { status: 'not-ready' }, user: { status: 'ready' } },
  })
})
