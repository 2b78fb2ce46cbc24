import { generateKeyPairSync } from 'node:crypto'
import {
  claimsOf,
  newTokenKey,
  publishedKey,
  signToken,
  startJwks,
  type TokenFor,
} from '@storewright/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { requireUser } from '../src/auth.ts'
import { newServer } from './shop.ts'

const jwks = await startJwks()
const app = newServer({ auth: jwks })
app.get('/v1/me', { onRequest: requireUser, schema: { operationId: 'me' } }, async ({ auth }) => ({ auth }))
afterAll(async () => {
  await app.close()
  await jwks.stop()
})

const statusOf = async (token: string) =>
  (await app.inject({ url: '/v1/me', headers: { authorization: `Bearer ${token}` } })).statusCode

/** A token with this header beside the key's own, signed with a published key. */
const signed = (header: object = {}, claims: unknown = claimsOf(), alg: 'EdDSA' | 'ES256' = 'EdDSA') => {
  const key = jwks.keyFor(alg)
  return signToken({ alg, kid: key.kid, typ: 'JWT', ...header }, claims, key)
}
const withClaims = (claims: Record<string, unknown>) => jwks.tokenFor({ claims })
const without = (...names: string[]) => withClaims(Object.fromEntries(names.map((name) => [name, undefined])))
const at = (times: Pick<TokenFor, 'issuedIn' | 'expiresIn' | 'notBeforeIn'>) => jwks.tokenFor(times)
const now = () => Math.floor(Date.now() / 1_000)

const kinds: [200 | 401, string, () => string | Promise<string>][] = [
  [200, 'signed with EdDSA', () => jwks.tokenFor({}, 'EdDSA')],
  [200, 'signed with ES256', () => jwks.tokenFor({}, 'ES256')],
  [200, 'for several audiences, of which this is one', () => withClaims({ aud: ['other', jwks.audience] })],
  [200, 'issued 3 s in the future, within the leeway', () => at({ issuedIn: 3 })],
  [200, 'expired 3 s ago, within the leeway', () => at({ issuedIn: -900, expiresIn: -3 })],
  [200, 'valid in 3 s, within the leeway', () => at({ notBeforeIn: 3 })],
  [200, 'without a type', () => signed({ typ: undefined })],
  [200, 'without a key id, where one key fits', () => signed({ kid: undefined })],
  [
    200,
    'with a claim twice, of which the last counts',
    () => {
      const claims = JSON.stringify(claimsOf()).replace('{', '{"iss":"https://elsewhere",')
      return signed({}, claims)
    },
  ],
  [
    401,
    'with a claim twice, the last of which is wrong',
    () => {
      const claims = JSON.stringify(claimsOf()).replace(/\}$/, ',"iss":"https://elsewhere"}')
      return signed({}, claims)
    },
  ],

  [401, 'expired', () => at({ issuedIn: -3_600, expiresIn: -60 })],
  [401, 'expired 7 s ago, past the leeway', () => at({ issuedIn: -900, expiresIn: -7 })],
  [401, 'not valid yet', () => at({ notBeforeIn: 600 })],
  [401, 'issued in the future', () => at({ issuedIn: 600, expiresIn: 1_200 })],
  [401, 'issued 8 s in the future, past the leeway', () => at({ issuedIn: 8 })],
  [401, 'older than a day, though it has not expired', () => at({ issuedIn: -86_400 - 60, expiresIn: 900 })],
  [401, 'valid from a date far beyond what dates can be', () => withClaims({ nbf: 1e30 })],
  [401, 'expiring at a time that is text', () => withClaims({ exp: String(now() + 900) })],
  [401, 'issued at a time that is text', () => withClaims({ iat: String(now()) })],
  [401, 'expiring never: null', () => withClaims({ exp: null })],

  [401, 'without an expiry', () => without('exp')],
  [401, 'without a time of issue', () => without('iat')],
  [401, 'without a subject', () => without('sub')],
  [401, 'without a session', () => without('sid')],
  [401, 'without roles', () => without('roles')],
  [401, 'without permissions', () => without('permissions')],
  [401, 'without an issuer', () => without('iss')],
  [401, 'without an audience', () => without('aud')],
  [401, 'with a subject that is a number', () => withClaims({ sub: 7 })],
  [401, 'with roles that are text', () => withClaims({ roles: 'admin' })],
  [401, 'with roles that are not all text', () => withClaims({ roles: ['admin', 1] })],
  [401, 'with permissions that are text', () => withClaims({ permissions: 'stock:write' })],
  [401, 'of another issuer', () => jwks.tokenFor({ issuer: 'https://elsewhere' })],
  [401, 'of a list of issuers', () => withClaims({ iss: [jwks.issuer] })],
  [401, 'for another audience', () => jwks.tokenFor({ audience: 'another-shop' })],
  [401, 'for several audiences, of which this is none', () => withClaims({ aud: ['a', 'b'] })],
  [401, 'for no audience of a list', () => withClaims({ aud: [] })],

  [401, 'unsigned (alg none)', () => jwks.forge.unsigned()],
  [401, 'unsigned under the name of a key', () => `${signed().split('.', 2).join('.')}.`],
  [401, 'signed with the public key as a secret (HS256)', () => jwks.forge.publicKeyAsSecret()],
  [
    401,
    'signed with RS256',
    () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      return signToken({ alg: 'RS256', kid: jwks.keyFor('EdDSA').kid }, claimsOf(), { privateKey })
    },
  ],
  [401, 'with an algorithm in other letters', () => signed({ alg: 'eddsa' })],
  [401, 'without an algorithm', () => signed({ alg: undefined })],
  [401, 'with a signature by a foreign key', () => jwks.forge.foreignKey()],
  [401, 'with other claims than were signed', () => jwks.forge.tampered()],
  [401, 'truncated by four characters', () => signed().slice(0, -4)],
  [401, 'truncated to its first two parts', () => signed().split('.', 2).join('.')],
  [401, 'with a fourth part', () => `${signed()}.AAAA`],
  [401, 'with an unknown key id', () => jwks.forge.unknownKeyId()],
  [401, 'with a key id that is a number', () => signed({ kid: 7 })],
  [401, 'with the key id of the other algorithm’s key', () => signed({ kid: jwks.keyFor('ES256').kid })],
  [401, 'naming the other key’s algorithm', () => signed({ alg: 'ES256' })],
  [
    401,
    'naming the other key and its algorithm',
    () => signed({ alg: 'ES256', kid: jwks.keyFor('ES256').kid }),
  ],
  [401, 'with a critical header that nobody knows', () => signed({ crit: ['x'], x: 1 })],
  [401, 'with an unencoded payload (b64) as a critical header', () => signed({ crit: ['b64'], b64: false })],
  [401, 'with an empty list of critical headers', () => signed({ crit: [] })],
  [401, 'with critical headers that are no list', () => signed({ crit: false })],

  [401, 'longer than 8,192 characters', () => jwks.tokenFor({ claims: { more: 'x'.repeat(8_000) } })],
  [401, 'with claims that are no JSON', () => signed({}, 'claims')],
  [401, 'with claims that are a list', () => signed({}, [claimsOf()])],
  [401, 'with a header that is no JSON', () => `${Buffer.from('header').toString('base64url')}.e30.AAAA`],
  [401, 'with a header that is a list', () => `${Buffer.from('[]').toString('base64url')}.e30.AAAA`],
  [401, 'with padding', () => `${signed()}==`],
  [401, 'of three empty parts', () => '..'],
]

