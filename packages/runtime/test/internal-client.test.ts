import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { createInternalClient, InternalCallFailed, replicaUrls } from '../src/internal-client.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

const answer =
  (status: number, body: unknown): Handler =>
  (_request, response) =>
    response.writeHead(status).end(JSON.stringify(body))

/** A replica on loopback that counts its requests. */
const startReplica = async (handler: Handler) => {
  const replica = { url: '', requests: 0, handler, headers: {} as IncomingMessage['headers'], body: '' }
  const server = createServer((request, response) => {
    replica.requests += 1
    replica.headers = request.headers
    replica.body = ''
    request.setEncoding('utf8').on('data', (text: string) => (replica.body += text))
    request.on('end', () => replica.handler(request, response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stops.push(() => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()))
  replica.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return replica
}

const newClient = (urls: string[], options: Partial<Parameters<typeof createInternalClient>[0]> = {}) => {
  const client = createInternalClient({
    service: 'stock',
    urls: urls.join(' , '),
    token: 'secret',
    timeoutMs: 500,
    ...options,
  })
  stops.push(() => client.close())
  return client
}

const okOnly = (status: number, body: unknown) => (status === 200 ? (body as { from: string }) : undefined)
const NOWHERE = 'http://127.0.0.1:9'

it('sends the internal token and the id of its cause, and returns what is accepted', async () => {
  const replica = await startReplica(answer(200, { from: 'a' }))
  const client = newClient([`${replica.url}/`], { requestId: () => 'cause-1' })
  expect(await client.call({ path: '/internal/stock?skus=A', accept: okOnly })).toEqual({ from: 'a' })
  expect(replica.headers).toMatchObject({ 'x-internal-token': 'secret', 'x-request-id': 'cause-1' })

  const echo = await client.call({ method: 'POST', path: '/internal/x', body: { key: 'k' }, accept: okOnly })
  expect(echo).toEqual({ from: 'a' })
  expect(replica.headers['content-type']).toBe('application/json')
  expect(replica.body).toBe('{"key":"k"}')
})

it('lets replicas take turns, and calls those that gave no answer last', async () => {
  let now = 0
  const [a, b] = [
    await startReplica(answer(200, { from: 'a' })),
    await startReplica(answer(200, { from: 'b' })),
  ]
  const client = newClient([a.url, NOWHERE, b.url], { clock: () => now })
  const from = async () => (await client.call({ path: '/', accept: okOnly })).from
  expect(await from()).toBe('a')
  expect(await from()).toBe('b') // nobody listens at the second one
  expect([await from(), await from(), await from()]).toEqual(['b', 'a', 'b']) // the second one is not tried
  now = 2_000
  b.handler = answer(500, {})
  expect(await from()).toBe('a')
})

it('takes a read to the next replica after a time-out, an error or an unexpected answer', async () => {
  const hanging = await startReplica(() => undefined)
  const good = await startReplica(answer(200, { from: 'good' }))
  const client = newClient([hanging.url, good.url], { timeoutMs: 100 })
  expect(await client.call({ path: '/', accept: okOnly })).toEqual({ from: 'good' })

  const odd = await startReplica((_request, response) => response.writeHead(200).end('<html>'))
  const strict = newClient([odd.url, good.url])
  const accept = (status: number, body: unknown) =>
    status === 200 && body !== undefined ? (body as { from: string }) : undefined
  expect(await strict.call({ path: '/', accept })).toEqual({ from: 'good' })
})

it('calls each replica once at most and then rejects with the service and the reason', async () => {
  const broken = await startReplica(answer(500, {}))
  const client = newClient([broken.url])
  const failure = await client.call({ path: '/', accept: okOnly }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(InternalCallFailed)
  expect((failure as Error).message).toBe('stock answered 500 where another answer was expected')
  expect(broken.requests).toBe(1)
  await expect(newClient([NOWHERE, NOWHERE]).call({ path: '/', accept: okOnly })).rejects.toThrow(
    'stock does not answer',
  )
})

it('repeats a write only where the caller allows it', async () => {
  const hanging = await startReplica(() => undefined)
  const good = await startReplica(answer(200, { from: 'good' }))
  const call = { method: 'POST', path: '/', body: {}, accept: okOnly } as const
  const once = newClient([hanging.url, good.url], { timeoutMs: 100 })
  await expect(once.call(call)).rejects.toThrow('does not answer')
  expect(good.requests).toBe(0)
  const again = newClient([hanging.url, good.url], { timeoutMs: 100 })
  expect(await again.call({ ...call, repeatable: true })).toEqual({ from: 'good' })
})

it('accepts a refusal as a result where the caller knows it', async () => {
  const refusing = await startReplica(answer(401, {}))
  const accept = (status: number) => (status === 401 ? null : undefined)
  expect(await newClient([refusing.url]).call({ path: '/', accept })).toBeNull()
})

it('keeps a replica that answers with an error in turn, since other paths may work there', async () => {
  const odd = await startReplica(answer(500, {}))
  const good = await startReplica(answer(200, { from: 'good' }))
  const client = newClient([odd.url, good.url])
  for (let times = 0; times < 4; times++) await client.call({ path: '/', accept: okOnly })
  expect(odd.requests).toBe(2)
})

it('rejects at once for a moment after a call that failed everywhere, and then calls again', async () => {
  let now = 0
  const replica = await startReplica(answer(500, {}))
  const client = newClient([replica.url], { restMs: 1_000, clock: () => now })
  await expect(client.call({ path: '/', accept: okOnly })).rejects.toThrow('answered 500')
  now = 999
  await expect(client.call({ path: '/', accept: okOnly })).rejects.toThrow('not called for a moment')
  expect(replica.requests).toBe(1)
  now = 1_000
  replica.handler = answer(200, { from: 'back' })
  expect(await client.call({ path: '/', accept: okOnly })).toEqual({ from: 'back' })
})

it('gives up a body that does not end in time', async () => {
  const endless = await startReplica((_request, response) => response.writeHead(200).write('{"from":'))
  await expect(
    newClient([endless.url], { timeoutMs: 100 }).call({ path: '/', accept: okOnly }),
  ).rejects.toThrow('does not answer')
})

it('reads the base URLs of replicas from a setting', () => {
  expect(replicaUrls(' http://a:1/ ,http://b:2,, ')).toEqual(['http://a:1', 'http://b:2'])
  expect(replicaUrls('')).toEqual([])
})
