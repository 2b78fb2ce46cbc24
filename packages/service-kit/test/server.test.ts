import { connect, inTransaction, IdempotencyMismatch, IdempotencyRunning } from '@storewright/database'
import { currentCorrelation } from '@storewright/messaging/correlation'
import { scratchDatabase } from '@storewright/testing'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { afterEach, describe, expect, it } from 'vitest'
import {
  etagOf,
  type ImportReport,
  newImportReport,
  notFound,
  Problem,
  rejectLine,
  requireMatch,
} from '../src/http.ts'
import { lines, newServer, newShop } from './shop.ts'

const opened: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()))
})

const serverWith = (answer: () => unknown, response?: object) => {
  const app = newServer()
  opened.push(app)
  app.get(
    '/v1/answer',
    { schema: { operationId: 'answer', ...(response ? { response: { 200: response } } : {}) } },
    async () => answer() as never,
  )
  return () => app.inject('/v1/answer')
}

describe('an error', () => {
  it('that nobody expected reveals nothing and is logged', async () => {
    lines.length = 0
    const response = await serverWith(() => {
      throw new Error('select password from users')
    })()
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toContain('password')
    expect(lines.join('')).toContain('select password from users')
  })

  it('that is a problem is rendered with its extra members', async () => {
    const response = await serverWith(() => {
      throw new Problem('conflict', 'Only 2 left.', {
        shortages: [{ sku: 'MUG' }],
        status: 200,
        type: 'x',
      })
    })()
    expect(response.statusCode).toBe(409)
    expect(response.json()).toMatchObject({
      type: 'urn:storewright:problem:conflict',
      status: 409,
      shortages: [{ sku: 'MUG' }],
    })
    expect((await serverWith(() => notFound('cart', 'c1'))()).statusCode).toBe(404)
  })

  it.each([
    [new Problem('too-many-requests', 'Slow down.', { retryAfter: 2.5 }), 429, '3'],
    [new IdempotencyRunning(), 409, '1'],
    [new IdempotencyMismatch(), 422, undefined],
  ])('sends Retry-After: %s', async (error, status, retryAfter) => {
    const response = await serverWith(() => {
      throw error
    })()
    expect(response.statusCode).toBe(status)
    expect(response.headers['retry-after']).toBe(retryAfter)
  })
})

describe('a database', () => {
  it('that is away is a 503 with Retry-After, for reads and for transactions', async () => {
    const gone = connect<unknown>('mysql://nobody@127.0.0.1:9/none')
    for (const work of [
      () => sql`select 1`.execute(gone),
      () => inTransaction(gone, (trx) => sql`select 1`.execute(trx)),
    ]) {
      const response = await serverWith(work)()
      expect(response.statusCode).toBe(503)
      expect(response.headers['retry-after']).toBe('2')
      expect(response.json()).toMatchObject({ type: 'urn:storewright:problem:unavailable' })
    }
    await gone.destroy()
  })

  it('that finds a value too large makes it the request’s fault', async () => {
    const { db, drop } = await scratchDatabase(
      { narrow: { up: (schema) => sql`create table narrow (n tinyint, t varchar(3))`.execute(schema) } },
      { name: 'kit' },
    )
    for (const statement of [
      "insert into narrow values (1000, 'a')",
      "insert into narrow values (1, 'long')",
    ]) {
      const response = await serverWith(() => sql.raw(statement).execute(db))()
      expect(response.statusCode).toBe(400)
      expect(response.body).not.toMatch(/column|narrow/)
    }
    await drop()
  })
})

describe('an answer', () => {
  const Order = Type.Object({
    id: Type.String(),
    placedAt: Type.String(),
    paidAt: Type.Union([Type.String(), Type.Null()]),
    total: Type.Integer(),
  })

  it('is written by its schema: dates as text, and nothing that is not named', async () => {
    const at = new Date('2026-01-31T09:30:00Z')
    const response = await serverWith(
      () => ({ id: '1', placedAt: at, paidAt: at, total: 5, secret: 1 }),
      Order,
    )()
    expect(response.json()).toEqual({
      id: '1',
      placedAt: '2026-01-31T09:30:00.000Z',
      paidAt: '2026-01-31T09:30:00.000Z',
      total: 5,
    })
  })

  it('that is documented as having no content has none', async () => {
    const response = await serverWith(() => null, Type.Null())()
    expect(response.body).toBe('')
    // Or clients would read the nothing that it is as JSON.
    expect(response.headers).not.toHaveProperty('content-type')
  })

  it('that does not fit goes out all the same, is logged, and still keeps secrets', async () => {
    lines.length = 0
    const response = await serverWith(() => ({ id: '1', paidAt: null, total: 'five', secret: 1 }), Order)()
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ id: '1', paidAt: null, total: 'five' })
    expect(lines.join('')).toContain('an answer does not fit its schema')
  })
})

