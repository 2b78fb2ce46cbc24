import { ApiKeyRevoked } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { permissionsOf } from '../src/accounts/roles.ts'
import { createKey } from '../src/api-keys/create-key.ts'
import { startUser, type UserService } from './harness.ts'
import { ADMIN, openStaff, type Problem, type Staff } from './staff.ts'

const INTERNAL_TOKEN = 'internal-token-of-this-test'
let user: UserService
let staff: Staff
beforeAll(async () => {
  user = await startUser({ ...ADMIN, INTERNAL_TOKEN })
  staff = await openStaff(user)
})
afterAll(() => user.stop())

interface ApiKey {
  id: string
  name: string
  prefix: string
  permissions: string[]
  createdBy: string
  createdAt: string
  expiresAt: string
  lastUsedAt: string | null
  revokedAt: string | null
}
interface Created extends Problem {
  apiKey: ApiKey
  key: string
}

const create = <Body = Created>(body: unknown, token = staff.token, headers?: Record<string, string>) =>
  user.request<Body>('POST', '/v1/api-keys', { body, token, ...(headers ? { headers } : {}) })
const warehouse = { name: 'Warehouse', permissions: ['stock:write', 'stock:read'] }
const newKey = async (body: object = warehouse, token?: string) => (await create(body, token)).body
const exchange = (key: unknown, headers: Record<string, string> = { 'x-internal-token': INTERNAL_TOKEN }) =>
  user.request<{ accessToken: string; expiresIn: number; apiKeyId: string } & Problem>(
    'POST',
    '/internal/api-keys/token',
    {
      body: { key },
      headers,
    },
  )
const tokenOf = async (key: string) => (await exchange(key)).body.accessToken
const revoke = (id: string, token = staff.token) => user.request('DELETE', `/v1/api-keys/${id}`, { token })
const read = async (id: string) => (await user.get<ApiKey>(`/v1/api-keys/${id}`, staff.token)).body
const row = (id: string) =>
  user.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

describe('a key', () => {
  it('is shown once and kept as a hash only', async () => {
    const { status, headers, body } = await create(warehouse)
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
    expect(JSON.stringify(await row(body.apiKey.id))).not.toContain(secret)
    const lists = await Promise.all(
      ['/v1/api-keys', `/v1/api-keys/${body.apiKey.id}`, `/v1/users/${staff.id}/activity`].map((path) =>
        user.get(path, staff.token),
      ),
    )
    expect(JSON.stringify(lists)).not.toContain(secret)
    expect(JSON.stringify(lists[2])).toContain('api-key-created')
  })

  it('is exchanged for a short token that says what it may do', async () => {
    const { apiKey, key } = await newKey()
    const { status, body } = await exchange(key)
    expect(status).toBe(200)
    expect(body).toMatchObject({ expiresIn: 300, apiKeyId: apiKey.id })
    const claims = decodeJwt(body.accessToken)
    expect(claims).toMatchObject({
      sub: apiKey.id,
      sid: apiKey.id,
      roles: [],
      permissions: ['stock:read', 'stock:write'],
      client: 'api-key',
      iss: 'storewright',
      aud: 'storewright',
    })
    expect(claims.exp! - claims.iat!).toBe(300)
  })

  it('opens what it has the permission for, and nobody’s account', async () => {
    const { key } = await newKey({ name: 'Reader', permissions: ['users:read'] })
    const token = await tokenOf(key)
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
    const { key } = await newKey()
    const replica = await user.replica({ ACCESS_TOKEN_TTL_SECONDS: '20' })
    const { body } = await user.send<{ expiresIn: number }>(
      '/internal/api-keys/token',
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-internal-token': INTERNAL_TOKEN },
        body: JSON.stringify({ key }),
      },
      replica,
    )
    expect(body.expiresIn).toBe(20)
  })

  it('gives no token beyond its own end, and none after it', async () => {
    const { apiKey, key } = await newKey({
      ...warehouse,
      expiresAt: new Date(Date.now() + 90_000).toISOString(),
    })
    const { body } = await exchange(key)
    expect(body.expiresIn).toBeLessThanOrEqual(90)
    expect(body.expiresIn).toBeGreaterThan(80)
    expect(decodeJwt(body.accessToken).exp! * 1_000).toBeLessThanOrEqual(Date.parse(apiKey.expiresAt))
    await user.db
      .updateTable('api_keys')
      .set({ expires_at: new Date(Date.now() - 1) })
      .where('id', '=', apiKey.id)
      .execute()
    expect((await exchange(key)).status).toBe(401)
  })

  it('notes its last use at most once a minute, however often it is used', async () => {
    const { apiKey, key } = await newKey()
    await Promise.all(Array.from({ length: 10 }, () => exchange(key)))
    const { lastUsedAt } = await read(apiKey.id)
    expect(Date.parse(lastUsedAt!)).toBeGreaterThan(Date.now() - 10_000)
    await exchange(key)
    expect((await read(apiKey.id)).lastUsedAt).toBe(lastUsedAt)

    const earlier = new Date(Date.now() - 61_000)
    await user.db.updateTable('api_keys').set({ last_used_at: earlier }).where('id', '=', apiKey.id).execute()
    await exchange(key)
    expect(Date.parse((await read(apiKey.id)).lastUsedAt!)).toBeGreaterThan(earlier.getTime() + 60_000)
  })

  it('is refused where it is wrong in any way, with the same answer', async () => {
    const { key } = await newKey()
    const { key: other } = await newKey()
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
      ].map((wrong) => exchange(wrong)),
    )
    for (const { status, body } of answers) {
      expect({ status, type: body.type, detail: body.detail }).toEqual({
        status: 401,
        type: 'urn:storewright:problem:invalid-api-key',
        detail: answers[0]!.body.detail,
      })
    }
    for (const bad of ['x'.repeat(201), 1, null, [key], 'a\u0000b']) {
      expect((await exchange(bad)).status).toBe(400)
    }
    expect((await exchange(key)).status).toBe(200)
  })

  it('is exchanged for other services only', async () => {
    const { key } = await newKey()
    expect((await exchange(key, {})).status).toBe(403)
    expect((await exchange(key, { 'x-internal-token': 'wrong' })).status).toBe(403)
  })
})

