import { UserChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { changeProfile } from '../src/profile/change-profile.ts'
import { newEmail, NEXT_PASSWORD, ORIGIN, PASSWORD, setUpUser, type SignedIn } from './harness.ts'
import { setUpMailbox, TOKEN_REFUSED } from './mailbox.ts'

const user = setUpUser()
const mailbox = setUpMailbox(user)

type Me = SignedIn['user']

const me = async (token: string) => (await user.get<Me>('/v1/me', token)).body
const change = (token: string, body: unknown, ifMatch?: string) =>
  user.request<Me>('PATCH', '/v1/me', {
    body,
    token,
    ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
  })
const moveTo = (token: string, email: string, currentPassword = PASSWORD) =>
  change(token, { email, currentPassword })

it('changes a name, and counts versions', async () => {
  const { token } = await user.newcomer()
  const first = await user.get<Me>('/v1/me', token)
  expect(first).toMatchObject({ body: { name: null, version: 1 } })
  const etag = first.headers.get('etag')!
  expect(etag).toMatch(/^"1\b/)

  const changed = await change(token, { name: ' Ada ' }, etag)
  expect(changed).toMatchObject({ status: 200, body: { name: 'Ada', version: 2 } })
  expect(changed.headers.get('etag')).toBe('"2"')
  expect((await change(token, { name: 'Ada' })).body.version).toBe(2)
  expect((await change(token, { name: null })).body).toMatchObject({ name: null, version: 3 })
})

it('refuses an edit of what was changed meanwhile, and lets one of many at once win', async () => {
  const { token } = await user.newcomer()
  const names = Array.from({ length: 8 }, (_none, which) => `Ada ${which}`)
  const answers = await Promise.all(names.map((name) => change(token, { name }, '"1"')))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)])
  const winner = answers.find(({ status }) => status === 200)!
  expect(await me(token)).toEqual(winner.body)
})

it('moves an account to a new address once its mailbox was proved, and emits the event that mails the old one', async () => {
  const spy = await user.vhost.spyOn(UserChanged)
  const { email, id, token } = await user.newcomer()
  const next = newEmail()
  expect(await moveTo(token, ` ${next.toUpperCase()} `)).toMatchObject({
    status: 200,
    body: { email, pendingEmail: next },
  })
  expect((await user.logIn(next)).status).toBe(401)

  const mail = await mailbox.receive('EmailVerificationRequested', next)
  expect(mail.purpose).toBe('change')
  expect((await mailbox.verify(mail.token)).status).toBe(204)
  expect(await me(token)).toMatchObject({ email: next, pendingEmail: null, emailVerified: true })
  expect((await user.logIn(next)).status).toBe(200)
  expect((await user.logIn(email)).status).toBe(401)
  expect(await mailbox.receive('EmailChanged', email)).toMatchObject({ email: next })
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([{ data: { userId: id, emailVerified: true } }])
  expect(JSON.stringify(await spy.messages())).not.toContain(next)
})

it('believes only the token of the last address asked for, and none once the move is off', async () => {
  const { email, token } = await user.newcomer()
  const [first, second] = [newEmail(), newEmail()]
  const atOldAddress = await mailbox.receive('EmailVerificationRequested', email)
  await moveTo(token, first)
  await moveTo(token, second)
  const [toFirst, toSecond] = [
    await mailbox.receive('EmailVerificationRequested', first),
    await mailbox.receive('EmailVerificationRequested', second),
  ]
  expect((await mailbox.verify(atOldAddress.token)).status).toBe(422)
  expect((await mailbox.verify(toFirst.token)).status).toBe(422)
  expect((await moveTo(token, email)).body).toMatchObject({ email, pendingEmail: null })
  expect((await mailbox.verify(toSecond.token)).status).toBe(422)
})

it('resets no password through a mailbox that is the account’s no more', async () => {
  const { email, token } = await user.newcomer()
  await mailbox.forgot(email)
  const reset = await mailbox.receive('PasswordResetRequested', email)
  const next = newEmail()
  await moveTo(token, next)
  await mailbox.verify((await mailbox.receive('EmailVerificationRequested', next)).token)

  expect(await mailbox.reset(reset.token)).toMatchObject(TOKEN_REFUSED)
  expect((await user.logIn(next)).status).toBe(200)
})

it('calls a move off when the password is reset: whoever asked for it may have been a thief', async () => {
  const { email, token } = await user.newcomer()
  const thief = newEmail()
  await moveTo(token, thief)
  const toThief = await mailbox.receive('EmailVerificationRequested', thief)
  await mailbox.forgot(email)
  const reset = await mailbox.receive('PasswordResetRequested', email)
  await mailbox.reset(reset.token)
  expect((await mailbox.verify(toThief.token)).status).toBe(422)
})

it('calls a move off when the password is changed, and leaves a proof of the present address alone', async () => {
  const { email, token } = await user.newcomer()
  const atAddress = await mailbox.receive('EmailVerificationRequested', email)
  const [next, then] = [NEXT_PASSWORD, 'and yet another horse']
  await user.post('/v1/me/password', { currentPassword: PASSWORD, password: next }, token)
  expect((await mailbox.verify(atAddress.token)).status).toBe(204)

  const thief = newEmail()
  await moveTo(token, thief, next)
  const toThief = await mailbox.receive('EmailVerificationRequested', thief)
  const changed = await user.post('/v1/me/password', { currentPassword: next, password: then }, token)
  expect(changed.status).toBe(204)
  expect((await mailbox.verify(toThief.token)).status).toBe(422)
  expect(await me(token)).toMatchObject({ email, pendingEmail: null })
})