describe('a request id', () => {
  const correlated = () => {
    const app = newServer()
    opened.push(app)
    app.post(
      '/v1/who',
      { schema: { operationId: 'who', body: Type.Object({ a: Type.String() }) } },
      async () => {
        await sleepless()
        return currentCorrelation()
      },
    )
    return (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/v1/who', headers, payload: { a: 'x'.repeat(100_000) } })
  }
  const sleepless = () => new Promise((resolve) => setImmediate(resolve))

  it('is taken over when it is sane, and follows the request', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const response = await correlated()({ 'x-request-id': 'abc-1', traceparent })
    expect(response.headers['x-request-id']).toBe('abc-1')
    expect(response.json()).toEqual({ correlationId: 'abc-1', causationId: 'abc-1', traceparent })
  })

  it.each(['', 'a b', 'x'.repeat(65), 'a\u00e4', 'a;b'])('is made when it is not: %j', async (given) => {
    const response = await correlated()({ 'x-request-id': given, traceparent: 'nonsense' })
    expect(response.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(response.json()).toMatchObject({
      correlationId: response.headers['x-request-id'],
      traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/) as string,
    })
  })
})

describe('health', () => {
  it('is ready when all checks pass, and shows what they resolve to', async () => {
    const app = newServer({ ready: { database: () => Promise.resolve(), broker: () => 'away' } })
    opened.push(app)
    const response = await app.inject('/ready')
    expect(response.statusCode).toBe(200)
    expect(response.json()).toEqual({ status: 'ready', checks: { database: 'ok', broker: 'away' } })
  })

  it('is not ready when one fails or hangs, and is alive all the same', async () => {
    const app = newServer({
      ready: { database: () => Promise.reject(new Error('no')), broker: () => new Promise(() => undefined) },
    })
    opened.push(app)
    const response = await app.inject('/ready')
    expect(response.statusCode).toBe(503)
    expect(response.json()).toEqual({ status: 'not-ready', checks: { database: 'failed', broker: 'failed' } })
    expect((await app.inject('/live')).statusCode).toBe(200)
  })

  it('counts requests by route pattern', async () => {
    const app = newShop()
    opened.push(app)
    await app.inject({ method: 'POST', url: '/v1/carts/secret-cart/items', payload: {} })
    const { body } = await app.inject('/metrics')
    expect(body).toMatch(
      /http_request_duration_seconds_count\{method="POST",route="\/v1\/carts\/:id\/items",status="400"\} \d+/,
    )
    expect(body).toContain('nodejs_eventloop_lag')
    expect(body).not.toContain('secret-cart')
  })
})

describe('versions', () => {
  it.each([
    [undefined, true],
    ['*', true],
    ['"3"', true],
    ['"1", "3"', true],
    ['"2"', false],
    ['W/"3"', false],
    ['3', false],
  ])('If-Match %s', (header, passes) => {
    const request = { headers: header === undefined ? {} : { 'if-match': header } }
    const check = () => requireMatch(request as never, 3)
    if (passes) expect(check).not.toThrow()
    else expect(check).toThrow(Problem)
    expect(etagOf(3)).toBe('"3"')
  })
})

it('a read that succeeds is logged at debug only, a write and an error for everybody', async () => {
  const app = newShop()
  opened.push(app)
  app.get('/v1/mugs', { schema: { operationId: 'listMugs' } }, () => ({ items: [] }))
  app.post('/v1/mugs', { schema: { operationId: 'addMug' } }, () => ({ id: 1 }))
  lines.length = 0
  for (const [method, url] of [
    ['GET', '/v1/mugs'],
    ['POST', '/v1/mugs'],
    ['GET', '/v1/nothing'],
  ] as const)
    await app.inject({ method, url })
  const logged = lines.map((line) => JSON.parse(line) as { level: string; method: string; status: number })
  expect(
    logged.filter(({ status }) => status).map(({ level, method, status }) => [level, method, status]),
  ).toEqual([
    ['debug', 'GET', 200],
    ['info', 'POST', 200],
    ['info', 'GET', 404],
  ])
})

it('an import report lists a thousand rejections and counts all', () => {
  const report: ImportReport = newImportReport()
  for (let line = 2; line < 1_502; line++) rejectLine(report, line, [{ path: 'sku', message: 'is required' }])
  expect(report.rejected).toHaveLength(1_000)
  expect(report.rejectedCount).toBe(1_500)
})

it('finishes what it has begun when it is closed', async () => {
  const app = newServer()
  const begun = Promise.withResolvers<void>()
  const end = Promise.withResolvers<void>()
  app.get('/v1/slow', { schema: { operationId: 'slow' } }, async () => {
    begun.resolve()
    await end.promise
    return { done: true }
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const answer = fetch(`${url}/v1/slow`)
  await begun.promise
  const closing = app.close()
  end.resolve()

  expect(await (await answer).json()).toEqual({ done: true })
  await closing
  await expect(fetch(`${url}/live`)).rejects.toThrow()
})
