import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { connect as connectDatabase } from '@storewright/database'
import { createLogger } from '@storewright/service-kit/run'
import { createServiceHarness } from '@storewright/testing/service'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { allMigrations } from '../src/database.ts'

interface Seen {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}
type Handler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => unknown

const echo: Handler = (_request, response, { method, url, body }) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ method, url, body }))

const NO_REVOCATIONS = JSON.stringify({ tokenTtlSeconds: 900, sessions: [], apiKeys: [], roles: [] })

/** A stub of a service, on loopback. It reads each request whole, records it and answers; `raw` does not read. */
export const startUpstream = async (handler: Handler = echo, { raw = false } = {}) => {
  const seen: Seen[] = []
  const upstream = { url: '', seen, handler, stop: () => Promise.resolve() }
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    // The gateway's own request, at any time: not one that tests count.
    if (url === '/internal/revocations') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(NO_REVOCATIONS)
      return
    }
    const note = { method, url, headers, body: '' }
    seen.push(note)
    if (raw) return void upstream.handler(request, response, note)
    request.setEncoding('utf8').on('data', (chunk: string) => (note.body += chunk))
    request.on('end', () => void upstream.handler(request, response, note))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  upstream.stop = () =>
    new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections())
  return upstream
}
export type Upstream = Awaited<ReturnType<typeof startUpstream>>

/** A URL that refuses connections. */
export const unreachableUrl = async () => {
  const upstream = await startUpstream()
  await upstream.stop()
  return upstream.url
}

const NAMES = ['USER_URL', 'CATALOG_URL', 'INVENTORY_URL', 'ORDER_URL'] as const

/** The gateway before four stub services, on a port; `DATABASE_URL` names a schema that it shares with others. */
export const startGateway = async (env: Record<string, string> = {}) => {
  const services = await Promise.all(NAMES.map(() => startUpstream()))
  const [user, catalog, inventory, order] = services as [Upstream, Upstream, Upstream, Upstream]
  const urls = Object.fromEntries(NAMES.map((name, index) => [name, services[index]!.url]))
  const sharedUrl = env['DATABASE_URL']
  const sharedDb = sharedUrl === undefined ? undefined : connectDatabase<Database>(sharedUrl, { poolSize: 4 })
  const harness = await createServiceHarness<Database, typeof Config, Awaited<ReturnType<typeof buildApp>>>({
    name: 'gateway',
    Config,
    migrations: allMigrations,
    env: { ...urls, RATE_LIMIT_PER_MINUTE: '100000', AUTH_RATE_LIMIT_PER_MINUTE: '100000', ...env },
    parts: ['workers', 'broadcasts'],
    poolSize: 4,
    buildApp: (resources) => buildApp({ ...resources, db: sharedDb ?? resources.db }),
  })
  let log = ''
  const logger = createLogger({ name: 'gateway' }, { write: (line) => void (log += line) })
  const { server, stopServer } = await harness.startReplica({ logger })
  const url = await server.listen({ port: 0, host: '127.0.0.1' })

  return {
    ...harness,
    url,
    port: Number(new URL(url).port),
    user,
    catalog,
    inventory,
    order,
    services,
    server,
    stopServer,
    log: () => log,
    get: (path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers }),
    /** Sends the path as it is, without the clean-up of fetch. */
    getRaw: (path: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number; body: string }>((resolve, reject) => {
        const sent = httpRequest(
          { host: '127.0.0.1', port: new URL(url).port, path, headers },
          (response) => {
            let body = ''
            response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
            response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
          },
        )
        sent.on('error', reject).end()
      }),
    /** Writes bytes to a socket and returns everything received until it was closed. */
    talk: (text: string) =>
      new Promise<string>((resolve, reject) => {
        let answer = ''
        const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text))
        socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
        socket.on('error', reject).on('close', () => resolve(answer))
      }),
    stop: async () => {
      await harness.stop()
      await sharedDb?.destroy()
      await Promise.all(services.map((service) => service.stop()))
    },
  }
}
export type Gateway = Awaited<ReturnType<typeof startGateway>>

type Settings = Record<string, string>

/** The gateway for the tests of a file; each test begins with services that have seen nothing. */
export const setUpGateway = (env: Settings | (() => Promise<Settings>) = {}): Gateway => {
  const gateway = {} as Gateway
  beforeAll(async () => {
    Object.assign(gateway, await startGateway(typeof env === 'function' ? await env() : env))
  })
  beforeEach(() => {
    for (const { seen } of gateway.services) seen.length = 0
  })
  afterAll(() => gateway.stop())
  return gateway
}
