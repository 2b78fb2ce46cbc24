import { randomUUID } from 'node:crypto'
import { ProductChanged, SessionRevoked, StockAdjusted } from '@storewright/contracts'
import { anEvent, eventually } from '@storewright/testing'
import { beforeEach, expect, it } from 'vitest'
import { setUpGateway, type Gateway } from './harness.ts'

const gateway = setUpGateway({ RATE_LIMIT_PER_MINUTE: '4000' })
const strict = setUpGateway({
  RATE_LIMIT_PER_MINUTE: '60',
  CORS_ORIGINS: 'https://shop.example',
  TRUSTED_PROXIES: 'loopback',
  CACHE_BYTES: '160000',
})

let version = 0
let id: string
const answerWith =
  (headers: Record<string, string | string[]>, status = 200): Gateway['catalog']['handler'] =>
  (_request, response) =>
    response
      .writeHead(status, {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-cache',
        etag: `"${version}"`,
        ...headers,
      })
      .end(JSON.stringify({ version }))

beforeEach(() => {
  version = 1
  id = randomUUID()
  gateway.catalog.handler = answerWith({ 'surrogate-key': id, vary: 'accept-encoding' })
})

const read = async (headers: Record<string, string> = {}, path = `/v1/products/${id}`, from = gateway) => {
  const response = await from.get(path, headers)
  const source = /desc=(\w+)/.exec(response.headers.get('server-timing') ?? '')?.[1]
  return { response, source, status: response.status, body: await response.text() }
}
const asked = () => gateway.catalog.seen.length
/** A lease is used up now and then, and that request takes the longer way to the same answer. */
const sourcesOf = async (reads: number, headers: Record<string, string> = {}) => {
  const sources = []
  for (let time = 0; time < reads; time++) sources.push((await read(headers)).source)
  return sources
}

const OF_ONE_ANSWER = ['date', 'ratelimit-remaining', 'ratelimit-reset', 'server-timing', 'x-request-id']
const lasting = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => !OF_ONE_ANSWER.includes(name)))

it('answers a public read from memory with the headers of the service’s answer and its own', async () => {
  const first = await read()
  const second = await read({ 'x-request-id': 'abc-1' })
  expect([first.source, second.source]).toEqual(['miss', 'hit'])
  expect(second.response.headers.get('server-timing')).toMatch(/^cache;desc=hit, age;dur=\d+$/)
  expect(second.response.headers.get('x-request-id')).toBe('abc-1')
  expect(second.body).toBe(first.body)
  expect(lasting(second.response)).toEqual(lasting(first.response))
  expect(lasting(first.response)).toMatchObject({
    etag: '"1"',
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    'content-length': '13',
    'access-control-allow-origin': '*',
    'x-content-type-options': 'nosniff',
  })
  expect(first.response.headers.has('surrogate-key')).toBe(false)
  expect(asked()).toBe(1)
})

it('answers HEAD and a known ETag from memory, also the request that asked the service', async () => {
  const first = await read({ 'if-none-match': '"1"' })
  expect([first.status, first.body, first.source]).toEqual([304, '', 'miss'])
  expect(gateway.catalog.seen[0]?.headers).not.toHaveProperty('if-none-match')
  const known = await read({ 'if-none-match': 'W/"0", "1"', 'cache-control': 'no-cache' })
  expect([known.status, known.body, known.source]).toEqual([304, '', 'hit'])
  expect(known.response.headers.get('etag')).toBe('"1"')
  expect(known.response.headers.has('content-type')).toBe(false)
  expect((await read({ 'if-none-match': '"0"' })).status).toBe(200)
  const head = await fetch(`${gateway.url}/v1/products/${id}`, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '13', ''])
  expect(asked()).toBe(1)
})

it('counts each answer from memory on the rate limit and refuses beyond it', async () => {
  strict.catalog.handler = gateway.catalog.handler
  const ask = (from: string) => read({ 'x-forwarded-for': from }, `/v1/products/${id}`, strict)
  const remaining = []
  for (let time = 0; time < 60; time++) {
    const { response } = await ask('192.0.2.1')
    remaining.push(Number(response.headers.get('ratelimit-remaining')))
  }
  expect(remaining).toEqual(Array.from({ length: 60 }, (_, index) => 59 - index))
  expect((await ask('192.0.2.1')).status).toBe(429)
  expect((await ask('192.0.2.2')).status).toBe(200)
  expect(strict.catalog.seen.length).toBeLessThan(30)
})

