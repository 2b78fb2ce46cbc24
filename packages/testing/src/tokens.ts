import {
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  sign as signBytes,
  verify as verifyBytes,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newId } from '@storewright/database'

export interface TokenFor {
  userId?: string
  sessionId?: string
  roles?: string[]
  permissions?: string[]
  /** Seconds from now; negative is the past. */
  issuedIn?: number
  notBeforeIn?: number
  expiresIn?: number
  issuer?: string
  audience?: string
  /** Claims that replace the usual ones; undefined takes one away. */
  claims?: Record<string, unknown>
}

export interface TokenKey {
  kid: string
  alg: 'EdDSA' | 'ES256'
  privateKey: KeyObject
  publicKey: KeyObject
}

export type PublishedKey = JsonWebKey & { kid: string; alg: string }

export const ISSUER = 'storewright'
export const AUDIENCE = 'storewright'

/** All that an administrator may do; the user service's table of roles is held against it. */
export const ADMIN_PERMISSIONS = [
  'catalog:write',
  'promotions:write',
  'stock:read',
  'stock:write',
  'orders:read',
  'orders:write',
  'support',
  'users:read',
  'users:write',
  'api-keys:write',
  'settings:write',
  'analytics:read',
  'events:read',
  'webhooks:write',
  'notifications:read',
]

export const newTokenKey = (alg: TokenKey['alg']): TokenKey => ({
  kid: newId(),
  alg,
  ...(alg === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })),
})

export const publishedKey = ({ kid, alg, publicKey }: TokenKey): PublishedKey => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
})

const encode = (part: unknown) =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')

type SigningSecret = Pick<TokenKey, 'privateKey'> | { secret: string } | 'none'

const signatureOf = (input: string, key: SigningSecret) => {
  if (key === 'none') return Buffer.alloc(0)
  if ('secret' in key) return createHmac('sha256', key.secret).update(input).digest()
  const { privateKey } = key
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  return signBytes(digest, Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
}

/** Signs any header and any claims (text as it is) by `node:crypto` alone, so that no library checks its own work. */
export const signToken = (header: object, claims: unknown, key: SigningSecret) => {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${signatureOf(input, key).toString('base64url')}`
}

export const decodeToken = (token: string) => {
  const [header, payload] = token
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>)
  return {
    header: header as { alg: string; kid?: string },
    payload: payload as Record<string, unknown> & { iat: number; exp: number; sub: string; sid: string },
  }
}

export const verifyToken = (token: string, keys: readonly PublishedKey[]) => {
  const { header, payload } = decodeToken(token)
  const jwk = keys.find(({ kid }) => kid === header.kid)
  if (jwk?.alg !== header.alg) throw new Error('no key has signed this token')
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const [input, signature] = [token.slice(0, token.lastIndexOf('.')), token.split('.')[2] ?? '']
  const digest = jwk.alg === 'EdDSA' ? null : 'sha256'
  const good = verifyBytes(
    digest,
    Buffer.from(input),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  if (!good) throw new Error('the signature of the token is wrong')
  return { header, payload }
}

export const claimsOf = (token: TokenFor = {}) => {
  const now = Math.floor(Date.now() / 1_000)
  const usual: Record<string, unknown> = {
    iss: token.issuer ?? ISSUER,
    aud: token.audience ?? AUDIENCE,
    sub: token.userId ?? newId(),
    sid: token.sessionId ?? newId(),
    roles: token.roles ?? ['customer'],
    permissions: token.permissions ?? [],
    iat: now + (token.issuedIn ?? 0),
    exp: now + (token.expiresIn ?? 900),
    ...(token.notBeforeIn === undefined ? {} : { nbf: now + token.notBeforeIn }),
    ...token.claims,
  }
  return Object.fromEntries(Object.entries(usual).filter(([, value]) => value !== undefined))
}

const sign = (token: TokenFor, key: TokenKey, kid = key.kid) =>
  signToken({ alg: key.alg, kid, typ: 'JWT' }, claimsOf(token), key)

/** A stub of the user service's key set: served over HTTP, and tokens signed with its keys. */
export const startJwks = async () => {
  let keys = [newTokenKey('EdDSA'), newTokenKey('ES256')]
  let published: object[] = keys.map(publishedKey)
  let requests = 0
  let down = false
  const server = createServer((_request, response) => {
    requests += 1
    if (down) response.writeHead(500).end()
    else
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const keyFor = (alg: TokenKey['alg']) => {
    const key = keys.find((candidate) => candidate.alg === alg)
    if (!key) throw new Error(`no key for ${alg}`)
    return key
  }

  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    issuer: ISSUER,
    audience: AUDIENCE,
    get requests() {
      return requests
    },
    keyFor,
    tokenFor: async (token: TokenFor = {}, alg: TokenKey['alg'] = 'EdDSA') => sign(token, keyFor(alg)),
    adminToken: async (token: TokenFor = {}) =>
      sign({ roles: ['admin'], permissions: ADMIN_PERMISSIONS, ...token }, keyFor('EdDSA')),
    /** New keys beside (or, with `forget`, instead of) the old ones. */
    rotate: async ({ forget = false } = {}) => {
      keys = [newTokenKey('EdDSA'), newTokenKey('ES256'), ...(forget ? [] : keys)]
      published = keys.map(publishedKey)
    },
    /** Serves these keys instead, until the next rotation. */
    publish: (jwks: object[]) => {
      published = jwks
    },
    setDown: (isDown: boolean) => {
      down = isDown
    },
    forge: {
      expired: async (token: TokenFor = {}) =>
        sign({ ...token, issuedIn: -3_600, expiresIn: -60 }, keyFor('EdDSA')),
      notYet: async (token: TokenFor = {}) => sign({ ...token, notBeforeIn: 600 }, keyFor('EdDSA')),
      fromTheFuture: async (token: TokenFor = {}) =>
        sign({ ...token, issuedIn: 600, expiresIn: 1_200 }, keyFor('EdDSA')),
      unsigned: (token: TokenFor = {}) => signToken({ alg: 'none' }, claimsOf(token), 'none'),
      /** Signed symmetrically, with what everybody knows. */
      publicKeyAsSecret: async (token: TokenFor = {}) => {
        const { kid, publicKey } = keyFor('ES256')
        const secret = publicKey.export({ type: 'spki', format: 'pem' }).toString()
        return signToken({ alg: 'HS256', kid }, claimsOf(token), { secret })
      },
      /** A key of the forger's own under the id of ours. */
      foreignKey: async (token: TokenFor = {}) => sign(token, newTokenKey('EdDSA'), keyFor('EdDSA').kid),
      unknownKeyId: async (token: TokenFor = {}) => sign(token, keyFor('EdDSA'), newId()),
      tampered: async (token: TokenFor = {}) => {
        const [header, , signature] = sign(token, keyFor('EdDSA')).split('.')
        return [header, encode({ ...claimsOf(token), roles: ['admin'] }), signature].join('.')
      },
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

export type Jwks = Awaited<ReturnType<typeof startJwks>>
