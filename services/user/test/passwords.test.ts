import { expect, it } from 'vitest'
import { logIn } from '../src/auth/log-in.ts'
import { resetPassword } from '../src/passwords/reset-password.ts'
import { newEmail, NEXT_PASSWORD, ORIGIN, PASSWORD, setUpUser } from './harness.ts'
import { setUpMailbox, TOKEN_REFUSED } from './mailbox.ts'

const user = setUpUser()
const mailbox = setUpMailbox(user)

const change = (accessToken: string, currentPassword: string, password = NEXT_PASSWORD) =>
  user.post('/v1/me/password', { currentPassword, password }, accessToken)

it('changes a known password, keeps this session and ends the others', async () => {
  const email = newEmail()
  const here = (await user.register(email)).body.tokens
  const there = (await user.logIn(email)).body.tokens
  await mailbox.forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email)

  expect((await change(here.accessToken, PASSWORD)).status).toBe(204)
  expect((await user.refresh(there.refreshToken)).status).toBe(401)
  expect((await user.refresh(here.refreshToken)).status).toBe(200)
  expect((await user.logIn(email)).status).toBe(401)
  expect((await user.logIn(email, NEXT_PASSWORD)).status).toBe(200)
  expect(await mailbox.receive('PasswordChanged', email)).toMatchObject({ by: 'change' })
  expect(await mailbox.reset(token, 'a third horse, grey')).toMatchObject(TOKEN_REFUSED)
})

it('changes nothing for who does not know the password, and locks who guesses', async () => {
  const email = newEmail()
  const { accessToken } = (await user.register(email)).body.tokens
  const statuses: number[] = []
  for (let guess = 0; guess < 6; guess++) {
    statuses.push((await change(accessToken, 'not the password')).status)
  }
  expect(statuses).toEqual([403, 403, 403, 403, 403, 429])
  const locked = await change(accessToken, PASSWORD)
  expect(locked).toMatchObject({ status: 429, body: { type: 'urn:storewright:problem:account-locked' } })
})

it('learns nothing from the right password among too many guesses at once', async () => {
  const email = newEmail()
  const { accessToken } = (await user.register(email)).body.tokens
  const guesses = Array.from({ length: 20 }, () => change(accessToken, 'not the password'))
  const answers = await Promise.all(guesses)
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(5)
  expect((await change(accessToken, PASSWORD)).status).toBe(429)
})

it.each(['change', 'reset'] as const)(
  'clears pendingEmail when the password is replaced by a %s',
  async (how) => {
    const email = newEmail()
    const { user: account, tokens } = (await user.register(email)).body
    const body = { email: newEmail(), currentPassword: PASSWORD }
    const pending = await user.request('PATCH', '/v1/me', { body, token: tokens.accessToken })
    expect(pending).toMatchObject({ status: 200, body: { pendingEmail: body.email } })
    if (how === 'change') await change(tokens.accessToken, PASSWORD)
    else {
      await mailbox.forgot(email)
      await mailbox.reset((await mailbox.receive('PasswordResetRequested', email)).token)
    }
    const { body: after } = await user.logIn(email, NEXT_PASSWORD)
    expect(after.user).toMatchObject({ id: account.id, email, pendingEmail: null })
  },
)

it.each([
  ['the account is disabled', () => ({ status: 'disabled' as const })],
  ['the account moves to another address', () => ({ email: newEmail() })],
])('resets no password where %s while the new one is hashed', async (_what, meanwhile) => {
  const email = newEmail()
  const { id } = (await user.register(email)).body.user
  await mailbox.forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email)
  const account = user.db.selectFrom('users').where('id', '=', id)
  const before = await account.select('password_hash').executeTakeFirstOrThrow()
  const passwords = {
    matches: () => Promise.reject(new Error('nothing is to be checked')),
    hash: async () => {
      await user.db.updateTable('users').set(meanwhile()).where('id', '=', id).execute()
      return '$2b$04$another'
    },
    isOutdated: () => false,
  }
  const request = { token, password: NEXT_PASSWORD, origin: ORIGIN }
  await expect(resetPassword({ db: user.db, passwords }, request)).rejects.toMatchObject({
    kind: 'invalid-one-time-token',
  })
  expect(await account.select('password_hash').executeTakeFirstOrThrow()).toEqual(before)
})

it('lets one of two changes at once win', async () => {
  const email = newEmail()
  const { accessToken } = (await user.register(email)).body.tokens
  const passwords = ['a first horse, brown', 'a second horse, black']
  const answers = await Promise.all(passwords.map((password) => change(accessToken, PASSWORD, password)))
  const won = answers.filter(({ status }) => status === 204)
  expect(won).toHaveLength(1)
  expect([403, 409]).toContain(answers.find(({ status }) => status !== 204)!.status)
  const winner = passwords[answers.indexOf(won[0]!)]!
  expect((await user.logIn(email, winner)).status).toBe(200)
})

