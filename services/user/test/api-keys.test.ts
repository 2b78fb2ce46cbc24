import { ApiKeyRevoked } from '@storewright/contracts'
import { decodeToken, eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { setUpUser } from './harness.ts'
import { setUpMachines, warehouse, type ApiKey } from './machines.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)
const machines = setUpMachines(user, staff)

describe('a key', () => {
  it('is shown once and kept as a hash only', async () => {
    const { status, headers, body } = await machines.create(warehouse)
    expect(status).toBe(201)
    expect(headers.get('location')).toBe(`/v1/api-keys/${body.apiKey.id}`)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(body.key).toMatch(/^sw_[0-9a-f]{32}_[\w-]{43}$/)
    expect(body.apiKey).toMatchObject({
      name: 'Warehouse',
      permissions: ['stock:read', 'stock:write'],
      createdBy: staff.id,
      lastUsedAt: null,
      revokedAt: null,
      prefix: body.key.slice(0, 35),
    })
    const life = Date.parse(body.apiKey.expiresAt) - Date.parse(body.apiKey.createdAt)
    expect(life / 86_400_000).toBeCloseTo(365)

    const secret = body.key.slice(36)
    expect(JSON.stringify(await machines.row(body.apiKey.id))).not.toContain(secret)
    const lists = await Promise.all(
      ['/v1/api-keys', `/v1/api-keys/${body.apiKey.id}`, `/v1/users/${staff.id}/activity`].map((path) =>
        user.get(path, staff.token),
      ),
    )
    expect(JSON.stringify(lists)).not.toContain(secret)
    expect(JSON.stringify(lists[2])).toContain('api-key-created')
  })

  it('is exchanged for a short-lived token with its permissions', async () => {
    const { apiKey, key } = await machines.newKey()
    const { status, body } = await machines.exchange(key)
    expect(status).toBe(200)
    expect(body).toMatchObject({ expiresIn: 300, apiKeyId: apiKey.id })
    const claims = decodeToken(body.accessToken).payload
    expect(claims).toMatchObject({
      sub: apiKey.id,
      sid: apiKey.id,
      roles: [],
      permissions: ['stock:read', 'stock:write'],
      client: 'api-key',
      iss: 'storewright',
      aud: 'storewright',
    })
    expect(claims.exp - claims.iat).toBe(300)
  })

  it('opens what it has the permission for, and nobody’s account', async () => {
    const { key } = await machines.newKey({ name: 'Reader', permissions: ['users:read'] })
    const token = await machines.tokenOf(key)
    expect((await user.get('/v1/users', token)).status).toBe(200)
    for (const [method, path] of [
      ['GET', '/v1/me'],
      ['GET', '/v1/me/sessions'],
      ['GET', '/v1/api-keys'],
      ['PATCH', `/v1/users/${staff.id}`],
      ['POST', '/v1/auth/logout'],
    ] as const) {
      const body = method === 'PATCH' ? { name: 'x' } : undefined
      expect({ path, status: (await user.request(method, path, { token, body })).status }).toEqual({
        path,
        status: 403,
      })
    }
  })

  it('outlives no session’s token: revocations are remembered as long as those live', async () => {
    const { key } = await machines.newKey()
    const replica = await user.replica({ ACCESS_TOKEN_TTL_SECONDS: '20' })
    const { body } = await machines.exchange(key, undefined, replica)
    expect(body.expiresIn).toBe(20)
  })

  it('gives no token beyond its own end, and none after it', async () => {
    const { apiKey, key } = await machines.newKey({
      ...warehouse,
      expiresAt: new Date(Date.now() + 90_000).toISOString(),
    })
    const { body } = await machines.exchange(key)
    expect(body.expiresIn).toBeLessThanOrEqual(90)
    expect(body.expiresIn).toBeGreaterThan(80)
    expect(decodeToken(body.accessToken).payload.exp * 1_000).toBeLessThanOrEqual(
      Date.parse(apiKey.expiresAt),
    )
    await user.db
      .updateTable('api_keys')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', apiKey.id)
      .execute()
    expect((await machines.exchange(key)).status).toBe(401)
  })

  it('notes its last use at most once a minute, however often it is used', async () => {
    const { apiKey, key } = await machines.newKey()
    await Promise.all(Array.from({ length: 10 }, () => machines.exchange(key)))
    const { lastUsedAt } = await machines.read(apiKey.id)
    expect(Date.parse(lastUsedAt!)).toBeGreaterThan(Date.now() - 10_000)
    await machines.exchange(key)
    expect((await machines.read(apiKey.id)).lastUsedAt).toBe(lastUsedAt)

    const earlier = new Date(Date.now() - 61_000)
    await user.db.updateTable('api_keys').set({ last_used_at: earlier }).where('id', '=', apiKey.id).execute()
    await machines.exchange(key)
    expect(Date.parse((await machines.read(apiKey.id)).lastUsedAt!)).toBeGreaterThan(
      earlier.getTime() + 60_000,
    )
  })

  it('is refused where it is wrong in any way, with the same answer', async () => {
    const { key } = await machines.newKey()
    const { key: other } = await machines.newKey()
    const last = key.endsWith('A') ? 'B' : 'A'
    const answers = await Promise.all(
      [
        key.slice(0, -1) + last,
        key.slice(0, -1),
        `${key}A`,
        key.slice(0, 36) + other.slice(36),
        key.toUpperCase(),
        `sw_${'0'.repeat(32)}_${'A'.repeat(43)}`,
        `sw_${'0'.repeat(32)}_${"' or 1=1 -- ".padEnd(43, 'A')}`,
        '',
        'sw_',
        'x'.repeat(200),
      ].map((wrong) => machines.exchange(wrong)),
    )
    for (const { status, body } of answers) {
      expect({ status, type: body.type, detail: body.detail }).toEqual({
        status: 401,
        type: 'urn:storewright:problem:invalid-api-key',
        detail: answers[0]!.body.detail,
      })
    }
    for (const bad of ['x'.repeat(201), 1, null, [key], 'a\u0000b']) {
      expect((await machines.exchange(bad)).status).toBe(400)
    }
    expect((await machines.exchange(key)).status).toBe(200)
  })

  it('is exchanged for other services only', async () => {
    const { key } = await machines.newKey()
    expect((await machines.exchange(key, {})).status).toBe(403)
    expect((await machines.exchange(key, { 'x-internal-token': 'wrong' })).status).toBe(403)
  })
})

describe('revoking', () => {
  it('ends key and tokens at once, emits one event, and may be repeated', async () => {
    const spy = await user.vhost.spyOn(ApiKeyRevoked)
    const { apiKey, key } = await machines.newKey({ name: 'Reader', permissions: ['users:read'] })
    const token = await machines.tokenOf(key)
    expect((await user.get('/v1/users', token)).status).toBe(200)

    const statuses = await Promise.all(Array.from({ length: 5 }, () => machines.revoke(apiKey.id)))
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await machines.exchange(key)).status).toBe(401)
    await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
    const restarted = await user.replica()
    const seen = new Set<number>()
    await eventually(async () => seen.add((await user.get('/v1/users', token, restarted)).status).has(401))
    expect(seen).not.toContain(200)

    expect((await machines.revoke(apiKey.id)).status).toBe(204)
    await eventually(async () => (await spy.messages()).length > 0)
    expect(
      (await spy.messages()).filter(({ data }) => (data as { apiKeyId: string }).apiKeyId === apiKey.id),
    ).toHaveLength(1)
    expect((await machines.read(apiKey.id)).revokedAt).not.toBeNull()
    const { body } = await user.get<{ items: ApiKey[] }>('/v1/api-keys?limit=100', staff.token)
    expect(body.items.map(({ id }) => id)).not.toContain(apiKey.id)
  })

  it('leaves no living token to who exchanges it at that moment', async () => {
    for (let round = 0; round < 10; round++) {
      const { apiKey, key } = await machines.newKey({ name: 'Reader', permissions: ['users:read'] })
      const exchanges = Array.from({ length: 6 }, () => machines.exchange(key))
      const [revoked, ...answers] = await Promise.all([machines.revoke(apiKey.id), ...exchanges])
      expect(revoked.status).toBe(204)
      expect((await machines.exchange(key)).status).toBe(401)
      const tokens = answers.filter(({ status }) => status === 200).map(({ body }) => body.accessToken)
      for (const token of tokens) {
        await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
      }
    }
  })

  it('of a key that does not exist is 404', async () => {
    expect((await machines.revoke('01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69')).status).toBe(404)
    expect((await machines.revoke('1')).status).toBe(404)
  })
})

it('lists keys page by page, each once', async () => {
  for (let at = 0; at < 3; at++) await machines.newKey()
  const seen = (await user.listAll<ApiKey>('/v1/api-keys', staff.token)).map(({ id }) => id)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual([...seen].sort().reverse())
  for (const bad of ['x', Buffer.from(JSON.stringify(['ünï'])).toString('base64url')]) {
    expect((await user.get(`/v1/api-keys?cursor=${bad}`, staff.token)).status).toBe(400)
  }
})