describe('revoking', () => {
  it('ends key and tokens at once, says so once, and may be repeated', async () => {
    const spy = await user.vhost.spyOn(ApiKeyRevoked)
    const { apiKey, key } = await newKey({ name: 'Reader', permissions: ['users:read'] })
    const token = await tokenOf(key)
    expect((await user.get('/v1/users', token)).status).toBe(200)

    const statuses = await Promise.all(Array.from({ length: 5 }, () => revoke(apiKey.id)))
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([204]))
    expect((await exchange(key)).status).toBe(401)
    await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
    const restarted = await user.replica()
    const seen = new Set<number>()
    await eventually(async () => seen.add((await user.get('/v1/users', token, restarted)).status).has(401))
    expect(seen).not.toContain(200)

    expect((await revoke(apiKey.id)).status).toBe(204)
    await eventually(async () => (await spy.messages()).length > 0)
    expect(
      (await spy.messages()).filter(({ data }) => (data as { apiKeyId: string }).apiKeyId === apiKey.id),
    ).toHaveLength(1)
    expect((await read(apiKey.id)).revokedAt).not.toBeNull()
    const { body } = await user.get<{ items: ApiKey[] }>('/v1/api-keys?limit=100', staff.token)
    expect(body.items.map(({ id }) => id)).not.toContain(apiKey.id)
  })

  it('leaves no living token to who exchanges it at that moment', async () => {
    for (let round = 0; round < 10; round++) {
      const { apiKey, key } = await newKey({ name: 'Reader', permissions: ['users:read'] })
      const exchanges = Array.from({ length: 6 }, () => exchange(key))
      const [revoked, ...answers] = await Promise.all([revoke(apiKey.id), ...exchanges])
      expect(revoked.status).toBe(204)
      expect((await exchange(key)).status).toBe(401)
      const tokens = answers.filter(({ status }) => status === 200).map(({ body }) => body.accessToken)
      for (const token of tokens) {
        await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
      }
    }
  })

  it('of what is not there is told', async () => {
    expect((await revoke('01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69')).status).toBe(404)
    expect((await revoke('1')).status).toBe(400)
  })
})