it.each([
  ['changed', { password_hash: '$2b$04$another' }],
  ['taken away with the person', { password_hash: '', status: 'erased' as const }],
  ['of an account that is disabled', { status: 'disabled' as const }],
])('opens no session for a password that is %s while it is checked', async (_what, meanwhile) => {
  const email = newEmail()
  const { id } = (await user.register(email)).body.user
  const passwords = {
    hash: () => Promise.reject(new Error('nothing is to be hashed')),
    matches: async () => {
      await user.db.updateTable('users').set(meanwhile).where('id', '=', id).execute()
      return true
    },
    isOutdated: () => false,
  }
  const attempt = { email, password: PASSWORD, origin: ORIGIN }
  const { outcome } = await logIn({ db: user.db, passwords, ttlSeconds: 60 }, attempt)
  expect(outcome).toBe('status' in meanwhile && meanwhile.status === 'disabled' ? 'disabled' : 'refused')
  const sessions = await user.db.selectFrom('sessions').select('id').where('user_id', '=', id).execute()
  expect(sessions).toHaveLength(1)
})

it('strengthens an old hash at the next log-in, and never weakens one', async () => {
  const email = newEmail()
  const { id } = (await user.register(email)).body.user
  const hash = async () => {
    const row = await user.db
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    return row.password_hash
  }
  const logInAt = async (base: string) => (await user.logIn(email, PASSWORD, undefined, base)).status
  const stronger = await user.replica({ BCRYPT_COST: '6' })
  expect(await hash()).toMatch(/^\$2b\$04\$/)
  expect(await logInAt(stronger)).toBe(200)
  const raised = await hash()
  expect(raised).toMatch(/^\$2b\$06\$/)
  expect(await logInAt(user.url)).toBe(200)
  expect(await hash()).toBe(raised)
})

it.each<[string, string, unknown, number, string]>([
  ['forgot', 'nothing', {}, 400, 'email'],
  ['forgot', 'no address', { email: 'ada' }, 400, 'email'],
  ['forgot', 'a list', { email: ['a@example.com'] }, 400, 'email'],
  ['forgot', 'a NUL', { email: 'a\0@example.com' }, 400, 'email'],
  ['forgot', 'two addresses', { email: 'a@example.com,b@example.com' }, 400, 'email'],
  ['forgot', 'a header', { email: 'a@example.com\r\nbcc: b@example.com' }, 400, 'email'],
  [
    'forgot',
    'more than asked',
    { email: 'a@example.com', redirect: 'https://evil.example' },
    400,
    'redirect',
  ],
  ['reset', 'no token', { password: NEXT_PASSWORD }, 400, 'token'],
  ['reset', 'a token of an object', { token: {}, password: NEXT_PASSWORD }, 400, 'token'],
  ['reset', 'no password', { token: 'a' }, 400, 'password'],
  ['reset', 'a short password', { token: 'a', password: 'hunter2' }, 400, 'password'],
  ['reset', '1 MB', { token: 'a', password: 'a'.repeat(1_000_000) }, 400, 'password'],
  ['reset', 'a NUL', { token: 'a', password: 'correct\0horse battery' }, 400, 'password'],
  ['reset', 'another account', { token: 'a', password: NEXT_PASSWORD, userId: 'x' }, 400, 'userId'],
])('%s refuses %s', async (route, _what, body, status, path) => {
  const answer = await user.post(`/v1/auth/password/${route}`, body)
  expect(answer).toMatchObject({ status, body: { status, errors: [{ path }] } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})

it.each<[string, Record<string, unknown>, number, string]>([
  ['no current password', { password: NEXT_PASSWORD }, 400, 'currentPassword'],
  ['no new password', { currentPassword: PASSWORD }, 400, 'password'],
  ['a number', { currentPassword: 1, password: NEXT_PASSWORD }, 400, 'currentPassword'],
  ['1 MB', { currentPassword: 'a'.repeat(1_000_000), password: NEXT_PASSWORD }, 400, 'currentPassword'],
  ['a short one', { currentPassword: PASSWORD, password: 'hunter2' }, 400, 'password'],
  ['a common one', { currentPassword: PASSWORD, password: 'qwertyuiop123' }, 422, 'password'],
  ['74 bytes', { currentPassword: PASSWORD, password: 'é'.repeat(37) }, 422, 'password'],
])('a change refuses %s', async (_what, body, status, path) => {
  const { accessToken } = (await user.register()).body.tokens
  const answer = await user.post('/v1/me/password', body, accessToken)
  expect(answer).toMatchObject({ status, body: { errors: [{ path }] } })
  expect((await user.post('/v1/me/password', body)).status).toBe(401)
})
