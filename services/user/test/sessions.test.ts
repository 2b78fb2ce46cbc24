import { SessionRevoked } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { newEmail, PASSWORD, setUpUser } from './harness.ts'

const user = setUpUser()

it('opens a session for the right password, however the address is written', async () => {
  const email = newEmail()
  await user.register(email)
  const { status, body } = await user.logIn(` ${email.toUpperCase()} `)

  expect(status).toBe(200)
  expect(body).toMatchObject({ user: { email }, tokens: { tokenType: 'Bearer' } })
  expect((await user.get('/v1/me', body.tokens.accessToken)).status).toBe(200)
})

it('answers a wrong password and an unknown address alike', async () => {
  const email = newEmail()
  await user.register(email)
  const wrong = await user.logIn(email, 'not the password')
  const unknown = await user.logIn(newEmail(), 'not the password')
  const nonsense = await user.logIn('nobody', 'not the password')

  const shown = (answer: typeof wrong) => ({ ...answer.body, requestId: '' })
  expect(wrong.status).toBe(401)
  expect(shown(unknown)).toEqual(shown(wrong))
  expect(shown(nonsense)).toEqual(shown(wrong))
})

it('does not take a password that only begins like the right one', async () => {
  const email = newEmail()
  const password = 'not one of the common ones, '.repeat(3).slice(0, 72)
  await user.register(email, password)
  expect((await user.logIn(email, `${password}b`)).status).toBe(401)
  expect((await user.logIn(email, password)).status).toBe(200)
})

it('ends one session at logout and leaves the others alone', async () => {
  const email = newEmail()
  const here = (await user.register(email)).body
  const there = (await user.logIn(email)).body
  const spy = await user.vhost.spyOn(SessionRevoked)

  const logOut = async () => (await user.post('/v1/auth/logout', undefined, here.tokens.accessToken)).status
  expect(await logOut()).toBe(204)
  // By then the token may be known as revoked, or not yet.
  expect([204, 401]).toContain(await logOut())
  expect((await user.refresh(here.tokens.refreshToken)).status).toBe(401)
  expect((await user.get('/v1/me', here.tokens.accessToken)).status).toBe(401)
  expect((await user.get('/v1/me', there.tokens.accessToken)).status).toBe(200)
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([{ data: { userId: here.user.id, reason: 'logout' } }])
})

it('does not renew a session that ran out', async () => {
  const { body } = await user.register()
  await user.db
    .updateTable('sessions')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('user_id', '=', body.user.id)
    .execute()
  expect((await user.refresh(body.tokens.refreshToken)).status).toBe(401)
})

it.each<[string, string, unknown, string]>([
  ['/v1/auth/login', 'no password', { email: 'a@example.com' }, 'password'],
  ['/v1/auth/login', 'an empty password', { email: 'a@example.com', password: '' }, 'password'],
  ['/v1/auth/login', 'a list', { email: ['a@example.com'], password: PASSWORD }, 'email'],
  ['/v1/auth/login', 'a NUL', { email: 'a\0@example.com', password: PASSWORD }, 'email'],
  ['/v1/auth/login', 'a NUL in the password', { email: 'a@example.com', password: 'a\0b' }, 'password'],
  ['/v1/auth/login', 'half a character', { email: 'a@example.com', password: '\ud800' }, 'password'],
  ['/v1/auth/login', '1 MB', { email: 'a@example.com', password: 'a'.repeat(1_000_000) }, 'password'],
  ['/v1/auth/login', 'an object', { email: 'a@example.com', password: { $ne: '' } }, 'password'],
  ['/v1/auth/login', 'more than asked', { email: 'a@example.com', password: PASSWORD, otp: 1 }, 'otp'],
  ['/v1/auth/refresh', 'nothing', {}, 'refreshToken'],
  ['/v1/auth/refresh', 'a number', { refreshToken: 1 }, 'refreshToken'],
  ['/v1/auth/refresh', 'a long text', { refreshToken: 'a'.repeat(1_000) }, 'refreshToken'],
])('%s refuses %s and names the field', async (path, _what, body, field) => {
  expect(await user.post(path, body)).toMatchObject({ status: 400, body: { errors: [{ path: field }] } })
})

it.each(['', 'guessed', '\ud800', "' or 1=1 -- "])(
  'has no session for the token %j',
  async (refreshToken) => {
    const { status } = await user.refresh(refreshToken)
    expect([400, 401]).toContain(status)
  },
)

it('lets nobody keep copies of tokens', async () => {
  const email = newEmail()
  const registered = await user.register(email)
  const renewed = await user.refresh(registered.body.tokens.refreshToken)
  const answers = [registered, renewed, await user.logIn(email), await user.logIn(email, 'not the password')]
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store')
})
