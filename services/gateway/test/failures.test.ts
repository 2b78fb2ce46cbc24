import { eventually } from '@storewright/testing'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { setUpGateway, startGateway, startUpstream, unreachableUrl, type Upstream } from './harness.ts'

const gateway = setUpGateway({ UPSTREAM_TIMEOUT_MS: '300', UPLOAD_TIMEOUT_MS: '300' })
const others: { stop(): Promise<void> }[] = []
const own = <T extends { stop(): Promise<void> }>(thing: T) => {
  others.push(thing)
  return thing
}

afterEach(async () => {
  for (const other of others.splice(0).reverse()) await other.stop()
})

const post = (base: string, path: string, headers: Record<string, string> = {}) =>
  fetch(base + path, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json', ...headers },
  })

it('answers 503 with Retry-After for a service that is down', async () => {
  const before = own(await startGateway({ CATALOG_URL: await unreachableUrl() }))
  for (const response of [
    await before.get('/v1/products'),
    await post(before.url, '/v1/products'),
    await post(before.url, '/v1/products/import'),
  ]) {
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:unavailable' })
  }
  expect((await before.get('/v1/stock/MUG')).status).toBe(200)
})

it('forwards to a service as soon as it is back', async () => {
  const upstream = await startUpstream()
  const { port } = new URL(upstream.url)
  const before = own(await startGateway({ CATALOG_URL: upstream.url }))
  expect((await before.get('/v1/products')).status).toBe(200)
  await upstream.stop()
  expect((await before.get('/v1/products')).status).toBe(503)
  const back = createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'))
  await new Promise<void>((resolve) => back.listen(Number(port), '127.0.0.1', resolve))
  expect((await before.get('/v1/products')).status).toBe(204)
  back.close()
})

it('answers 504 when a service does not answer in time', async () => {
  gateway.order.handler = () => undefined
  const response = await gateway.get('/v1/orders')
  expect(response.status).toBe(504)
  expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:gateway-timeout' })
})

it('answers 502 when a service does not speak HTTP, and reveals nothing of it', async () => {
  const nonsense = createServer((socket) => socket.end('SMTP 220 ready\r\n\r\n'))
  await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve))
  const { port } = nonsense.address() as AddressInfo
  const before = own(await startGateway({ CATALOG_URL: `http://127.0.0.1:${port}` }))
  const response = await before.get('/v1/products')
  expect(response.status).toBe(502)
  expect(JSON.stringify(await response.json())).not.toMatch(/SMTP|HPE|127\.0\.0\.1|catalog/)
  nonsense.close()
})

it('closes the connection of the client when the service fails in the middle of a response', async () => {
  gateway.catalog.handler = (_request, response) => {
    response.writeHead(200, { 'content-length': 100 }).write('half')
    setImmediate(() => response.destroy())
  }
  await expect(gateway.get('/v1/products').then((response) => response.text())).rejects.toThrow()
})

it('cancels the request to the service when the client disconnects', async () => {
  let gone = false
  gateway.inventory.handler = (_request, response) => response.on('close', () => (gone = true))
  const abort = new AbortController()
  const asked = fetch(`${gateway.url}/v1/stock/MUG`, { signal: abort.signal }).catch(() => 'aborted')
  await eventually(() => gateway.inventory.seen.length > 0)
  abort.abort()
  expect(await asked).toBe('aborted')
  await eventually(() => gone)
})

it('uses replicas in turn and passes over a dead one, also with a POST that was never sent', async () => {
  const [one, two] = [own(await startUpstream()), own(await startUpstream())]
  const before = own(await startGateway({ ORDER_URL: [one.url, await unreachableUrl(), two.url].join(',') }))
  for (let time = 0; time < 6; time++) {
    expect((await before.get('/v1/orders')).status).toBe(200)
    expect((await post(before.url, '/v1/orders')).status).toBe(200)
  }
  expect(one.seen.length).toBeGreaterThan(0)
  expect(two.seen.length).toBeGreaterThan(0)
})

const breakOnce = (upstream: Upstream) => {
  let broken = false
  upstream.handler = (request, response) => {
    if (!broken) {
      broken = true
      request.socket.destroy()
    } else response.end('fine')
  }
}

it.each(['GET', 'PUT', 'DELETE'])('repeats a %s once when the connection breaks', async (method) => {
  const upstream = own(await startUpstream())
  const before = own(await startGateway({ ORDER_URL: upstream.url }))
  breakOnce(upstream)
  const body = method === 'GET' ? {} : { body: '{}' }
  expect((await fetch(`${before.url}/v1/carts/1`, { method, ...body })).status).toBe(200)
  expect(upstream.seen).toHaveLength(2)
})

it.each(['POST', 'PATCH'])('never repeats a %s, which may have taken effect', async (method) => {
  const upstream = own(await startUpstream())
  const before = own(await startGateway({ ORDER_URL: upstream.url }))
  breakOnce(upstream)
  const response = await fetch(`${before.url}/v1/orders`, { method, body: '{}' })
  expect(response.status).toBe(503)
  expect(upstream.seen).toHaveLength(1)
})

it('logs route patterns and never paths, which may hold a cart’s id or an order’s token', async () => {
  const before = own(await startGateway({ ORDER_URL: await unreachableUrl() }))
  const secret = '0b0e7c1e-5d1c-4a57-9a3c-2f6f3c1d9e11'
  for (const path of [
    `/v1/carts/${secret}`,
    `/v1/orders/1?token=${secret}`,
    `/nothing/${secret}`,
    `/v1/%2e%2e/${secret}`,
  ]) {
    expect((await before.getRaw(path, { 'x-order-token': secret })).status).toBeGreaterThanOrEqual(400)
  }
  expect((await before.get(`/v1/products/${secret}`)).status).toBe(200)
  expect(before.log()).toContain('"route":"/v1/carts/*"')
  expect(before.log()).not.toContain(secret)
})

it('answers 408 when a body does not arrive in time', async () => {
  const answer = await gateway.talk(
    'POST /v1/carts HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\r\n{"a"',
  )
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(answer).toContain('urn:storewright:problem:request-timeout')
})
