import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { createLogger } from '@storewright/service-kit/run'
import { eventually } from '@storewright/testing'
import { createServiceHarness } from '@storewright/testing/service'
import { afterAll, beforeAll } from 'vitest'
import { buildApp } from '../src/app.ts'
import { Config } from '../src/config.ts'
import { createKeyRing } from '../src/keys/key-ring.ts'
import { allMigrations } from '../src/database.ts'

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
export interface ProblemBody {
  type: string
  detail: string
}
export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const probe = createTcpServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })

/** The origin of a request, as the gateway passes it on. */
export interface From {
  address?: string
  device?: string
}
const originHeaders = ({ address, device }: From) => ({
  ...(address === undefined ? {} : { 'x-forwarded-for': address }),
  ...(device === undefined ? {} : { 'user-agent': device }),
})

export const PASSWORD = 'correct horse battery'
export const NEXT_PASSWORD = 'another horse entirely'
export const ORIGIN = { address: '198.51.100.1', device: null }
let people = 0
/** An address that is unused in this file. */
export const newEmail = () => `person${(people += 1)}@example.com`

interface RequestParts {
  body?: unknown
  token?: string | undefined
  from?: From | undefined
  headers?: Record<string, string>
  /** The replica's URL; the first one's where it is left out. */
  base?: string | undefined
}

/** The whole service on a schema and a virtual host of its own; `replica()` starts another one on the same. */
const startUser = async (env: Record<string, string> = {}) => {
  const harness = await createServiceHarness({
    name: 'user',
    Config,
    migrations: allMigrations,
    buildApp,
    env: { BCRYPT_COST: '4', ...env },
    parts: ['relay', 'workers', 'consumers', 'broadcasts', 'revocations'],
  })
  const replica = async (more: Record<string, string> = {}) => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const jwksUrl = `${url}/.well-known/jwks.json`
    const { server } = await harness.startReplica({ env: { JWKS_URL: jwksUrl, ...more } })
    await server.listen({ port, host: '127.0.0.1' })
    // A busy machine makes the server shed load at first.
    await eventually(async () => (await fetch(jwksUrl)).status !== 503)
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
  const request = <Body = Record<string, unknown>>(
    method: string,
    path: string,
    { body, token, from = {}, headers, base }: RequestParts = {},
  ) =>
    send<Body>(
      path,
      {
        method,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...originHeaders(from),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      base,
    )
  const get = <Body = Record<string, unknown>>(path: string, token?: string, base?: string) =>
    request<Body>('GET', path, { token, base })
  const post = <Body = Record<string, unknown>>(path: string, body?: unknown, token?: string, from?: From) =>
    request<Body>('POST', path, { body, token, from })
  const register = (email = newEmail(), password = PASSWORD, from?: From) =>
    post<SignedIn>('/v1/auth/register', { email, password }, undefined, from)

  return {
    ...harness,
    url,
    /** What a replica that started now would sign with. */
    signingKey: async () => {
      const logger = createLogger({ name: 'user', level: 'fatal' })
      const ring = createKeyRing(harness.db, { signingKey: undefined, logger })
      await ring.open()
      return ring.current()
    },
    replica,
    send,
    get,
    request,
    post,
    /** All items of a list, read two at a time. */
    listAll: async <Item>(path: string, token: string) => {
      const items: Item[] = []
      const query = `${path}${path.includes('?') ? '&' : '?'}limit=2`
      let cursor: string | null = ''
      while (cursor !== null) {
        const { body }: Answer<Page<Item>> = await get(
          cursor === '' ? query : `${query}&cursor=${cursor}`,
          token,
        )
        items.push(...body.items)
        cursor = body.nextCursor
      }
      return items
    },
    register,
    /** A new customer, logged in. */
    newcomer: async (email = newEmail()) => {
      const { body } = await register(email)
      const { user, tokens } = body
      return { ...body, id: user.id, email, token: tokens.accessToken, refreshToken: tokens.refreshToken }
    },
    logIn: (email: string, password = PASSWORD, from?: From, base?: string) =>
      request<SignedIn>('POST', '/v1/auth/login', { body: { email, password }, from, base }),
    refresh: (refreshToken: string, from?: From, base?: string) =>
      request<{ tokens: Tokens }>('POST', '/v1/auth/refresh', { body: { refreshToken }, from, base }),
    /** The account's timeline as stored, the oldest entry first. */
    activityOf: async (userId: string) =>
      harness.db.selectFrom('activity').selectAll().where('user_id', '=', userId).orderBy('id').execute(),
  }
}

export type UserService = Awaited<ReturnType<typeof startUser>>

/** Opens something before the tests of a file; its members are there once they run. */
export const opened = <T extends object>(open: () => Promise<T> | T): T => {
  const it = {} as T
  beforeAll(async () => {
    Object.assign(it, await open())
  })
  return it
}

/** The service for the tests of a file. */
export const setUpUser = (env?: Record<string, string>): UserService => {
  const user = opened(() => startUser(env))
  afterAll(() => user.stop())
  return user
}
