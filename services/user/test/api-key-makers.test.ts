import { setTimeout as pause } from 'node:timers/promises'
import { RolesChanged } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { decodeToken, eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { permissions, permissionsOf } from '../src/accounts/roles.ts'
import { createKey } from '../src/api-keys/create-key.ts'
import { changeUser } from '../src/users/change-user.ts'
import { setUpUser } from './harness.ts'
import { setUpMachines, warehouse } from './machines.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)
const machines = setUpMachines(user, staff)

describe('making keys', () => {
  it('is for administrators', async () => {
    const customer = (await user.register()).body.tokens.accessToken
    const support = (await staff.hire('support')).tokens.accessToken
    const { apiKey } = await machines.newKey()
    expect((await user.post('/v1/api-keys', warehouse)).status).toBe(401)
    for (const token of [customer, support]) {
      expect((await machines.create(warehouse, token)).status).toBe(403)
      expect((await machines.revoke(apiKey.id, token)).status).toBe(403)
      expect((await user.get('/v1/api-keys', token)).status).toBe(403)
      expect((await user.get(`/v1/api-keys/${apiKey.id}`, token)).status).toBe(403)
    }
  })

  it('is nothing that a key can do', async () => {
    const { status } = await machines.create({ name: 'Mother', permissions: ['api-keys:write'] })
    expect(status).toBe(400)
    // Not even one that somebody has put into the database with that permission.
    const { apiKey, key } = await machines.newKey()
    const permissions = JSON.stringify(['api-keys:write', 'stock:read'])
    await user.db.updateTable('api_keys').set({ permissions }).where('id', '=', apiKey.id).execute()
    expect((await machines.create(warehouse, await machines.tokenOf(key))).status).toBe(403)
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
    expect(await machines.create(body)).toMatchObject({ status: 400, body: { status: 400 } })
    expect(await user.db.selectFrom('api_keys').select('id').execute()).toHaveLength(before.length)
  })

  it.each([
    new Date(Date.now() - 1_000).toISOString(),
    new Date(Date.now() + 731 * 86_400_000).toISOString(),
    '9999-12-31T23:59:59Z',
  ])('refuses one that ends at %s', async (expiresAt) => {
    expect(await machines.create({ ...warehouse, expiresAt })).toMatchObject({
      status: 422,
      body: { errors: [{ path: 'expiresAt' }] },
    })
  })

  it('does not repeat the secret to who repeats the request', async () => {
    const headers = { 'idempotency-key': 'one of mine' }
    const first = await machines.create(warehouse, staff.token, headers)
    expect(first.body.key).toMatch(/^sw_/)
    const again = await machines.create(warehouse, staff.token, headers)
    expect(again).toMatchObject({ status: 201, body: { apiKey: { id: first.body.apiKey.id }, key: null } })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await machines.create({ ...warehouse, name: 'Other' }, staff.token, headers)).status).toBe(422)

    const another = (await staff.hire('admin')).tokens.accessToken
    expect((await machines.create(warehouse, another, headers)).body.key).toMatch(/^sw_/)
    const kept = await user.db
      .selectFrom('idempotency_keys' as never)
      .selectAll()
      .execute()
    expect(JSON.stringify(kept)).not.toContain(first.body.key.slice(36))
  })

  it('of the same request five times at once makes one key, shown once', async () => {
    const headers = { 'idempotency-key': 'five at once' }
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => machines.create(warehouse, staff.token, headers)),
    )
    expect(new Set(answers.map(({ body }) => body.apiKey.id)).size).toBe(1)
    expect(answers.filter(({ body }) => body.key !== null)).toHaveLength(1)
  })
})