describe('making keys', () => {
  it('is for administrators', async () => {
    const customer = (await user.register()).body.tokens.accessToken
    const support = (await staff.hire('support')).tokens.accessToken
    const { apiKey } = await newKey()
    expect((await user.post('/v1/api-keys', warehouse)).status).toBe(401)
    for (const token of [customer, support]) {
      expect((await create(warehouse, token)).status).toBe(403)
      expect((await revoke(apiKey.id, token)).status).toBe(403)
      expect((await user.get('/v1/api-keys', token)).status).toBe(403)
      expect((await user.get(`/v1/api-keys/${apiKey.id}`, token)).status).toBe(403)
    }
  })

  it('is nothing that a key can do', async () => {
    const { status } = await create({ name: 'Mother', permissions: ['api-keys:write'] })
    expect(status).toBe(400)
    // Not even one that somebody has put into the database with that permission.
    const { apiKey, key } = await newKey()
    const permissions = JSON.stringify(['api-keys:write', 'stock:read'])
    await user.db.updateTable('api_keys').set({ permissions }).where('id', '=', apiKey.id).execute()
    expect((await create(warehouse, await tokenOf(key))).status).toBe(403)
    // Nor does the document offer it.
    const { body } = await user.get<{ paths: Record<string, Record<string, { security?: unknown }>> }>(
      '/openapi.json',
    )
    const ways = ['/v1/api-keys', '/v1/api-keys/{id}'].flatMap((path) =>
      Object.values(body.paths[path] ?? {}),
    )
    expect(ways.map(({ security }) => security)).toEqual(Array(4).fill([{ bearer: [] }]))
  })

  it('gives nothing that whoever makes it has not, whatever the route lets through', async () => {
    const by = { kind: 'user' as const, userId: staff.id, permissions: ['everything'] }
    const command = { by, name: 'x', expiresAt: undefined, origin: { address: '192.0.2.1', device: null } }
    await expect(
      inTransaction(user.db, (trx) =>
        createKey(trx, { ...command, permissions: ['orders:read', 'everything'] }, new Date()),
      ),
    ).rejects.toMatchObject({ kind: 'beyond-your-permissions' })
  })

  it.each([
    {},
    { name: 'x' },
    { permissions: ['stock:read'] },
    { ...warehouse, name: '' },
    { ...warehouse, name: '   ' },
    { ...warehouse, name: 'x'.repeat(101) },
    { ...warehouse, name: 'a\u0000b' },
    { ...warehouse, permissions: [] },
    { ...warehouse, permissions: ['stock:read', 'stock:read'] },
    { ...warehouse, permissions: ['everything'] },
    { ...warehouse, permissions: 'stock:read' },
    { ...warehouse, expiresAt: 'tomorrow' },
    { ...warehouse, expiresAt: '2026-99-99T00:00:00Z' },
    { ...warehouse, expiresAt: 1_900_000_000 },
    { ...warehouse, key: 'sw_mine' },
    { ...warehouse, createdBy: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69' },
    { ...warehouse, secretHash: 'x' },
  ])('refuses %j', async (body) => {
    const before = await user.db.selectFrom('api_keys').select('id').execute()
    expect(await create(body)).toMatchObject({ status: 400, body: { status: 400 } })
    expect(await user.db.selectFrom('api_keys').select('id').execute()).toHaveLength(before.length)
  })

  it.each([
    new Date(Date.now() - 1_000).toISOString(),
    new Date(Date.now() + 731 * 86_400_000).toISOString(),
    '9999-12-31T23:59:59Z',
  ])('refuses one that ends at %s', async (expiresAt) => {
    expect(await create({ ...warehouse, expiresAt })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'expiresAt' }] },
    })
  })

  it('does not repeat the secret to who repeats the request', async () => {
    const headers = { 'idempotency-key': 'one of mine' }
    const first = await create(warehouse, staff.token, headers)
    expect(first.body.key).toMatch(/^sw_/)
    const again = await create(warehouse, staff.token, headers)
    expect(again).toMatchObject({ status: 201, body: { apiKey: { id: first.body.apiKey.id }, key: null } })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await create({ ...warehouse, name: 'Other' }, staff.token, headers)).status).toBe(422)

    const another = (await staff.hire('admin')).tokens.accessToken
    expect((await create(warehouse, another, headers)).body.key).toMatch(/^sw_/)
    const kept = await user.db
      .selectFrom('idempotency_keys' as never)
      .selectAll()
      .execute()
    expect(JSON.stringify(kept)).not.toContain(first.body.key.slice(36))
  })

  it('of the same request five times at once makes one key, shown once', async () => {
    const headers = { 'idempotency-key': 'five at once' }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => create(warehouse, staff.token, headers)),
    )
    expect(new Set(answers.map(({ body }) => body.apiKey.id)).size).toBe(1)
    expect(answers.filter(({ body }) => body.key !== null)).toHaveLength(1)
  })
})

