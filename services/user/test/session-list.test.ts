import { randomUUID } from 'node:crypto'
import { SessionRevoked } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { newEmail, PASSWORD, setUpUser, type Page } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)

interface Session {
  id: string
  device: string | null
  address: string | null
  lastUsedAt: string
  createdAt: string
  current: boolean
}
type Sessions = Page<Session>

const list = async (token: string, query = '') =>
  (await user.get<Sessions>(`/v1/me/sessions${query}`, token)).body
const end = (path: string, token?: string) => user.request('DELETE', path, { token })

it('shows where an account is logged in, this session marked', async () => {
  const email = newEmail()
  await user.register(email, PASSWORD, { address: '198.51.100.1', device: 'Firefox/150' })
  const there = await user.logIn(email, PASSWORD, { address: '2001:db8::1', device: 'x'.repeat(400) })
  const { items, nextCursor } = await list(there.body.tokens.accessToken)
  expect(items).toMatchObject([
    { address: '2001:db8::1', device: 'x'.repeat(300), current: true },
    { address: '198.51.100.1', device: 'Firefox/150', current: false },
  ])
  expect(nextCursor).toBeNull()
})

it('follows a session to where it is used', async () => {
  const { body } = await user.register(newEmail(), PASSWORD, { address: '198.51.100.1', device: 'old' })
  const { body: renewed } = await user.refresh(body.tokens.refreshToken, {
    address: '198.51.100.2',
    device: 'new',
  })
  const [session] = (await list(renewed.tokens.accessToken)).items
  expect(session).toMatchObject({ address: '198.51.100.2', device: 'new' })
  expect(Date.parse(session!.lastUsedAt)).toBeGreaterThan(Date.parse(session!.createdAt))
})

it('lists page by page, each session once', async () => {
  const email = newEmail()
  let token = (await user.register(email)).body.tokens.accessToken
  for (let time = 0; time < 4; time++) token = (await user.logIn(email)).body.tokens.accessToken
  const seen = (await user.listAll<Session>('/v1/me/sessions', token)).map(({ id }) => id)
  expect(seen).toHaveLength(5)
  expect(seen).toEqual([...new Set(seen)].sort().reverse())
})

it('lets an owner end a session, which emits the event and leaves the list', async () => {
  const spy = await user.vhost.spyOn(SessionRevoked)
  const email = newEmail()
  const here = (await user.register(email)).body.tokens
  const there = (await user.logIn(email)).body.tokens
  const other = (await list(here.accessToken)).items.find(({ current }) => !current)!

  expect((await end(`/v1/me/sessions/${other.id}`, here.accessToken)).status).toBe(204)
  expect((await end(`/v1/me/sessions/${other.id}`, here.accessToken)).status).toBe(404)
  expect((await user.refresh(there.refreshToken)).status).toBe(401)
  expect((await list(here.accessToken)).items).toHaveLength(1)
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([{ data: { sessionId: other.id, reason: 'ended-by-owner' } }])
})

it('ends nobody else’s session, and does not reveal that it exists', async () => {
  const [ada, eve] = [(await user.register()).body.tokens, (await user.register()).body.tokens]
  const [session] = (await list(ada.accessToken)).items
  const shown = async (id: string) => {
    const { status, body } = await end(`/v1/me/sessions/${id}`, eve.accessToken)
    return { status, type: body['type'] }
  }
  expect(await shown(session!.id)).toEqual({ status: 404, type: 'urn:storewright:problem:not-found' })
  expect(await shown(session!.id)).toEqual(await shown(randomUUID()))
  expect((await user.refresh(ada.refreshToken)).status).toBe(200)
})

