import { createHmac, randomUUID } from 'node:crypto'
import { bad, byAda, LONG, type Case, type Fixtures } from './fixtures.ts'

const SECRET = 'a long enough secret'
const fresh = () => `new-${randomUUID()}@example.com`

const register = (what: string, body: Record<string, unknown>, status: number, field?: string) =>
  bad(`registering with ${what}`, 'POST', '/v1/auth/register', status, field, { body })

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
const partsOf = (token: string) => token.split('.') as [string, string, string]
const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(partsOf(token)[1], 'base64url').toString()) as Record<string, unknown>
const headerOf = (token: string) =>
  JSON.parse(Buffer.from(partsOf(token)[0], 'base64url').toString()) as Record<string, unknown>

/** Tokens that a thief would try, made of a good one. */
const forgeries: [what: string, forge: (good: string) => string][] = [
  ['alg none', (good) => `${encode({ ...headerOf(good), alg: 'none' })}.${partsOf(good)[1]}.`],
  [
    'more rights and the old signature',
    (good) => {
      const [header, , signature] = partsOf(good)
      return `${header}.${encode({ ...claimsOf(good), roles: ['admin'], permissions: ['orders:read'] })}.${signature}`
    },
  ],
  [
    'a symmetric signature made with something public',
    (good) => {
      const head = `${encode({ ...headerOf(good), alg: 'HS256' })}.${partsOf(good)[1]}`
      return `${head}.${createHmac('sha256', String(headerOf(good)['kid']))
        .update(head)
        .digest('base64url')}`
    },
  ],
  [
    'an unknown key',
    (good) => `${encode({ ...headerOf(good), kid: 'nobody' })}.${partsOf(good).slice(1).join('.')}`,
  ],
  ['half of it missing', (good) => good.slice(0, good.length / 2)],
  ['noise', () => 'not.a.token'],
]

export const identityCases: Case[] = [
  register('nothing', {}, 400, 'email'),
  register('no password', { email: fresh() }, 400, 'password'),
  register('an e-mail that is a number', { email: 7, password: SECRET }, 400, 'email'),
  register('an e-mail that is none', { email: 'nobody', password: SECRET }, 400, 'email'),
  register('an over-long e-mail', { email: `${LONG}@example.com`, password: SECRET }, 400, 'email'),
  register('a short password', { email: fresh(), password: 'short' }, 400, 'password'),
  register('a password of 73 bytes', { email: fresh(), password: 'ä'.repeat(37) }, 422, 'password'),
  register('an over-long password', { email: fresh(), password: LONG }, 400, 'password'),
  register('a role of its own choice', { email: fresh(), password: SECRET, roles: ['admin'] }, 400, 'roles'),
  bad('registering a taken e-mail', 'POST', '/v1/auth/register', 409, 'email', ({ ada }) => ({
    body: { email: ada.login.email.toUpperCase(), password: SECRET },
  })),
  bad('logging in with a wrong password', 'POST', '/v1/auth/login', 401, undefined, ({ bob }) => ({
    body: { email: bob.login.email, password: 'another secret' },
  })),
  bad('logging in as nobody', 'POST', '/v1/auth/login', 401, undefined, {
    body: { email: fresh(), password: SECRET },
  }),
  bad('refreshing with noise', 'POST', '/v1/auth/refresh', 401, undefined, {
    body: { refreshToken: 'noise' },
  }),
  bad('refreshing with nothing', 'POST', '/v1/auth/refresh', 400, 'refreshToken', { body: {} }),
  bad('no token', 'GET', '/v1/me', 401),
  bad('another scheme', 'GET', '/v1/me', 401, undefined, { headers: { authorization: 'Basic YTpi' } }),
  ...forgeries.flatMap(([what, forge]) =>
    // Also where no token is asked for: a bad one is never just ignored.
    ['/v1/me', '/v1/products', '/v1/stock/ANY'].map((path) =>
      bad(`a token with ${what} at ${path}`, 'GET', path, 401, undefined, ({ ada }: Fixtures) => ({
        token: forge(ada.tokens.accessToken),
      })),
    ),
  ),
  bad(
    'a customer who adds products',
    'POST',
    '/v1/products',
    403,
    undefined,
    byAda({ body: { name: 'Mine' } }),
  ),
  bad('nobody who adds products', 'POST', '/v1/products', 401, undefined, { body: { name: 'Mine' } }),
  bad(
    'a customer who moves stock',
    'POST',
    '/v1/stock/ANY/adjustments',
    403,
    undefined,
    byAda({ idempotencyKey: randomUUID(), body: { delta: 5, reason: 'mine' } }),
  ),
  bad(
    'a customer who ships',
    'POST',
    ({ order }) => `/v1/orders/${order.id}/shipments`,
    403,
    undefined,
    byAda({ idempotencyKey: randomUUID(), body: { carrier: 'me', trackingNumber: '1' } }),
  ),
]
