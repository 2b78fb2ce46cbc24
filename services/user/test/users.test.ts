import { RolesChanged, SessionRevoked, UserChanged } from '@storewright/contracts'
import { decodeToken, eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { permissionsOf } from '../src/accounts/roles.ts'
import { logIn } from '../src/auth/log-in.ts'
import { newEmail, PASSWORD, setUpUser, type ProblemBody, type SignedIn } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)

type User = SignedIn['user']
const timeline = async (id: string) =>
  (
    await user.get<{ items: { type: string; by: string; details: object }[] }>(
      `/v1/users/${id}/activity`,
      staff.token,
    )
  ).body.items

describe('a change of roles', () => {
  it('is in the next token, in an event, and in the timeline with who did it', async () => {
    const spy = await user.vhost.spyOn(RolesChanged, UserChanged)
    const somebody = await user.newcomer()
    const { id } = somebody.user
    const { status, headers, body } = await staff.change(id, { roles: ['support', 'catalog-manager'] })
    expect({ status, roles: body.roles, version: body.version }).toEqual({
      status: 200,
      roles: ['catalog-manager', 'support'],
      version: 2,
    })
    expect(headers.get('etag')).toBe('"2"')

    const { body: renewed } = await user.refresh(somebody.tokens.refreshToken)
    expect(decodeToken(renewed.tokens.accessToken).payload).toMatchObject({
      roles: ['catalog-manager', 'support'],
      permissions: permissionsOf(['catalog-manager', 'support']),
    })
    await eventually(async () => (await spy.messages()).length >= 2)
    expect((await spy.messages()).map(({ type, data }) => ({ type, data }))).toMatchObject([
      {
        type: RolesChanged.type,
        data: {
          userId: id,
          roles: ['catalog-manager', 'support'],
          permissions: permissionsOf(['catalog-manager', 'support']),
        },
      },
      {
        type: UserChanged.type,
        data: { userId: id, status: 'active', roles: ['catalog-manager', 'support'] },
      },
    ])
    expect((await timeline(id))[0]).toMatchObject({
      type: 'roles-changed',
      by: 'staff',
      details: { roles: ['catalog-manager', 'support'], before: ['customer'] },
    })
  })

  it('takes effect on tokens that are out, within seconds, both ways, and after a restart', async () => {
    const somebody = await user.newcomer()
    const mayRead = async (base?: string) =>
      (await user.get('/v1/users?limit=1', somebody.tokens.accessToken, base)).status
    expect(await mayRead()).toBe(403)
    await staff.change(somebody.user.id, { roles: ['support'] })
    await eventually(async () => (await mayRead()) === 200, { within: 5_000 })
    await staff.change(somebody.user.id, { roles: ['customer'] })
    await eventually(async () => (await mayRead()) === 403, { within: 5_000 })
    await staff.change(somebody.user.id, { roles: ['support'] })
    expect(await mayRead(await user.replica())).toBe(200)
  })

  it('changes nothing where nothing is new', async () => {
    const { user: somebody } = await user.newcomer()
    const { body } = await staff.change(somebody.id, { roles: ['customer'], status: 'active', name: null })
    expect(body).toEqual(somebody)
    expect((await timeline(somebody.id)).map(({ type }) => type)).not.toContain('roles-changed')
  })

  it('is for the version that was seen', async () => {
    const { id } = (await user.newcomer()).user
    expect((await staff.change(id, { name: 'One' }, staff.token, { 'if-match': '"1"' })).status).toBe(200)
    const late = await staff.change(id, { roles: ['support'] }, staff.token, { 'if-match': '"1"' })
    expect(late).toMatchObject({ status: 412, body: { type: 'urn:storewright:problem:stale-version' } })
    expect((await user.get<User>(`/v1/users/${id}`, staff.token)).body).toMatchObject({
      roles: ['customer'],
      name: 'One',
    })
  })

  it('of several at once with one version lets one through', async () => {
    const { id } = (await user.newcomer()).user
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        staff.change(id, { name: `Name ${at}` }, staff.token, { 'if-match': '"1"' }),
      ),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)])
  })
})

it('gives the roles of the moment to who was logging in while they changed', async () => {
  const { user: somebody, tokens } = await staff.hire('support')
  const passwords: Parameters<typeof logIn>[0]['passwords'] = {
    hash: () => Promise.reject(new Error('not asked for')),
    isOutdated: () => false,
    matches: async () => {
      await staff.change(somebody.id, { roles: ['customer'] })
      return true
    },
  }
  const result = await logIn(
    { db: user.db, passwords, ttlSeconds: 60 },
    { email: somebody.email, password: PASSWORD, origin: { address: '192.0.2.1', device: null } },
  )
  expect(result).toMatchObject({ outcome: 'open', user: { roles: ['customer'] } })
  expect(decodeToken(tokens.accessToken).payload['roles']).toEqual(['support'])
})

