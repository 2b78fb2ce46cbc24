import { generateKeyPairSync } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { verifyToken, type PublishedKey } from '@storewright/testing'
import { expect, it } from 'vitest'
import { setUpUser } from './harness.ts'

const user = setUpUser()

const publicKeys = async (base = user.url) =>
  (await user.get<{ keys: PublishedKey[] }>('/.well-known/jwks.json', undefined, base)).body

it('publishes its keys for a while, and nothing private', async () => {
  const { status, headers, body } = await user.get<{ keys: PublishedKey[] }>('/.well-known/jwks.json')
  expect(status).toBe(200)
  expect(headers.get('cache-control')).toBe('public, max-age=300')
  expect(body.keys).toMatchObject([
    { kty: 'EC', alg: 'ES256', use: 'sig', kid: expect.any(String) as string },
  ])
  expect(body.keys[0]).not.toHaveProperty('d')
})

it('answers who has them already that they are the same', async () => {
  const { headers } = await user.get('/.well-known/jwks.json')
  // Not by fetch, which asks caches on the way not to answer such a request.
  const again = await new Promise<IncomingMessage>((resolve) => {
    const known = { 'if-none-match': headers.get('etag') ?? '' }
    get(`${user.url}/.well-known/jwks.json`, { headers: known }, (answer) => resolve(answer.resume()))
  })
  expect(again.statusCode).toBe(304)
  expect(again.headers['cache-control']).toBe('public, max-age=300')
})

it('signs tokens that hold what services need to know', async () => {
  const { body } = await user.register()
  const { keys } = await publicKeys()
  const { header, payload } = verifyToken(body.tokens.accessToken, keys)
  expect(header).toEqual({ alg: 'ES256', typ: 'JWT', kid: keys[0]!.kid })
  expect(payload).toEqual({
    iss: 'storewright',
    aud: 'storewright',
    iat: expect.any(Number) as number,
    exp: payload.iat + 900,
    sub: body.user.id,
    sid: expect.any(String) as string,
    roles: ['customer'],
    permissions: [],
  })
})

it('agrees on one key when replicas start at once on an empty schema', async () => {
  await user.db.deleteFrom('signing_keys').execute()
  const keys = await Promise.all(Array.from({ length: 5 }, () => user.signingKey()))
  expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1)
  expect((await publicKeys()).keys).toHaveLength(1)
})

it('takes a new key from the environment and goes on publishing the old one for a day', async () => {
  const old = await user.signingKey()
  const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const replica = await user.replica({ SIGNING_KEY: pem.replaceAll('\n', '\\n') })

  const { keys } = await publicKeys(replica)
  expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'EdDSA'])
  const expiry = await user.db
    .selectFrom('signing_keys')
    .select('expires_at as expiresAt')
    .where('kid', '=', old.kid)
    .executeTakeFirstOrThrow()
  expect(expiry.expiresAt!.getTime() - Date.now()).toBeGreaterThan(23 * 3_600_000)

  const stored = await user.db.selectFrom('signing_keys').select(['alg', 'private_jwk']).execute()
  expect(stored.find(({ alg }) => alg === 'EdDSA')?.private_jwk).toBeNull()
})

it('stops publishing a key that expired', async () => {
  const current = await user.signingKey()
  await user.db
    .updateTable('signing_keys')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('kid', '<>', current.kid)
    .execute()
  expect((await publicKeys()).keys.map(({ kid }) => kid)).toEqual([current.kid])
})