it('moves for nobody whose password was changed while it was being checked', async () => {
  const { id, token } = await user.newcomer()
  const moving = inTransaction(user.db, (trx) =>
    changeProfile(
      trx,
      {
        userId: id,
        change: { email: newEmail() },
        confirmedHash: 'the hash of the old one',
        origin: ORIGIN,
      },
      () => undefined,
      new Date(),
    ),
  )
  await expect(moving).rejects.toMatchObject({ kind: 'conflict' })
  expect(await me(token)).toMatchObject({ pendingEmail: null })
})

it('gives an address to who proves it first', async () => {
  const [ada, bob] = [await user.newcomer(), await user.newcomer()]
  const next = newEmail()
  await moveTo(ada.token, next)
  const toAda = await mailbox.receive('EmailVerificationRequested', next, 1)
  await moveTo(bob.token, next)
  const toBob = await mailbox.receive('EmailVerificationRequested', next, 2)
  const answers = await Promise.all([mailbox.verify(toAda.token), mailbox.verify(toBob.token)])
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
  expect(await moveTo(ada.token, next)).toBeDefined()
})

it('refuses an address that has an account, also one that looks different', async () => {
  const { token } = await user.newcomer()
  const { email } = await user.newcomer()
  const fullWidth = email.replace('example', '\uff45xample')
  for (const taken of [email, email.toUpperCase(), fullWidth]) {
    expect(await moveTo(token, taken)).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:email-taken', errors: [{ path: 'email' }] },
    })
  }
  expect(await me(token)).toMatchObject({ pendingEmail: null, version: 1 })
})

it('takes a letter that only looks alike for another address', async () => {
  const { email, token } = await user.newcomer()
  const cyrillic = email.replace('e', '\u0435')
  expect((await user.register(cyrillic)).body.user.email).toBe(cyrillic)
  await mailbox.forgot(cyrillic)
  await mailbox.receive('PasswordResetRequested', cyrillic)
  expect(await mailbox.all('PasswordResetRequested', email)).toEqual([])
  expect((await me(token)).email).toBe(email)
})

it('floods no mailbox', async () => {
  const { token } = await user.newcomer()
  const statuses: number[] = []
  for (let time = 0; time < 6; time++) statuses.push((await moveTo(token, newEmail())).status)
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
})

it('floods no mailbox from many accounts either', async () => {
  const victim = newEmail()
  const statuses: number[] = []
  for (let time = 0; time < 6; time++) {
    const { token } = await user.newcomer()
    statuses.push((await moveTo(token, victim)).status)
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
  const many = await Promise.all(Array.from({ length: 6 }, () => user.newcomer()))
  const other = newEmail()
  const answers = await Promise.all(many.map(({ token }) => moveTo(token, other)))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429])
})

it('asks for the password before it moves, and counts guesses', async () => {
  const { token } = await user.newcomer()
  const next = newEmail()
  expect(await change(token, { email: next })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'currentPassword' }] },
  })
  const statuses: number[] = []
  for (let guess = 0; guess < 6; guess++) {
    statuses.push((await moveTo(token, next, 'not the password')).status)
  }
  expect(statuses).toEqual([403, 403, 403, 403, 403, 429])
  expect(await me(token)).toMatchObject({ pendingEmail: null })
})

it.each<[string, unknown, string]>([
  ['nothing', {}, ''],
  ['a number for a name', { name: 1 }, 'name'],
  ['an empty name', { name: '' }, 'name'],
  ['a NUL', { name: 'A\0da' }, 'name'],
  ['a line break', { name: 'A\r\nda' }, 'name'],
  ['a long name', { name: 'a'.repeat(201) }, 'name'],
  ['a name of 1 MB', { name: 'a'.repeat(1_000_000) }, 'name'],
  ['no address', { email: 'ada', currentPassword: PASSWORD }, 'email'],
  ['a null address', { email: null, currentPassword: PASSWORD }, 'email'],
  ['roles', { roles: ['admin'] }, 'roles'],
  ['a status', { status: 'active' }, 'status'],
  ['an id', { id: 'x' }, 'id'],
  ['a verdict', { emailVerified: true }, 'emailVerified'],
  ['an address to come', { pendingEmail: 'a@example.com' }, 'pendingEmail'],
  ['a version', { name: 'Ada', version: 9 }, 'version'],
  ['permissions', { permissions: ['users:write'] }, 'permissions'],
  ['a hash', { password_hash: 'x' }, 'password_hash'],
])('refuses %s', async (_what, body, path) => {
  const { token } = await user.newcomer()
  const before = await me(token)
  const answer = await change(token, body)
  expect(answer.status).toBe(400)
  const { errors } = answer.body as unknown as { errors: { path: string }[] }
  expect([...new Set(errors.map((error) => error.path))]).toEqual([path])
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
  expect(await me(token)).toEqual(before)
})

it('is for who is signed in', async () => {
  expect((await user.request('PATCH', '/v1/me', { body: { name: 'Ada' } })).status).toBe(401)
  expect((await user.get('/v1/me')).status).toBe(401)
})