describe('nobody', () => {
  it('changes their own roles or status, but may correct their name', async () => {
    for (const body of [{ roles: ['customer'] }, { roles: ['admin', 'support'] }, { status: 'disabled' }]) {
      expect(await staff.change(staff.id, body)).toMatchObject({
        status: 403,
        body: { type: 'urn:storewright:problem:not-on-yourself' },
      })
    }
    expect((await staff.change(staff.id, { name: 'Boss', roles: ['admin'] })).status).toBe(200)
  })

  it('promotes themselves on the way in, or by their profile', async () => {
    const somebody = await user.newcomer()
    const { accessToken } = somebody.tokens
    for (const extra of [
      { roles: ['admin'] },
      { role: 'admin' },
      { permissions: ['users:write'] },
      { status: 'active' },
    ]) {
      const registration = { email: newEmail(), password: PASSWORD, ...extra }
      expect((await user.post('/v1/auth/register', registration)).status).toBe(400)
      const profile = await user.request('PATCH', '/v1/me', {
        body: { name: 'x', ...extra },
        token: accessToken,
      })
      expect(profile.status).toBe(400)
    }
    expect((await staff.change(somebody.user.id, { roles: ['admin'] }, accessToken)).status).toBe(403)
    const { body } = await user.get<User>('/v1/me', accessToken)
    expect(body).toMatchObject({ roles: ['customer'], version: 1 })
  })

  it.each([
    {},
    { roles: [] },
    { roles: ['owner'] },
    { roles: ['admin', 'admin'] },
    { roles: 'admin' },
    { roles: [null] },
    { roles: ['__proto__'] },
    { status: 'erased' },
    { status: null },
    { name: '' },
    { name: 'a\u0000b' },
    { name: 'x'.repeat(201) },
    { email: 'other@example.com' },
    { password_hash: 'x' },
    { version: 1 },
    { id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69' },
    { permissions: ['users:write'] },
    { roles: ['support'], emailVerified: true },
  ])('sends %j', async (body) => {
    const { user: somebody } = await user.newcomer()
    expect(await staff.change(somebody.id, body)).toMatchObject({ status: 400, body: { status: 400 } })
    expect((await user.get<User>(`/v1/users/${somebody.id}`, staff.token)).body).toEqual(somebody)
  })

  it('changes who is not there, or was erased', async () => {
    expect((await staff.change('01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69', { name: 'x' })).status).toBe(404)
    const { id } = (await user.newcomer()).user
    await user.post(`/v1/users/${id}/erasure`, undefined, staff.token)
    expect(await staff.change<ProblemBody>(id, { status: 'active' })).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:wrong-state' },
    })
  })
})

describe('disabling an account', () => {
  it('ends its sessions everywhere, lets nobody in, and can be undone', async () => {
    const spy = await user.vhost.spyOn(SessionRevoked)
    const email = newEmail()
    const { user: somebody, tokens } = (await user.register(email)).body
    const second = (await user.logIn(email)).body.tokens
    expect((await staff.change(somebody.id, { status: 'disabled' })).body.status).toBe('disabled')

    await eventually(
      async () =>
        (await user.get('/v1/me', tokens.accessToken)).status === 401 &&
        (await user.get('/v1/me', second.accessToken)).status === 401,
      { within: 5_000 },
    )
    expect((await user.refresh(second.refreshToken)).status).toBe(401)
    expect(await user.logIn(email)).toMatchObject({
      status: 403,
      body: { type: 'urn:storewright:problem:account-disabled' },
    })
    await eventually(async () => (await spy.messages()).length >= 2)
    expect((await spy.messages()).map(({ data }) => data)).toMatchObject([
      { userId: somebody.id, reason: 'account-disabled' },
      { userId: somebody.id, reason: 'account-disabled' },
    ])

    await staff.change(somebody.id, { status: 'active' })
    expect((await user.logIn(email)).status).toBe(200)
    expect((await timeline(somebody.id)).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['account-disabled', 'account-enabled']),
    )
  })

  it('keeps the old sessions ended after the account is enabled again', async () => {
    const { user: somebody, tokens } = await user.newcomer()
    await staff.change(somebody.id, { status: 'disabled' })
    await staff.change(somebody.id, { status: 'active' })
    expect((await user.refresh(tokens.refreshToken)).status).toBe(401)
    await eventually(async () => (await user.get('/v1/me', tokens.accessToken)).status === 401)
    expect((await user.get('/v1/me', tokens.accessToken, await user.replica())).status).toBe(401)
  })

  it('leaves no session to a refresh that is under way', async () => {
    for (let round = 0; round < 5; round++) {
      const { user: somebody, tokens } = await user.newcomer()
      const [renewed] = await Promise.all([
        user.refresh(tokens.refreshToken),
        staff.change(somebody.id, { status: 'disabled' }),
      ])
      await staff.change(somebody.id, { status: 'active' })
      if (renewed.status !== 200) continue
      expect((await user.refresh(renewed.body.tokens.refreshToken)).status).toBe(401)
      const { accessToken } = renewed.body.tokens
      await eventually(async () => (await user.get('/v1/me', accessToken)).status === 401)
    }
  })

  it('leaves no session to who logs in at that moment', async () => {
    for (let round = 0; round < 5; round++) {
      const email = newEmail()
      const { user: somebody } = (await user.register(email)).body
      const [, ...logIns] = await Promise.all([
        staff.change(somebody.id, { status: 'disabled' }),
        ...Array.from({ length: 4 }, () => user.logIn(email)),
      ])
      for (const { status, body } of logIns) {
        if (status === 200) expect((await user.refresh(body.tokens.refreshToken)).status).toBe(401)
      }
    }
  })
})
