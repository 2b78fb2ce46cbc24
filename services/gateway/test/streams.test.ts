import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { eventually } from '@storewright/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, startUpstream, type Gateway, type Upstream } from './harness.ts'

const MIB = 1_048_576

let gateway: Gateway
let catalog: Upstream
let order: Upstream
beforeAll(async () => {
  ;[catalog, order] = await Promise.all([
    startUpstream(undefined, { raw: true }),
    startUpstream(undefined, { raw: true }),
  ])
  gateway = await startGateway({ CATALOG_URL: catalog.url, ORDER_URL: order.url, UPSTREAM_TIMEOUT_MS: '200' })
})
afterAll(async () => {
  await gateway.stop()
  await Promise.all([catalog.stop(), order.stop()])
})

const upload = (path: string, body: Readable | Buffer, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'text/csv', ...headers },
    body: body instanceof Readable ? Readable.toWeb(body) : body,
    duplex: 'half',
  })

it('forwards an import while it is still being sent, whatever its size and duration', async () => {
  let received = 0
  catalog.handler = (request, response) => {
    request.on('data', (chunk: Buffer) => (received += chunk.length))
    request.on('end', () => setTimeout(() => response.end(String(received)), 400))
  }
  const body = new Readable({ read: () => undefined })
  const answer = upload('/v1/products/import', body)
  body.push('sku,name\n')
  await eventually(() => received === 9)
  for (let part = 0; part < 24; part++) body.push(Buffer.alloc(MIB / 8, 'x'))
  body.push(null)
  const response = await answer
  expect([response.status, await response.text()]).toEqual([200, String(9 + 3 * MIB)])
})

it('forwards the length of an upload, so that a cut one is noticed', async () => {
  catalog.seen.length = 0
  catalog.handler = (request, response) =>
    void text(request).then((body) => response.end(String(body.length)))
  await upload('/v1/products/import', Buffer.alloc(2 * MIB, 'x'))
  expect(catalog.seen).toMatchObject([{ headers: { 'content-length': String(2 * MIB) } }])
})

it('returns a refusal that arrives before the upload ends', async () => {
  catalog.handler = (_request, response) => response.writeHead(401).end('no')
  const body = new Readable({ read: () => undefined })
  const answer = upload('/v1/products/import', body)
  body.push('sku,name\n')
  expect((await answer).status).toBe(401)
  body.destroy()
})

it('ends the request to the service when an upload breaks off', async () => {
  let outcome = ''
  catalog.handler = (request) => {
    request.on('data', () => (outcome = 'begun'))
    request.on('close', () => (outcome = request.complete ? 'complete' : 'broken off'))
  }
  const abort = new AbortController()
  const body = new Readable({ read: () => undefined })
  const answer = fetch(`${gateway.url}/v1/products/import`, {
    method: 'POST',
    body: Readable.toWeb(body),
    duplex: 'half',
    signal: abort.signal,
  }).catch(() => 'aborted')
  body.push('sku')
  await eventually(() => outcome === 'begun')
  abort.abort()
  expect(await answer).toBe('aborted')
  await eventually(() => outcome === 'broken off')
  body.destroy()
})

it.each([
  ['of a known length', Buffer.alloc(MIB + 1, 'x')],
  ['of an unknown length', null],
])('answers 413 to a body above 1 MiB %s on other routes', async (_what, known) => {
  const seen = order.seen.length
  const body = known ?? Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100_000, 'x')))
  const response = await upload('/v1/carts', body)
  expect(response.status).toBe(413)
  expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:payload-too-large' })
  expect(order.seen).toHaveLength(seen)
})

it('forwards events as they arrive and keeps the stream open between them', async () => {
  let send: (text: string) => void = () => undefined
  let gone = false
  order.handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    send = (event) => response.write(event)
    response.on('close', () => (gone = true))
  }
  const abort = new AbortController()
  const response = await fetch(`${gateway.url}/v1/orders/1/stream`, { signal: abort.signal })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const reader = response.body!.getReader()
  const decoder = new TextDecoder()
  const next = async () => decoder.decode((await reader.read()).value as Uint8Array)

  send('data: reserved\n\n')
  expect(await next()).toBe('data: reserved\n\n')
  const silence = performance.now()
  setTimeout(() => send('data: confirmed\n\n'), 500) // longer than any answer elsewhere may take
  expect(await next()).toBe('data: confirmed\n\n')
  expect(performance.now() - silence).toBeGreaterThan(400)
  abort.abort()
  await eventually(() => gone)
})

it('does not read an export faster than the client does', async () => {
  let written = 0
  catalog.handler = (_request, response) => {
    const chunk = Buffer.alloc(MIB, 'x')
    const write = () => {
      while (written < 64 && !response.destroyed) {
        written += 1
        if (!response.write(chunk)) return void response.once('drain', write)
      }
      response.end()
    }
    write()
  }
  const response = await gateway.get('/v1/products/export')
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  await reader.read()
  let before = -1
  let still = 0
  await eventually(
    () => {
      still = written === before ? still + 1 : 0
      before = written
      return still === 10
    },
    { every: 50 },
  )
  expect(written).toBeLessThan(48)

  let length = 0
  for (let part = await reader.read(); !part.done; part = await reader.read()) length += part.value.length
  expect(written).toBe(64)
  expect(length).toBeGreaterThan(60 * MIB)
})
