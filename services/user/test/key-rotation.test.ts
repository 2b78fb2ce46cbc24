import { createLogger } from '@storewright/service-kit/run'
import { decodeToken, eventually, type PublishedKey } from '@storewright/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { createKeyRing } from '../src/keys/key-ring.ts'
import { rotateKey } from '../src/keys/rotate-key.ts'
import { generateSigningKey, writeSigningKey } from '../src/keys/signing-key.ts'
import { INTERNAL_TOKEN } from '@storewright/testing/service'
import { PASSWORD, setUpUser } from './harness.ts'

const user = setUpUser({ SIGNING_KEY_LEAD_SECONDS: '0' })
let replica: string
beforeAll(async () => {
  replica = await user.replica()
})

const logger = createLogger({ name: 'user', level: 'fatal' })
const kidOf = (token: string) => decodeToken(token).header.kid
const published = async (base = user.url) =>
  (await user.get<{ keys: PublishedKey[] }>('/.well-known/jwks.json', undefined, base)).body.keys.map(
    ({ kid }) => kid,
  )

const internal = <Body>(method: string, path: string, body?: unknown, base = user.url) =>
  user.request<Body>(method, path, { body, base, headers: { 'x-internal-token': INTERNAL_TOKEN } })
type Rotation = { made: boolean; kid: string; activeFrom: string }
const rotate = (body: unknown = {}, base?: string) =>
  internal<Rotation>('POST', '/internal/signing-keys/rotate', body, base)

describe('a rotation', () => {
  it('refuses no token at any replica while it goes on, and every replica ends up with the new key', async () => {
    const { body: ada } = await user.register()
    const old = ada.tokens.accessToken
    const seen: number[] = []
    const kids = new Set<string | undefined>()
    let refreshToken = ada.tokens.refreshToken

    const { body } = await rotate({ now: true })
    expect(body.made).toBe(true)
    // New tokens all the while, each shown at both replicas, beside the old one.
    await eventually(
      async () => {
        const { body: renewed } = await user.refresh(refreshToken)
        refreshToken = renewed.tokens.refreshToken
        kids.add(kidOf(renewed.tokens.accessToken))
        for (const base of [user.url, replica]) {
          for (const token of [old, renewed.tokens.accessToken]) {
            seen.push((await user.get('/v1/me', token, base)).status)
          }
        }
        return kidOf(renewed.tokens.accessToken) === body.kid
      },
      { every: 100 },
    )
    expect(new Set(seen)).toEqual(new Set([200]))
    expect(kids).toEqual(new Set([kidOf(old), body.kid]))

    const atReplica = await user.logIn(ada.user.email, PASSWORD, undefined, replica)
    expect(kidOf(atReplica.body.tokens.accessToken)).toBe(body.kid)
  })

  it('publishes the new key before it signs, and keeps the old one beside it', async () => {
    const before = await published()
    const { body } = await rotate({})
    expect(Date.parse(body.activeFrom)).toBeGreaterThan(Date.now())
    for (const base of [user.url, replica]) {
      expect(await published(base)).toEqual(expect.arrayContaining([...before, body.kid]))
    }
    const { body: keys } = await internal<{ items: { kid: string; state: string }[] }>(
      'GET',
      '/internal/signing-keys',
    )
    expect(keys.items.find(({ kid }) => kid === body.kid)?.state).toBe('published')
    expect(keys.items.filter(({ state }) => state === 'signing')).toHaveLength(1)
  })

  it('is one, also where many are asked for at once at both replicas', async () => {
    const pending = (await published()).length
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => rotate({}, at % 2 === 0 ? user.url : replica)),
    )
    expect(new Set(answers.map(({ body }) => body.kid)).size).toBe(1)
    expect(answers.filter(({ body }) => body.made).length).toBeLessThanOrEqual(1)
    expect((await published()).length).toBeLessThanOrEqual(pending + 1)
  })

  it('lets the old key go once no token of it can be alive', async () => {
    const ring = createKeyRing(user.db, { signingKey: undefined, logger })
    await ring.open()
    const longAgo = new Date(Date.now() - 3 * 3_600_000)
    await user.db
      .updateTable('signing_keys')
      .set({ active_from: new Date(0), expires_at: null })
      .execute()
    const { kid } = await rotateKey(
      { db: user.db, ring },
      { now: false, leadSeconds: 600, tokenTtlSeconds: 900 },
      longAgo,
    )
    expect(ring.current().kid).toBe(kid)
    expect(await published()).toEqual([kid])
  })

  it('is refused where the environment gives the key, with what to do instead', async () => {
    const given = await user.replica({ SIGNING_KEY: writeSigningKey(generateSigningKey()) })
    const before = await published(given)
    const answer = await rotate({}, given)
    expect(answer).toMatchObject({ status: 409, body: { detail: expect.stringContaining('SIGNING_KEY') } })
    expect(await published(given)).toEqual(before)
  })

  it('is for operators only', async () => {
    expect((await user.post('/internal/signing-keys/rotate', {})).status).toBe(403)
    expect((await user.get('/internal/signing-keys')).status).toBe(403)
    expect((await rotate({ now: 'yes' })).status).toBe(400)
  })
})