it('lets staff see and end sessions, and customers not', async () => {
  const { body } = await user.register()
  const { id, tokens } = { id: body.user.id, tokens: body.tokens }
  const path = `/v1/users/${id}/sessions`
  expect((await user.get(path, tokens.accessToken)).status).toBe(403)
  expect((await user.get(path)).status).toBe(401)
  const { items } = (await user.get<Sessions>(path, staff.token)).body
  expect(items).toMatchObject([{ current: false }])

  const one = `${path}/${items[0]!.id}`
  expect((await end(one, tokens.accessToken)).status).toBe(403)
  expect((await end(`/v1/users/${randomUUID()}/sessions/${items[0]!.id}`, staff.token)).status).toBe(404)
  expect((await end(one, staff.token)).status).toBe(204)
  expect((await user.refresh(tokens.refreshToken)).status).toBe(401)
  expect((await user.get(`/v1/users/${randomUUID()}/sessions`, staff.token)).status).toBe(404)
})

it('ends the one not used for longest when an account has too many', async () => {
  const email = newEmail()
  const { body } = await user.register(email)
  const { id: userId } = body.user
  const first = await user.db
    .selectFrom('sessions')
    .select(['id', 'expires_at as expiresAt'])
    .where('user_id', '=', userId)
    .executeTakeFirstOrThrow()
  const at = (second: number) => new Date(Date.now() + second * 1_000)
  await user.db
    .insertInto('sessions')
    .values(
      Array.from({ length: 99 }, (_none, which) => ({
        id: randomUUID(),
        user_id: userId,
        created_at: at(-1_000),
        last_used_at: at(which - 500),
        expires_at: first.expiresAt,
        revoked_at: null,
        address: null,
        device: null,
      })),
    )
    .execute()
  await user.db
    .updateTable('sessions')
    .set({ last_used_at: at(-900) })
    .where('id', '=', first.id)
    .execute()

  await Promise.all([user.logIn(email), user.logIn(email), user.logIn(email)])
  const open = await user.db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .execute()
  expect(open).toHaveLength(100)
  expect(open.map(({ id }) => id)).not.toContain(first.id)
  expect((await user.refresh(body.tokens.refreshToken)).status).toBe(401)
})

it('opens a new session at every log-in, whatever the client brings along', async () => {
  const email = newEmail()
  const before = (await user.register(email)).body.tokens
  const sessionOf = async (token: string) => (await list(token)).items.find(({ current }) => current)!.id
  const planted = await sessionOf(before.accessToken)
  const answer = await user.request<{ tokens: typeof before }>('POST', '/v1/auth/login', {
    body: { email, password: PASSWORD },
    token: before.accessToken,
    headers: { cookie: `sid=${planted}`, 'x-session-id': planted },
  })
  expect(await sessionOf(answer.body.tokens.accessToken)).not.toBe(planted)
  for (const extra of [{ sessionId: planted }, { sid: planted }, { refreshToken: before.refreshToken }]) {
    expect((await user.post('/v1/auth/login', { email, password: PASSWORD, ...extra })).status).toBe(400)
  }
})

it.each([
  ['GET', '/v1/me/sessions?cursor=nonsense'],
  ['GET', `/v1/me/sessions?cursor=${Buffer.from('["é"]').toString('base64url')}`],
  ['GET', '/v1/me/sessions?limit=0'],
  ['GET', '/v1/me/sessions?limit=101'],
  ['GET', '/v1/me/sessions?limit=many'],
  ['GET', '/v1/me/sessions?user=1'],
  ['DELETE', '/v1/me/sessions/1'],
  ['DELETE', '/v1/me/sessions/%00'],
  ['DELETE', "/v1/me/sessions/' or 1=1 -- "],
  ['DELETE', `/v1/me/sessions/${'a'.repeat(400)}`],
])('%s %s is refused', async (method, path) => {
  const { accessToken } = (await user.register()).body.tokens
  const answer = await user.request(method, path, { token: accessToken })
  const status = method === 'GET' ? 400 : 404
  expect(answer).toMatchObject({ status, body: { status } })
  expect((await user.request(method, path)).status).toBe(401)
})
