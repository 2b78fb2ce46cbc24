import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { newId } from '@storewright/database'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWK } from 'jose'

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

interface Key {
  kid: string
  alg: 'EdDSA' | 'ES256'
  privateKey: CryptoKey
  publicKey: CryptoKey
  jwk: JWK
}

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
  'analytics:read',
  'events:read',
  'webhooks:write',
  'notifications:read',
]

const newKey = async (alg: Key['alg']): Promise<Key> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const kid = newId()
  return { kid, alg, privateKey, publicKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

const claimsOf = (token: TokenFor) => {
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

const sign = (token: TokenFor, key: Key, kid = key.kid) =>
  new SignJWT(claimsOf(token)).setProtectedHeader({ alg: key.alg, kid }).sign(key.privateKey)

/** A stand-in for the user service's keys: really served, and tokens really signed with them. */
export const startJwks = async () => {
  let keys = [await newKey('EdDSA'), await newKey('ES256')]
  let requests = 0
  let down = false
  const server = createServer((_request, response) => {
    requests += 1
    if (down) response.writeHead(500).end()
    else
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const keyFor = (alg: Key['alg']) => {
    const key = keys.find((candidate) => candidate.alg === alg)
    if (!key) throw new Error(`no key for ${alg}`)
    return key
  }

  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    issuer: ISSUER,
    audience: AUDIENCE,
    /** How often the keys were asked for. */
    get requests() {
      return requests
    },
    /** A good token. */
    tokenFor: (token: TokenFor = {}, alg: Key['alg'] = 'EdDSA') => sign(token, keyFor(alg)),
    adminToken: (token: TokenFor = {}) =>
      sign({ roles: ['admin'], permissions: ADMIN_PERMISSIONS, ...token }, keyFor('EdDSA')),
    /** New keys beside (or, with `forget`, instead of) the old ones. */
    rotate: async ({ forget = false } = {}) => {
      keys = [await newKey('EdDSA'), await newKey('ES256'), ...(forget ? [] : keys)]
    },
    setDown: (isDown: boolean) => {
      down = isDown
    },
    forge: {
      expired: (token: TokenFor = {}) =>
        sign({ ...token, issuedIn: -3_600, expiresIn: -60 }, keyFor('EdDSA')),
      notYet: (token: TokenFor = {}) => sign({ ...token, notBeforeIn: 600 }, keyFor('EdDSA')),
      fromTheFuture: (token: TokenFor = {}) =>
        sign({ ...token, issuedIn: 600, expiresIn: 1_200 }, keyFor('EdDSA')),
      unsigned: (token: TokenFor = {}) => new UnsecuredJWT(claimsOf(token)).encode(),
      /** Signed symmetrically, with what everybody knows. */
      publicKeyAsSecret: async (token: TokenFor = {}) => {
        const { kid, publicKey } = keyFor('ES256')
        const secret = new TextEncoder().encode(await exportSPKI(publicKey))
        return new SignJWT(claimsOf(token)).setProtectedHeader({ alg: 'HS256', kid }).sign(secret)
      },
      /** A key of the forger's own under the id of ours. */
      foreignKey: async (token: TokenFor = {}) => sign(token, await newKey('EdDSA'), keyFor('EdDSA').kid),
      unknownKeyId: (token: TokenFor = {}) => sign(token, keyFor('EdDSA'), newId()),
      tampered: async (token: TokenFor = {}) => {
        const [header, , signature] = (await sign(token, keyFor('EdDSA'))).split('.')
        const payload = Buffer.from(JSON.stringify({ ...claimsOf(token), roles: ['admin'] })).toString(
          'base64url',
        )
        return [header, payload, signature].join('.')
      },
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}

export type Jwks = Awaited<ReturnType<typeof startJwks>>
