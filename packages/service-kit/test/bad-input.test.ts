import { connect as connectSocket, type AddressInfo } from 'node:net'
import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { lines, newShop } from './shop.ts'

const shop = newShop({ bodyLimit: 10_000, maxEventLoopDelayMs: 0 })
beforeAll(() => shop.listen({ port: 0, host: '127.0.0.1' }))
afterAll(() => shop.close())
beforeEach(() => {
  lines.length = 0
})

const JSON_TYPE = { 'content-type': 'application/json' }

interface ProblemShape {
  status: number
  type: string
  detail: string
  requestId: string
  instance: string
  errors?: { path: string; message: string }[]
}

/** Sends it and checks what every problem has in common. */
const refused = async (request: InjectOptions & { url: string }) => {
  const response = await shop.inject(request)
  const problem: ProblemShape = response.json()
  expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(problem).toMatchObject({
    status: response.statusCode,
    title: expect.any(String) as string,
    detail: expect.any(String) as string,
    instance: request.url.split('?')[0],
    requestId: response.headers['x-request-id'],
  })
  expect(problem.type).toMatch(/^urn:storewright:problem:[a-z-]+$/)
  expect(response.body).not.toMatch(/ {4}at |node_modules|\.ts:/)
  return problem
}

const put = (payload: unknown, headers: Record<string, string> = JSON_TYPE, query = '') =>
  refused({
    method: 'POST',
    url: `/v1/carts/c1/items${query}`,
    headers,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

const good = { items: [{ sku: 'MUG', quantity: 1 }] }

describe('tracking parameters', () => {
  const send = (query: string) =>
    shop.inject({ method: 'POST', url: `/v1/carts/c1/items?${query}`, headers: JSON_TYPE, payload: good })

  it.each([
    'utm_source=mail&utm_medium=&utm_anything=%00&utm_source=again',
    'gclid=abc&fbclid=%F0%9F%8E%81&limit=5',
    'utm%5Fsource=mail',
  ])('are ignored: %s', async (query) => {
    const response = await send(query)
    expect(response.statusCode).toBe(200)
    expect(response.json()).toMatchObject({ query: { limit: query.includes('limit') ? 5 : 20 } })
    expect(response.body).not.toContain('mail')
  })

  it.each(['utm=1', 'xutm_source=1', 'gclid2=1', 'FBCLID=1', 'constructor=1', '__proto__=1', 'msclkid=1'])(
    'are no others: %s is refused',
    async (query) => {
      expect((await send(query)).statusCode).toBe(400)
    },
  )
})

describe('a body that does not fit', () => {
  it.each<[string, unknown, string]>([
    ['missing field', {}, 'items'],
    ['unknown field', { ...good, admin: true }, 'admin'],
    ['unknown field deep inside', { items: [{ sku: 'A', quantity: 1, price: 0 }] }, 'items.0.price'],
    ['wrong type', { items: 'many' }, 'items'],
    ['number as text', { items: [{ sku: 'A', quantity: '1' }] }, 'items.0.quantity'],
    ['boolean as number', { items: [{ sku: 'A', quantity: true }] }, 'items.0.quantity'],
    ['null', { items: [{ sku: null, quantity: 1 }] }, 'items.0.sku'],
    ['zero', { items: [{ sku: 'A', quantity: 0 }] }, 'items.0.quantity'],
    ['minus one', { items: [{ sku: 'A', quantity: -1 }] }, 'items.0.quantity'],
    ['a fraction', { items: [{ sku: 'A', quantity: 1.5 }] }, 'items.0.quantity'],
    ['1e308', '{"items":[{"sku":"A","quantity":1e308}]}', 'items.0.quantity'],
    ['infinity', '{"items":[{"sku":"A","quantity":1e999}]}', 'items.0.quantity'],
    ['2^53', '{"items":[{"sku":"A","quantity":9007199254740992}]}', 'items.0.quantity'],
    ['-2^53', '{"items":[],"price":{"amount":-9007199254740992,"currency":"GBP"}}', 'price.amount'],
    ['an over-long text', { items: [{ sku: 'A'.repeat(65), quantity: 1 }] }, 'items.0.sku'],
    ['an empty text', { items: [{ sku: '', quantity: 1 }] }, 'items.0.sku'],
    ['a NUL', { items: [{ sku: 'A\0', quantity: 1 }] }, 'items.0.sku'],
    ['half a character', '{"items":[{"sku":"\\ud83d","quantity":1}]}', 'items.0.sku'],
    ['a wrong currency', { ...good, price: { amount: 1, currency: 'pounds' } }, 'price.currency'],
    ['a wrong choice', { ...good, kind: 'bribe' }, 'kind'],
    ['a free-form value of another type', { ...good, attributes: { colour: 3 } }, 'attributes.colour'],
    ['a list for an object', [good], ''],
    ['a text', '"hello"', ''],
    ['null for all', 'null', 'items'],
    ['nothing at all', '', 'items'],
  ])('is refused and the field named: %s', async (_what, payload, path) => {
    const problem = await put(payload)
    expect(problem).toMatchObject({ status: 400, type: 'urn:storewright:problem:invalid-request' })
    expect(problem.errors?.map((error) => error.path)).toContain(path)
    expect(problem.detail).toContain(path)
  })

  it('is refused with all its faults at once', async () => {
    const problem = await put({ items: [{ sku: 'A', quantity: 0 }, { quantity: 1 }], kind: 'x', more: 1 })
    expect(problem.errors?.map((error) => error.path).sort()).toEqual([
      'items.0.quantity',
      'items.1.sku',
      'kind',
      'more',
    ])
  })

  it('has a bounded list of faults, however many there are', async () => {
    const problem = await put({ items: Array.from({ length: 900 }, () => ({})) })
    expect(problem.errors).toHaveLength(100)
  })
})

it('refuses query parameters that a write does not know: it would be done without them', async () => {
  const url = '/v1/carts/c1/items?dryRun=true'
  const response = await shop.inject({ method: 'POST', url, headers: JSON_TYPE, payload: '{"items": []}' })
  expect([response.statusCode, response.json<{ errors: unknown }>().errors]).toEqual([
    400,
    [expect.objectContaining({ path: 'dryRun' })],
  ])
})

describe('a body of nothing but faults', () => {
  const big = newShop()
  afterAll(() => big.close())

  it.each<[string, unknown]>([
    ['too many items', { items: Array.from({ length: 300_000 }, () => ({})) }],
    [
      'unknown fields',
      { items: [], ...Object.fromEntries(Array.from({ length: 60_000 }, (_, at) => [`f${at}`, 1])) },
    ],
    ['deep lists', JSON.stringify({ items: [] }).replace('[]', '['.repeat(4_000) + ']'.repeat(4_000))],
  ])('is refused without keeping others waiting: %s', async (_what, payload) => {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    const began = process.cpuUsage()
    const response = await big.inject({
      method: 'POST',
      url: '/v1/carts/c1/items',
      headers: JSON_TYPE,
      payload: text,
    })
    expect(response.statusCode).toBe(400)
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(1_000)
  })
})

describe('a body that cannot be read', () => {
  it.each<[string, string, Record<string, string>, number, string]>([
    ['broken JSON', '{"items": [', JSON_TYPE, 400, 'malformed-request'],
    [
      'prototype poisoning',
      '{"__proto__": {"admin": true}, "items": []}',
      JSON_TYPE,
      400,
      'malformed-request',
    ],
    [
      'constructor poisoning',
      '{"constructor": {"prototype": {}}, "items": []}',
      JSON_TYPE,
      400,
      'malformed-request',
    ],
    ['empty', '', JSON_TYPE, 400, 'invalid-request'],
    ['no content type', '{"items": []}', {}, 415, 'unsupported-media-type'],
    ['plain text', '{"items": []}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    [
      'a form',
      'items=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'unsupported-media-type',
    ],
    ['a strange content type', 'x', { 'content-type': ';;;' }, 415, 'unsupported-media-type'],
    [
      'encoded, by its header',
      '{"items": []}',
      { ...JSON_TYPE, 'content-encoding': 'br' },
      415,
      'unsupported-media-type',
    ],
    [
      'encoded as nothing',
      '{"items": []}',
      { ...JSON_TYPE, 'content-encoding': 'identity' },
      415,
      'unsupported-media-type',
    ],
    ['too large', JSON.stringify({ items: 'x'.repeat(10_001) }), JSON_TYPE, 413, 'payload-too-large'],
  ])('is refused: %s', async (_what, payload, headers, status, kind) => {
    expect(await put(payload, headers)).toMatchObject({ status, type: `urn:storewright:problem:${kind}` })
  })

  it('is too large also when it comes without its length', async () => {
    const { port } = shop.server.address() as AddressInfo
    const chunk = 'x'.repeat(6_000)
    const response = await fetch(`http://127.0.0.1:${port}/v1/carts/c1/items`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: new ReadableStream({
        start: (controller) => {
          controller.enqueue(new TextEncoder().encode(`"${chunk}`))
          controller.enqueue(new TextEncoder().encode(`${chunk}"`))
          controller.close()
        },
      }),
      duplex: 'half',
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ status: 413 })
  })
})

describe('what is no body', () => {
  it.each<[string, string, string]>([
    ['limit too large', '?limit=101', 'limit'],
    ['limit no number', '?limit=ten', 'limit'],
    ['limit empty', '?limit=', 'limit'],
    ['limit twice', '?limit=1&limit=2', 'limit'],
    ['limit a fraction', '?limit=1.5', 'limit'],
    ['limit huge', '?limit=1e308', 'limit'],
    ['unknown', '?limt=3', 'limt'],
    ['no boolean', '?dry=maybe', 'dry'],
    ['poison', '?__proto__=1', '__proto__'],
    ['a NUL', '?tags=a%00', 'tags.0'],
  ])('is refused and named in the query: %s', async (_what, query, path) => {
    const problem = await put(good, JSON_TYPE, query)
    expect(problem).toMatchObject({ status: 400 })
    expect(problem.errors?.map((error) => error.path)).toContain(path)
  })

  it.each<[string, string, number]>([
    ['a path with broken escapes', '/v1/things/%E0%A4%A/cancel', 400],
    ['a path parameter of another type', '/v1/things/abc/cancel', 404],
    ['a path parameter with a NUL', '/v1/carts/a%00/items', 404],
    ['an over-long path parameter', `/v1/carts/${'a'.repeat(37)}/items`, 404],
    ['an endless path parameter', `/v1/carts/${'a'.repeat(3_000)}/items`, 414],
    ['nothing there', '/v1/nothing', 404],
    ['the path of an own property', '/constructor', 404],
  ])('is refused: %s', async (_what, url, status) => {
    expect(await refused({ method: 'POST', url, payload: good })).toMatchObject({ status })
  })

  it('is refused as a wrong method, with the right ones in Allow', async () => {
    const response = await shop.inject({ method: 'DELETE', url: '/v1/carts/c1/items' })
    expect(response.statusCode).toBe(405)
    expect(response.headers['allow']).toBe('POST')
    expect(response.json()).toMatchObject({ type: 'urn:storewright:problem:method-not-allowed' })
    expect((await shop.inject({ method: 'POST', url: '/v1/stock/A/b' })).statusCode).toBe(405)
  })

  it('is no HTTP at all', async () => {
    const { port } = shop.server.address() as AddressInfo
    const answer = await new Promise<string>((resolve) => {
      let text = ''
      const socket = connectSocket(port, '127.0.0.1', () => socket.write('EHLO shop\r\n\r\n'))
      socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('close', () => resolve(text))
    })
    expect(answer).toContain('HTTP/1.1 400 ')
    expect(answer).toContain('application/problem+json')
  })

  it('is a flood of headers', async () => {
    const { port } = shop.server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}/live`, {
      headers: { 'x-much': 'x'.repeat(30_000) },
    })
    expect(response.status).toBe(431)
    expect(await response.json()).toMatchObject({ type: 'urn:storewright:problem:headers-too-large' })
  })
})

describe('what fits', () => {
  it('has its query coerced, its defaults filled in, and its body taken as it is', async () => {
    const response = await shop.inject({
      method: 'POST',
      url: '/v1/carts/c1/items?dry=true&tags=a&limit=5',
      payload: { ...good, attributes: { colour: 'blue' } },
    })
    expect(response.json()).toEqual({
      params: { id: 'c1' },
      query: { dry: true, tags: ['a'], limit: 5 },
      body: { ...good, attributes: { colour: 'blue' } },
    })
  })

  it.each([undefined, '', '{}', 'null'])(
    'needs no body where nothing in it is required: %j',
    async (payload) => {
      const response = await shop.inject({
        method: 'POST',
        url: '/v1/things/1/cancel',
        ...(payload === undefined ? {} : { payload, headers: JSON_TYPE }),
      })
      expect(response.json()).toEqual({ body: {} })
    },
  )
})

it('is logged by route pattern, never by path: that may hold a secret', async () => {
  await shop.inject({ method: 'POST', url: '/v1/carts/7f1c9c2e-secret/items?token=s3cret', payload: {} })
  const log = lines.join('')
  expect(log).toContain('/v1/carts/:id/items')
  expect(log).not.toMatch(/7f1c9c2e|s3cret/)
})
