import { expect, it } from 'vitest'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway()

const urls = () => gateway.services.flatMap(({ seen }) => seen.map(({ url }) => url))

it.each<[string, string]>([
  [
    'two lengths',
    'POST /v1/carts HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 50\r\n\r\nhello',
  ],
  [
    'a length and chunks',
    'POST /v1/carts HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /internal/x HTTP/1.1\r\n\r\n',
  ],
  [
    'an unknown encoding',
    'POST /v1/carts HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n',
  ],
  ['a header broken over lines', 'GET /v1/products HTTP/1.1\r\nhost: x\r\nx-a: b\r\n c: d\r\n\r\n'],
  ['a space before the colon', 'GET /v1/products HTTP/1.1\r\nhost: x\r\ncontent-length : 5\r\n\r\nhello'],
  ['a NUL in a header', 'GET /v1/products HTTP/1.1\r\nhost: x\r\nx-a: b\0c\r\n\r\n'],
  ['a bare line feed', 'GET /v1/products HTTP/1.1\nhost: x\nx-a: b\n\n'],
  ['no host', 'GET /v1/products HTTP/1.1\r\n\r\n'],
  ['no HTTP', 'hello\r\n\r\n'],
])('answers 400 to a request with %s and forwards nothing', async (_what, bytes) => {
  expect(await gateway.talk(bytes)).toMatch(/^HTTP\/1\.1 400 /)
  expect(urls()).toEqual([])
})

it('answers 431 to headers that are too large', async () => {
  const answer = await gateway.talk(
    `GET /v1/products HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`,
  )
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(urls()).toEqual([])
})

it('does not read the body of a refused request as another request', async () => {
  const smuggled = 'GET /v1/orders HTTP/1.1\r\nhost: x\r\n\r\n'
  const answer = await gateway.talk(
    `POST /v1/carts HTTP/1.1\r\nhost: x\r\ncontent-length: 2000000\r\nconnection: close\r\n\r\n${smuggled}`,
  )
  expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1)
  expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  expect(urls()).toEqual([])
})

it('ignores requests to upgrade the connection', async () => {
  const response = await gateway.getRaw('/v1/products', { connection: 'upgrade', upgrade: 'websocket' })
  expect(response.status).toBe(200)
  expect(gateway.catalog.seen[0]?.headers).not.toHaveProperty('upgrade')
})

it('answers 405 with Allow to an unknown method', async () => {
  const response = await fetch(`${gateway.url}/v1/products`, { method: 'PROPFIND' })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toContain('GET')
})

it('forwards query strings unchanged', async () => {
  for (const query of [
    '?q=%00',
    '?limit=1e308',
    '?cursor=%zz',
    "?q='%20or%201=1--",
    '?a[b]=c',
    '?q=../../internal',
  ]) {
    expect((await gateway.getRaw(`/v1/products${query}`)).status).toBe(200)
  }
  expect(urls()).toContain('/v1/products?q=../../internal')
})
