import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig } from '@storewright/service-kit/run'
import { eventually, scratchDatabase, scratchVhost } from '@storewright/testing'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import type { Database } from '../src/database.ts'
import { createKeyRing } from '../src/keys/key-ring.ts'
import { userMigrations } from '../src/migrations.ts'

export interface Answer<Body = Record<string, unknown>> {
  status: number
  headers: Headers
  body: Body
}

export interface Tokens {
  accessToken: string
  refreshToken: string
  tokenType: string
  expiresIn: number
}
export interface SignedIn {
  user: {
    id: string
    email: string
    emailVerified: boolean
    pendingEmail: string | null
    name: string | null
    roles: string[]
    status: string
    version: number
  }
  tokens: Tokens
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** Where a request comes from, as the gateway tells it. */
export interface From {
  address?: string
  device?: string
}
const originHeaders = ({ address, device }: From) => ({
  ...(address === undefined ? {} : { 'x-forwarded-for': address }),
  ...(device === undefined ? {} : { 'user-agent': device }),
})

export const PASSWORD = 'correct horse battery'
let people = 0
/** An address nobody has used yet in this file. */
export const newEmail = () => `person${(people += 1)}@example.com`

interface RequestParts {
  body?: unknown
  token?: string | undefined
  from?: From | undefined
  headers?: Record<string, string>
}

/** The whole service on a schema and a virtual host of its own; `replica()` starts another one on the same. */
export const startUser = async (env: Record<string, string> = {}) => {
  const [database, vhost] = await Promise.all([
    scratchDatabase<Database>(await userMigrations(), { name: 'user' }),
    scratchVhost(),
  ])
  const stops: (() => Promise<unknown>)[] = []

  const replica = async (more: Record<string, string> = {}) => {
    const port = await freePort()
    const config = loadConfig(Config, {
      DATABASE_URL: database.url,
      AMQP_URL: vhost.url,
      PORT: String(port),
      JWKS_URL: `http://127.0.0.1:${port}/.well-known/jwks.json`,
      BCRYPT_COST: '4',
      ...env,
      ...more,
    })
    const logger = createLogger({ name: 'user', level: 'fatal' })
    const broker = connectBroker({ url: config.AMQP_URL, name: 'user', logger })
    stops.push(() => broker.stop())
    const app = buildApp({ db: database.db, broker, config, logger })
    const steps = [app.relay, ...app.workers]
    stops.push(async () => {
      await app.server.close()
      for (const step of steps) await step.stop?.()
    })
    for (const step of steps) await step.start?.()
    await app.server.listen({ port, host: '127.0.0.1' })
    const url = `http://127.0.0.1:${port}`
    // A busy machine makes the server shed load at first.
    await eventually(async () => (await fetch(`${url}/.well-known/jwks.json`)).status !== 503)
    return url
  }
  const url = await replica()

  const send = async <Body>(path: string, init: RequestInit, base = url): Promise<Answer<Body>> => {
    const response = await fetch(base + path, init)
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? {} : JSON.parse(text)) as Body,
    }
  }
  const bearer = (token?: string) => (token === undefined ? {} : { authorization: `Bearer ${token}` })
  const get = <Body = Record<string, unknown>>(path: string, token?: string, base?: string) =>
    send<Body>(path, { headers: bearer(token) }, base)
  const request = <Body = Record<string, unknown>>(
    method: string,
    path: string,
    { body, token, from = {}, headers }: RequestParts = {},
  ) =>
    send<Body>(path, {
      method,
      headers: {
        ...bearer(token),
        ...originHeaders(from),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const post = <Body = Record<string, unknown>>(path: string, body?: unknown, token?: string, from?: From) =>
    request<Body>('POST', path, { body, token, from })

  return {
    url,
    db: database.db,
    /** What a replica that started now would sign with. */
    signingKey: async () => {
      const logger = createLogger({ name: 'user', level: 'fatal' })
      const ring = createKeyRing(database.db, { signingKey: undefined, logger })
      await ring.open()
      return ring.current()
    },
    vhost,
    replica,
    send,
    get,
    request,
    post,
    register: (email = newEmail(), password = PASSWORD, from?: From) =>
      post<SignedIn>('/v1/auth/register', { email, password }, undefined, from),
    logIn: (email: string, password = PASSWORD, from?: From) =>
      post<SignedIn>('/v1/auth/login', { email, password }, undefined, from),
    refresh: (refreshToken: string, from?: From) =>
      post<{ tokens: Tokens }>('/v1/auth/refresh', { refreshToken }, undefined, from),
    stop: async () => {
      for (const stop of stops.reverse()) await stop()
      await database.drop()
      await vhost.drop()
    },
  }
}

export type UserService = Awaited<ReturnType<typeof startUser>>