it.each(['https://shop.example', 'https://evil.example'])(
  'lets pages of %s read answers from memory as it lets them read others',
  async (origin) => {
    strict.catalog.handler = gateway.catalog.handler
    const answers = []
    for (let time = 0; time < 3; time++)
      answers.push(await read({ origin, 'x-forwarded-for': '192.0.2.3' }, `/v1/products/${id}`, strict))
    expect(answers.map(({ source }) => source)).toEqual(['miss', 'hit', 'hit'])
    const [miss, , hit] = answers.map(({ response }) => lasting(response))
    expect(hit).toEqual(miss)
    expect(hit?.['vary']).toBe('Origin, accept-encoding')
    const allowed = origin === 'https://shop.example' ? origin : undefined
    expect(hit?.['access-control-allow-origin']).toBe(allowed)
  },
)

it('asks the service once for reads that come together', async () => {
  const plain = gateway.catalog.handler
  let release = () => undefined as unknown
  gateway.catalog.handler = (request, response, seen) => {
    release = () => plain(request, response, seen)
  }
  const reads = Array.from({ length: 10 }, () => read())
  await eventually(() => asked() === 1)
  // The others wait for its answer as soon as they are counted, which another request behind them shows.
  await gateway.get('/v1/orders')
  release()
  expect((await Promise.all(reads)).map(({ body }) => body)).toEqual(Array(10).fill('{"version":1}'))
  expect(asked()).toBe(1)
})

it('lets nobody wait longer than a second for an answer that another waits for', async () => {
  const plain = gateway.catalog.handler
  let release = () => undefined as unknown
  gateway.catalog.handler = (...call) => (release = () => plain(...call))
  const stuck = read()
  await eventually(() => asked() === 1)
  gateway.catalog.handler = plain
  expect((await read()).source).toBe('miss')
  release()
  expect((await stuck).body).toBe('{"version":1}')
  expect(asked()).toBe(2)
})

it('asks once for those who waited where the client that was asked for went away', async () => {
  const plain = gateway.catalog.handler
  gateway.catalog.handler = () => undefined
  const leaving = new AbortController()
  const left = fetch(`${gateway.url}/v1/products/${id}`, { signal: leaving.signal }).catch(() => 'left')
  await eventually(() => asked() === 1)
  const others = Array.from({ length: 5 }, () => read())
  await gateway.get('/v1/orders')
  gateway.catalog.handler = plain
  leaving.abort()
  expect(await left).toBe('left')
  expect((await Promise.all(others)).map(({ body }) => body)).toEqual(Array(5).fill('{"version":1}'))
  expect(asked()).toBe(2)
})

const publish = (event: Parameters<typeof gateway.vhost.publish>[0]) =>
  eventually(() => gateway.vhost.publish(event)) // false until the gateway receives broadcasts

const productChanged = (productId: string) =>
  anEvent(ProductChanged, {
    productId,
    slug: 'mug',
    name: 'Mug',
    status: 'published',
    categoryIds: [],
    variants: [],
  })

/** Whether an answer changes sooner than age alone would change it; tried again where the machine was too slow. */
const changesAtOnce = (event: () => Parameters<typeof publish>[0], look: () => Promise<string>) =>
  eventually(async () => {
    const before = await look()
    version += 1
    const deadline = performance.now() + 800
    await publish(event())
    while (performance.now() < deadline) if ((await look()) !== before) return true
    return false
  })

it('drops a page at the event about its product, and no other page', async () => {
  await changesAtOnce(
    () => productChanged(id),
    async () => (await read()).body,
  )
  await eventually(async () => {
    const { body } = await read()
    version += 1
    await publish(productChanged(randomUUID()))
    const later = await read()
    return later.source === 'hit' && later.body === body
  })
})

const metrics = async () =>
  (await gateway.get('/metrics', { 'x-internal-token': gateway.internalToken })).text()
const metric = async (name: string) =>
  Number(new RegExp(`^storewright_cache_${name} (\\d+)`, 'm').exec(await metrics())?.[1])

it('does not keep an answer that the service began before the event', async () => {
  const plain = gateway.catalog.handler
  let release = () => undefined as unknown
  gateway.catalog.handler = (request, response, seen) => {
    release = () => plain(request, response, seen)
  }
  const before = await metric('drops_total')
  const first = read()
  await eventually(() => asked() === 1)
  await publish(productChanged(id))
  await eventually(async () => (await metric('drops_total')) > before)
  gateway.catalog.handler = plain
  release()
  expect((await first).body).toBe('{"version":1}')
  version = 2
  expect((await read()).body).toBe('{"version":2}')
})

it('drops stock by SKU, of several that were asked for together', async () => {
  gateway.inventory.handler = answerWith({ 'surrogate-key': 'CUP MUG' })
  const movement = { location: 'main', kind: 'receipt', delta: 1, onHand: 5, reason: 'received' }
  await changesAtOnce(
    () => anEvent(StockAdjusted, { sku: 'MUG', ...movement, movementId: randomUUID() }),
    async () => (await read({}, '/v1/stock?skus=cup,mug')).body,
  )
})