describe('a token', () => {
  it.each(kinds)('is answered %i: %s', async (status, _kind, make) => {
    expect(await statusOf(await make())).toBe(status)
  })
})

describe('the published keys', () => {
  const known = async (keys: object[]) => {
    jwks.publish(keys)
    // The key set is refreshed for an unknown key id, at most once a second.
    const fresh = newTokenKey('EdDSA')
    jwks.publish([...keys, publishedKey(fresh)])
    const probe = signToken({ alg: 'EdDSA', kid: fresh.kid }, claimsOf(), fresh)
    await expect.poll(() => statusOf(probe), { timeout: 5_000, interval: 200 }).toBe(200)
  }

  it('refuse a token whose key id two keys share', async () => {
    const [one, other] = [newTokenKey('ES256'), newTokenKey('ES256')]
    await known([publishedKey(one), publishedKey({ ...other, kid: one.kid })])
    expect(await statusOf(signToken({ alg: 'ES256', kid: one.kid }, claimsOf(), one))).toBe(401)
  })

  it('refuse a token without a key id where several keys fit', async () => {
    const [one, other] = [newTokenKey('ES256'), newTokenKey('ES256')]
    await known([publishedKey(one), publishedKey(other)])
    expect(await statusOf(signToken({ alg: 'ES256' }, claimsOf(), one))).toBe(401)
    expect(await statusOf(signToken({ alg: 'ES256', kid: other.kid }, claimsOf(), other))).toBe(200)
  })

  it('refuse keys that are not for signatures, or of another algorithm than their curve’s', async () => {
    const [encrypts, disguised, plain] = [newTokenKey('ES256'), newTokenKey('ES256'), newTokenKey('ES256')]
    const { alg: _alg, use: _use, ...bare } = { use: '', ...publishedKey(plain) }
    await known([
      { ...publishedKey(encrypts), use: 'enc' },
      { ...publishedKey(disguised), alg: 'EdDSA' },
      bare,
      { kty: 'RSA', kid: 'rsa', n: 'AQAB', e: 'AQAB' },
    ])
    for (const [key, status] of [
      [encrypts, 401],
      [disguised, 401],
      [plain, 200],
    ] as const) {
      expect(await statusOf(signToken({ alg: 'ES256', kid: key.kid }, claimsOf(), key))).toBe(status)
    }
  })
})