it('lists keys page by page, each once', async () => {
  for (let at = 0; at < 3; at++) await newKey()
  const seen: string[] = []
  let cursor = ''
  do {
    const { body } = await user.get<{ items: ApiKey[]; nextCursor: string | null }>(
      `/v1/api-keys?limit=2${cursor}`,
      staff.token,
    )
    seen.push(...body.items.map(({ id }) => id))
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`
  } while (cursor !== '')
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen).toEqual([...seen].sort().reverse())
  for (const bad of ['x', Buffer.from(JSON.stringify(['ünï'])).toString('base64url')]) {
    expect((await user.get(`/v1/api-keys?cursor=${bad}`, staff.token)).status).toBe(400)
  }
})

describe('a key and who made it', () => {
  const keyOfHired = async (permissions: string[]) => {
    const maker = await staff.hire('admin')
    return { maker, ...(await newKey({ name: 'Theirs', permissions }, maker.tokens.accessToken)) }
  }

  it('loses what they lose, within seconds, and has it again with them', async () => {
    const { maker, key } = await keyOfHired(['users:read', 'users:write', 'orders:read'])
    const token = await tokenOf(key)
    const mayWrite = async (base?: string) => {
      const path = '/v1/users/01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      return (await user.send(path, { method: 'PATCH', headers, body: '{"name":"x"}' }, base)).status === 404
    }
    expect(await mayWrite()).toBe(true)
    await staff.change(maker.user.id, { roles: ['support'] })
    await eventually(async () => !(await mayWrite()), { within: 5_000 })
    expect((await user.get('/v1/users', token)).status).toBe(200)
    // Who starts now reads it; and the next token says it by itself.
    expect(await mayWrite(await user.replica())).toBe(false)
    expect(decodeJwt(await tokenOf(key))['permissions']).toEqual(
      permissionsOf(['support']).filter((name) => ['users:read', 'orders:read'].includes(name)),
    )
    await staff.change(maker.user.id, { roles: ['admin'] })
    await eventually(async () => mayWrite(), { within: 5_000 })
  })

  it('opens nothing while they are disabled', async () => {
    const { maker, key } = await keyOfHired(['users:read'])
    const token = await tokenOf(key)
    await staff.change(maker.user.id, { status: 'disabled' })
    expect((await exchange(key)).status).toBe(401)
    await eventually(async () => (await user.get('/v1/users', token)).status === 403, { within: 5_000 })
    await staff.change(maker.user.id, { status: 'active' })
    expect((await exchange(key)).status).toBe(200)
  })

  it('ends with them', async () => {
    const { maker, apiKey, key } = await keyOfHired(['users:read'])
    const token = await tokenOf(key)
    await user.post(`/v1/users/${maker.user.id}/erasure`, undefined, staff.token)
    await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
    expect((await exchange(key)).status).toBe(401)
    expect((await row(apiKey.id)).revoked_at).not.toBeNull()
  })

  it('may not be made with what was lost a moment ago', async () => {
    for (let round = 0; round < 5; round++) {
      const maker = await staff.hire('admin')
      const [, made] = await Promise.all([
        staff.change(maker.user.id, { roles: ['support'] }),
        create({ name: 'Quick', permissions: ['users:write'] }, maker.tokens.accessToken),
      ])
      if (made.status !== 201) continue
      expect(decodeJwt(await tokenOf(made.body.key))['permissions']).toEqual([])
    }
  })
})

describe('a key that may change accounts', () => {
  const writer = async (...permissions: string[]) =>
    tokenOf((await newKey({ name: 'Writer', permissions: ['users:write', ...permissions] })).key)

  it('gives no role that holds more than it does, and touches nobody who may do more', async () => {
    const token = await writer('users:read', 'stock:read', 'stock:write', 'orders:read', 'analytics:read')
    const { user: somebody } = (await user.register()).body
    const beyond = { status: 403, body: { type: 'urn:storewright:problem:beyond-your-permissions' } }
    for (const roles of [['admin'], ['support'], ['inventory-manager', 'admin']]) {
      expect(await staff.change(somebody.id, { roles }, token)).toMatchObject(beyond)
    }
    for (const change of [{ status: 'disabled' }, { roles: ['customer'] }, { name: 'x' }]) {
      expect(await staff.change(staff.id, change, token)).toMatchObject(beyond)
    }
    expect(await user.post(`/v1/users/${staff.id}/erasure`, undefined, token)).toMatchObject({ status: 403 })
    const [session] = (
      await user.get<{ items: { id: string }[] }>(`/v1/users/${staff.id}/sessions`, staff.token)
    ).body.items
    expect(
      await user.request('DELETE', `/v1/users/${staff.id}/sessions/${session?.id}`, { token }),
    ).toMatchObject(beyond)
    expect((await staff.change(somebody.id, { roles: ['inventory-manager'] }, token)).status).toBe(200)
    expect((await staff.change(somebody.id, { status: 'disabled' }, token)).status).toBe(200)
  })
})