const bearer = async (claims: Parameters<typeof gateway.jwks.tokenFor>[0] = {}) => ({
  authorization: `Bearer ${await gateway.jwks.tokenFor(claims)}`,
})

it('serves customers like guests, privately, until their session ends', async () => {
  const [sessionId, userId] = [randomUUID(), randomUUID()]
  const customer = await bearer({ sessionId, userId })
  const first = await read(customer)
  expect(first.source).toBe('miss')
  expect(first.response.headers.get('cache-control')).toBe('private, no-cache')
  const second = await read(customer)
  expect([second.source, second.response.headers.get('cache-control')]).toEqual(['hit', 'private, no-cache'])
  const guest = await read()
  expect([guest.source, guest.response.headers.get('cache-control')]).toEqual(['hit', 'no-cache'])

  const revokedAt = new Date().toISOString()
  await publish(anEvent(SessionRevoked, { sessionId, userId, reason: 'logout', revokedAt }))
  await eventually(async () => (await read(customer)).status === 401)
  const forged = { authorization: `Bearer ${await gateway.jwks.forge.tampered()}` }
  expect((await read(forged)).status).toBe(401)
  expect((await read({ authorization: 'Basic YTpi' })).status).toBe(401)
})

it('asks the service for everybody with a permission, and keeps nothing of that', async () => {
  const staff = await bearer({ roles: ['support'], permissions: ['orders:read'] })
  expect(await sourcesOf(2, staff)).toEqual([undefined, undefined])
  expect(asked()).toBe(2)
  expect((await read()).source).toBe('miss')
  expect((await read(staff)).source).toBeUndefined()
  expect((await read({ 'x-api-key': 'sw_unknown_key' })).status).toBe(401)
})

it.each([
  ['not marked', answerWith({})],
  ['an error', answerWith({ 'surrogate-key': 'x' }, 404)],
  ['with a cookie', answerWith({ 'surrogate-key': 'x', 'set-cookie': 'a=1' })],
  ['not to be stored', answerWith({ 'surrogate-key': 'x', 'cache-control': 'no-store' })],
])('keeps no answer that is %s', async (_what, handler) => {
  gateway.catalog.handler = handler
  expect(await sourcesOf(2)).toEqual([undefined, undefined])
  expect(asked()).toBe(2)
})

it.each(['/v1/orders', '/v1/promotions', '/v1/categories/1/attributes', '/v1/products/1/variants'])(
  'keeps nothing of %s, which is no public read',
  async (path) => {
    for (const service of [gateway.catalog, gateway.order])
      service.handler = answerWith({ 'surrogate-key': id })
    expect((await read({}, path)).source).toBeUndefined()
    expect((await read({}, path)).source).toBeUndefined()
  },
)

it('keeps apart what a service may distinguish, and lets no other header of a client reach it', async () => {
  const path = `/v1/products/${id}`
  for (const [url, encodings] of [
    [path, 'gzip'],
    [path, 'br'],
    [`${path}?currency=EUR`, 'gzip'],
    [`${path}?`, 'gzip'],
    [path.toUpperCase().replace('/V1/PRODUCTS', '/v1/products'), 'gzip'],
  ] as const) {
    await read({ 'accept-encoding': encodings, 'x-forwarded-host': 'evil.example', cookie: 'a=1' }, url)
  }
  expect(asked()).toBe(5)
  expect(Object.keys(gateway.catalog.seen[0]!.headers).sort()).toEqual([
    'accept-encoding',
    'connection',
    'host',
    'x-forwarded-for',
    'x-request-id',
  ])
})

it('passes on an answer that is larger than memory may hold, whole and not kept', async () => {
  const large = 'a'.repeat(20_000)
  strict.catalog.handler = (_request, response) => {
    response.writeHead(200, { 'surrogate-key': id, etag: '"1"' }).write(large)
    response.end(large)
  }
  for (let time = 0; time < 2; time++)
    expect((await read({ 'x-forwarded-for': '192.0.2.4' }, '/v1/products', strict)).body).toBe(large + large)
  expect(strict.catalog.seen).toHaveLength(2)
})

it('reports hits, misses, drops and bytes, and the duration of hits under their route', async () => {
  await sourcesOf(3)
  for (const name of ['hits_total', 'misses_total', 'shared_total', 'drops_total'])
    expect(await metric(name), name).toBeGreaterThan(0)
  for (const name of ['bytes', 'answers']) expect(await metric(name), name).not.toBeNaN()
  expect(await metrics()).toContain('method="HEAD",route="/v1/products/*",status="200"')
})