describe('a key and who made it', () => {
  const keyOfHired = async (permissions: string[]) => {
    const maker = await staff.hire('admin')
    return { maker, ...(await machines.newKey({ name: 'Theirs', permissions }, maker.tokens.accessToken)) }
  }

  it('loses what they lose, within seconds, and has it again with them', async () => {
    const { maker, key } = await keyOfHired(['users:read', 'users:write', 'orders:read'])
    const token = await machines.tokenOf(key)
    const mayWrite = async (base?: string) => {
      const path = '/v1/users/01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'
      return (await user.request('PATCH', path, { token, body: { name: 'x' }, base })).status === 404
    }
    expect(await mayWrite()).toBe(true)
    await staff.change(maker.user.id, { roles: ['support'] })
    await eventually(async () => !(await mayWrite()), { within: 5_000 })
    expect((await user.get('/v1/users', token)).status).toBe(200)
    // A service that starts now reads it, and the next token holds it.
    expect(await mayWrite(await user.replica())).toBe(false)
    expect(decodeToken(await machines.tokenOf(key)).payload['permissions']).toEqual(
      permissionsOf(['support']).filter((name) => ['users:read', 'orders:read'].includes(name)),
    )
    await staff.change(maker.user.id, { roles: ['admin'] })
    await eventually(async () => mayWrite(), { within: 5_000 })
  })

  it('opens nothing while they are disabled', async () => {
    const { maker, key } = await keyOfHired(['users:read'])
    const token = await machines.tokenOf(key)
    await staff.change(maker.user.id, { status: 'disabled' })
    expect((await machines.exchange(key)).status).toBe(401)
    await eventually(async () => (await user.get('/v1/users', token)).status === 403, { within: 5_000 })
    await staff.change(maker.user.id, { status: 'active' })
    expect((await machines.exchange(key)).status).toBe(200)
  })

  it('ends with them', async () => {
    const { maker, apiKey, key } = await keyOfHired(['users:read'])
    const token = await machines.tokenOf(key)
    await user.post(`/v1/users/${maker.user.id}/erasure`, undefined, staff.token)
    await eventually(async () => (await user.get('/v1/users', token)).status === 401, { within: 5_000 })
    expect((await machines.exchange(key)).status).toBe(401)
    expect((await machines.row(apiKey.id)).revoked_at).not.toBeNull()
  })

  it('may not be made with what was lost a moment ago', async () => {
    for (let round = 0; round < 5; round++) {
      const maker = await staff.hire('admin')
      const [, made] = await Promise.all([
        staff.change(maker.user.id, { roles: ['support'] }),
        machines.create({ name: 'Quick', permissions: ['users:write'] }, maker.tokens.accessToken),
      ])
      if (made.status !== 201) continue
      expect(decodeToken(await machines.tokenOf(made.body.key)).payload['permissions']).toEqual([])
    }
  })
})

describe('a change of roles beside the creation of a key', () => {
  const hired = async () => {
    const { user: maker } = await staff.hire('admin')
    const by = { kind: 'user' as const, userId: maker.id, permissions: [] }
    const origin = { address: '192.0.2.1', device: null }
    const create = { by, name: 'Quick', permissions: ['users:write'], expiresAt: undefined, origin }
    const demote = {
      userId: maker.id,
      by: { kind: 'api-key' as const, userId: newId(), permissions },
      change: { roles: ['customer' as const] },
    }
    return { create, demote, maker }
  }
  const gate = () => {
    let open = () => {}
    const opened = new Promise<void>((resolve) => (open = resolve))
    return { open, opened }
  }

  it('refuses the key when the change commits first', async () => {
    const { create, demote } = await hired()
    const { open, opened } = gate()
    const changed = gate()
    const demoting = inTransaction(user.db, async (trx) => {
      await changeUser(trx, demote, () => undefined)
      changed.open()
      await opened
    })
    await changed.opened
    const creating = inTransaction(user.db, (trx) => createKey(trx, create, new Date()))
    const refused = expect(creating).rejects.toMatchObject({ kind: 'forbidden' })
    await pause(200)
    open()
    await Promise.all([demoting, refused])
  })

  it('emits the loss of its permissions when the key commits first', async () => {
    const spy = await user.vhost.spyOn(RolesChanged)
    const { create, demote } = await hired()
    const { open, opened } = gate()
    const created = gate()
    const creating = inTransaction(user.db, async (trx) => {
      const { id } = await createKey(trx, create, new Date())
      created.open()
      await opened
      return id
    })
    await created.opened
    const demoting = inTransaction(user.db, (trx) => changeUser(trx, demote, () => undefined))
    await pause(200)
    open()
    const [id] = await Promise.all([creating, demoting])
    await eventually(async () => {
      const emitted = (await spy.messages()).map(({ data }) => data as RolesChanged)
      return emitted.find(({ userId, permissions }) => userId === id && permissions.length === 0)
    })
  })
})

describe('a key that may change accounts', () => {
  const writer = async (...permissions: string[]) =>
    machines.tokenOf(
      (await machines.newKey({ name: 'Writer', permissions: ['users:write', ...permissions] })).key,
    )

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
