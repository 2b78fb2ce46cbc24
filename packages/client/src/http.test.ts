import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openHttp } from './http.ts'

const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

const serve = async (listener: RequestListener) => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const open = (gateways: string[], retryForMs: number, onRetry?: (reason: string) => void) => {
  const http = openHttp({ gateways, retryForMs, ...(onRetry ? { onRetry } : {}) })
  closers.push(() => void http.close())
  return http
}

describe('the HTTP client', () => {
  it('repeats a call after 503 and 429 with the same Idempotency-Key, and returns the answer once time is up', async () => {
    const keys: unknown[] = []
    const answers = [503, 429, 201]
    const gateway = await serve((request, response) => {
      keys.push(request.headers['idempotency-key'])
      response.writeHead(answers.shift() ?? 503, { 'retry-after': '0' }).end('{"ok":true}')
    })
    const reasons: string[] = []
    const http = open([gateway], 5_000, (reason) => reasons.push(reason))

    const answer = await http.send('POST', '/v1/orders', { body: {}, idempotencyKey: 'k1' })
    expect(answer).toMatchObject({ status: 201, body: { ok: true } })
    expect(keys).toEqual(['k1', 'k1', 'k1'])
    expect(reasons).toEqual(['503', '429'])

    expect((await open([gateway], 0).send('GET', '/')).status).toBe(503)
  })

  it('repeats a call whose connection was dropped, and rejects where nothing listens in time', async () => {
    let calls = 0
    const gateway = await serve((request, response) => {
      calls += 1
      if (calls === 1) request.socket.destroy()
      else response.end('{}')
    })
    expect((await open([gateway], 5_000).send('GET', '/')).status).toBe(200)
    await expect(open(['http://127.0.0.1:1'], 100).send('GET', '/')).rejects.toThrow('GET /')
  })

  it('fills in the path and query parameters of an operation', async () => {
    const urls: unknown[] = []
    const gateway = await serve((request, response) => {
      urls.push(request.url)
      response.end('{"items":[]}')
    })
    const http = open([gateway], 0)
    await http.call('GET', '/v1/stock/{sku}', { path: { sku: 'A/B 1' } })
    await http.call('GET', '/v1/products', { query: { q: 'mug & bowl', limit: 5 } })
    await http.call('GET', '/v1/categories')
    expect(urls).toEqual(['/v1/stock/A%2FB%201', '/v1/products?q=mug+%26+bowl&limit=5', '/v1/categories'])
  })

  it('does not repeat a 409 without Retry-After', async () => {
    let calls = 0
    const gateway = await serve((_request, response) => {
      calls += 1
      response.writeHead(409).end('{"status":409}')
    })
    expect((await open([gateway], 5_000).send('GET', '/')).status).toBe(409)
    expect(calls).toBe(1)
  })
})
