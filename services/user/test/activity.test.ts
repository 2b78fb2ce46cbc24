import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { newEmail, NEXT_PASSWORD, PASSWORD, setUpUser, type Page } from './harness.ts'
import { setUpMailbox } from './mailbox.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const mailbox = setUpMailbox(user)
const staff = setUpStaff(user)

interface Entry {
  id: string
  type: string
  at: string
  by: string
  address: string | null
  device: string | null
  details: Record<string, unknown>
}

const timeline = async (token: string, path = '/v1/me/activity') =>
  (await user.get<Page<Entry>>(`${path}?limit=100`, token)).body.items
const types = async (token: string) => (await timeline(token)).map(({ type }) => type)

it('lists everything that happened to an account, the latest first', async () => {
  const email = newEmail()
  const from = { address: '198.51.100.1', device: 'Firefox/150' }
  await user.register(email, PASSWORD, from)
  const first = await mailbox.receive('EmailVerificationRequested', email)
  await mailbox.verify(first.token)
  await user.logIn(email, 'not the password', { address: '203.0.113.9', device: 'curl/9' })
  const { accessToken } = (await user.logIn(email, PASSWORD, from)).body.tokens
  await user.request('PATCH', '/v1/me', { body: { name: 'Ada' }, token: accessToken })
  await user.post('/v1/me/password', { currentPassword: PASSWORD, password: NEXT_PASSWORD }, accessToken)
  const other = (await user.logIn(email, NEXT_PASSWORD)).body.tokens.accessToken
  await user.post('/v1/auth/logout', undefined, other)
  const moved = newEmail()
  await user.request('PATCH', '/v1/me', {
    body: { email: moved, currentPassword: NEXT_PASSWORD },
    token: accessToken,
  })
  const second = await mailbox.receive('EmailVerificationRequested', moved)
  await mailbox.verify(second.token)
  await mailbox.forgot(moved)
  await mailbox.receive('PasswordResetRequested', moved)

  const entries = await timeline(accessToken)
  expect(entries.map(({ type }) => type).reverse()).toEqual([
    'registered',
    'email-verified',
    'log-in-failed',
    'logged-in',
    'profile-changed',
    'password-changed',
    'logged-in',
    'logged-out',
    'email-change-requested',
    'email-changed',
    'password-reset-requested',
  ])
  expect(entries.at(-1)).toMatchObject({ ...from, by: 'owner', details: {} })
  expect(entries.at(-3)).toMatchObject({ address: '203.0.113.9', device: 'curl/9' })
  const shown = JSON.stringify(entries)
  for (const secret of [PASSWORD, NEXT_PASSWORD, first.token, second.token])
    expect(shown).not.toContain(secret)
})

it('records how long a lock of the account lasts', async () => {
  const email = newEmail()
  const { accessToken } = (await user.register(email)).body.tokens
  for (let guess = 0; guess < 7; guess++) await user.logIn(email, 'not the password')
  const [latest] = await timeline(accessToken)
  expect(latest).toMatchObject({ type: 'log-in-locked', details: { seconds: 5 } })
})

it('keeps what staff did apart from what the owner did', async () => {
  const { body } = await user.register()
  const path = `/v1/users/${body.user.id}`
  const { items } = (await user.get<Page<Entry>>(`${path}/sessions`, staff.token)).body
  await user.request('DELETE', `${path}/sessions/${items[0]!.id}`, { token: staff.token })
  const [latest] = await timeline(staff.token, `${path}/activity`)
  expect(latest).toMatchObject({ type: 'session-ended', by: 'staff', address: null, device: null })
})

it('writes what happened in the transaction of what happened', async () => {
  const { accessToken } = (await user.register()).body.tokens
  const before = await types(accessToken)
  await user.request('PATCH', '/v1/me', {
    body: { name: 'Ada' },
    token: accessToken,
    headers: { 'if-match': '"9"' },
  })
  expect(await types(accessToken)).toEqual(before)
})

it('lists page by page, each entry once', async () => {
  const { email, token } = await user.newcomer()
  for (let time = 0; time < 4; time++) await user.logIn(email)
  const seen = (await user.listAll<Entry>('/v1/me/activity', token)).map(({ id }) => id)
  expect(seen).toHaveLength(5)
  expect(seen).toEqual([...new Set(seen)].sort().reverse())
})

it('shows nobody another’s, but to staff', async () => {
  const [ada, eve] = [(await user.register()).body, (await user.register()).body]
  const path = `/v1/users/${ada.user.id}/activity`
  expect((await user.get(path, eve.tokens.accessToken)).status).toBe(403)
  expect((await user.get(path, ada.tokens.accessToken)).status).toBe(403)
  expect((await user.get(path)).status).toBe(401)
  expect((await user.get('/v1/me/activity')).status).toBe(401)
  expect((await timeline(staff.token, path)).map(({ type }) => type)).toEqual(['registered'])
  expect((await user.get(`/v1/users/${randomUUID()}/activity`, staff.token)).status).toBe(404)
  expect((await user.get('/v1/users/1/activity', staff.token)).status).toBe(404)
  for (const cursor of ['nonsense', Buffer.from('["é"]').toString('base64url')]) {
    expect((await user.get(`/v1/me/activity?cursor=${cursor}`, eve.tokens.accessToken)).status).toBe(400)
  }
})

it('reveals that an account is disabled only after the right password, and records the attempt', async () => {
  const email = newEmail()
  const { id } = (await user.register(email)).body.user
  await user.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', id).execute()
  expect((await user.logIn(email, 'not the password')).status).toBe(401)
  expect(await user.logIn(email)).toMatchObject({
    status: 403,
    body: { type: 'urn:storewright:problem:account-disabled' },
  })
  const [latest] = await timeline(staff.token, `/v1/users/${id}/activity`)
  expect(latest).toMatchObject({ type: 'log-in-failed', details: { reason: 'account-disabled' } })

  await user.db
    .updateTable('users')
    .set({ status: 'erased', password_hash: '' })
    .where('id', '=', id)
    .execute()
  for (const password of [PASSWORD, ' ']) expect((await user.logIn(email, password)).status).toBe(401)
})
