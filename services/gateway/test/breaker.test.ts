import { afterEach, expect, it } from 'vitest'
import { setUpGateway, startGateway, startUpstream, unreachableUrl, type Gateway } from './harness.ts'

const gateway = setUpGateway(async () => ({
  CATALOG_URL: await unreachableUrl(),
  UPSTREAM_TIMEOUT_MS: '200',
}))
const others: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const other of others.splice(0).reverse()) await other.stop()
})

const breakerOf = async ({ url }: Gateway, service: string) => {
  const { services } = (await (await fetch(`${url}/health`)).json()) as {
    services: Record<string, { breaker: string }>
  }
  return services[service]?.breaker
}
const metric = async ({ url }: Gateway, service: string) => {
  const response = await fetch(`${url}/metrics`, {
    headers: { 'x-internal-token': gateway.internalToken },
  })
  return new RegExp(`^storewright_breaker_open\\{service="${service}"\\} (\\d)`, 'm').exec(
    await response.text(),
  )?.[1]
}
const times = async (count: number, path: string, of = gateway) => {
  const statuses = []
  for (let time = 0; time < count; time++) statuses.push((await of.get(path)).status)
  return statuses
}

it('sends no more requests to a service that cannot be reached, reports it, and serves the others', async () => {
  expect(await times(5, '/v1/products')).toEqual([503, 503, 503, 503, 503])
  const refused = await gateway.get('/v1/products')
  expect(refused.status).toBe(503)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await breakerOf(gateway, 'catalog')).toBe('open')
  expect(await metric(gateway, 'catalog')).toBe('1')
  expect(gateway.log()).toContain('the service does not answer')
  expect(await breakerOf(gateway, 'order')).toBe('closed')
  expect(await times(1, '/v1/orders')).toEqual([200])
})

it('answers 503 at once for a service that hangs, and finds by a probe that it is back', async () => {
  gateway.order.seen.length = 0
  gateway.order.handler = () => undefined
  expect(await times(5, '/v1/orders')).toEqual([504, 504, 504, 504, 504])
  const began = performance.now()
  expect(await times(20, '/v1/orders')).toEqual(Array(20).fill(503))
  expect(performance.now() - began).toBeLessThan(1_000)
  expect(gateway.order.seen.filter(({ url }) => url === '/v1/orders')).toHaveLength(5)

  gateway.order.handler = (_request, response) => response.end('[]')
  await expect.poll(() => times(1, '/v1/orders'), { timeout: 5_000 }).toEqual([200])
  expect(await breakerOf(gateway, 'order')).toBe('closed')
  expect(await metric(gateway, 'order')).toBe('0')
})

it('lets one request probe a half-open service and answers the others 503', async () => {
  const upstream = await startUpstream()
  others.push(upstream)
  const own = await startGateway({ ORDER_URL: upstream.url, UPSTREAM_TIMEOUT_MS: '200' })
  others.push(own)
  upstream.handler = () => undefined
  await times(5, '/v1/orders', own)
  await expect.poll(() => breakerOf(own, 'order'), { timeout: 5_000, interval: 20 }).toBe('half-open')
  upstream.seen.length = 0
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await own.get('/v1/orders')).status),
  )
  expect(statuses.sort()).toEqual([...Array(19).fill(503), 504])
  expect(upstream.seen.filter(({ url }) => url === '/v1/orders')).toHaveLength(1)
})

it.each([500, 503, 404, 429])('keeps the breaker closed when a service answers %i', async (status) => {
  gateway.inventory.handler = (_request, response) => response.writeHead(status).end()
  expect(await times(12, '/v1/stock/MUG')).toEqual(Array(12).fill(status))
  expect(await breakerOf(gateway, 'inventory')).toBe('closed')
})

it('does not count clients that disconnect as failures of the service', async () => {
  gateway.inventory.handler = () => undefined
  for (let time = 0; time < 8; time++) {
    await expect(fetch(`${gateway.url}/v1/stock/MUG`, { signal: AbortSignal.timeout(20) })).rejects.toThrow()
  }
  gateway.inventory.handler = (_request, response) => response.end('{}')
  expect(await times(1, '/v1/stock/MUG')).toEqual([200])
})

it('does not count a long event stream as a failure of the service', async () => {
  const upstream = await startUpstream()
  others.push(upstream)
  const own = await startGateway({ ORDER_URL: upstream.url })
  others.push(own)
  upstream.handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n\n')
  }
  const streams = await Promise.all(
    Array.from({ length: 6 }, () => fetch(`${own.url}/v1/orders/${'1'.repeat(8)}/stream`)),
  )
  expect(await breakerOf(own, 'order')).toBe('closed')
  for (const { body } of streams) await body?.cancel()
})
