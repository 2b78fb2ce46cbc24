import { SessionRevoked } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { logIn } from '../src/auth/log-in.ts'
import { newEmail, PASSWORD, startUser, type UserService } from './harness.ts'
import { openMailbox, type Mailbox } from './mailbox.ts'

let user: UserService
let mailbox: Mailbox
beforeAll(async () => {
  user = await startUser()
  mailbox = await openMailbox(user)
})
afterAll(() => user.stop())

const NEXT = 'another horse entirely'
const REFUSED = { status: 422, body: { type: 'urn:storewright:problem:invalid-one-time-token' } }

const forgot = (email: string) => user.post('/v1/auth/password/forgot', { email })
const reset = (token: string, password = NEXT, address?: string) =>
  user.post(
    '/v1/auth/password/reset',
    { token, password },
    undefined,
    address === undefined ? {} : { address },
  )
const change = (accessToken: string, currentPassword: string, password = NEXT) =>
  user.post('/v1/me/password', { currentPassword, password }, accessToken)
/** Somebody with an account and a reset on its way. */
const forgetful = async () => {
  const email = newEmail()
  const { body } = await user.register(email)
  expect((await forgot(email)).status).toBe(202)
  const { token, expiresAt } = await mailbox.receive('PasswordResetRequested', email)
  return { email, id: body.user.id, tokens: body.tokens, token, expiresAt }
}

it('resets a password once, ends all sessions and tells the owner', async () => {
  const { email, id, tokens, token, expiresAt } = await forgetful()
  const elsewhere = (await user.logIn(email)).body.tokens
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const minutes = (Date.parse(expiresAt) - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(28)
  expect(minutes).toBeLessThanOrEqual(30)

  const spy = await user.vhost.spyOn(SessionRevoked)
  expect((await reset(token)).status).toBe(204)
  for (const { accessToken, refreshToken } of [tokens, elsewhere]) {
    expect((await user.refresh(refreshToken)).status).toBe(401)
    expect((await user.get('/v1/me', accessToken)).status).toBe(401)
  }
  await eventually(async () => (await spy.messages()).length === 2)
  expect(await spy.messages()).toMatchObject(
    Array(2).fill({ data: { userId: id, reason: 'password-reset' } }) as object[],
  )
  expect((await user.logIn(email)).status).toBe(401)
  const { status, body } = await user.logIn(email, NEXT)
  expect(status).toBe(200)
  // Who got the mail has the mailbox.
  expect(body.user.emailVerified).toBe(true)
  expect(await mailbox.receive('PasswordChanged', email)).toMatchObject({ by: 'reset' })

  expect(await reset(token, 'yet another horse')).toMatchObject(REFUSED)
  expect((await user.logIn(email, NEXT)).status).toBe(200)
})

it('lets one of several who use a token at once have it', async () => {
  const { email, token } = await forgetful()
  const passwords = Array.from({ length: 6 }, (_none, which) => `horse number ${which} of six`)
  const answers = await Promise.all(passwords.map((password) => reset(token, password)))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(5).fill(422)])
  const winner = passwords[answers.findIndex(({ status }) => status === 204)]!
  expect((await user.logIn(email, winner)).status).toBe(200)
})

it('answers the same for an address without an account, and mails nothing', async () => {
  const unknown = newEmail()
  const known = newEmail()
  await user.register(known)
  const told = async (email: string) => {
    const { status, headers, body } = await forgot(email)
    return { status, body, headers: [...headers.keys()].sort() }
  }
  expect(await told(unknown)).toEqual(await told(known))
  await mailbox.receive('PasswordResetRequested', known)
  expect(await mailbox.all('PasswordResetRequested', unknown)).toEqual([])
  expect(await user.db.selectFrom('reset_requests').selectAll().execute()).toEqual([])
})

it('mails at most three in half an hour to an account and does not tell; only the last one works', async () => {
  const { email, token } = await forgetful()
  for (let time = 2; time <= 3; time++) {
    await forgot(email)
    await mailbox.receive('PasswordResetRequested', email, time)
  }
  expect((await forgot(email)).status).toBe(202)
  const other = newEmail()
  await user.register(other)
  await forgot(other)
  await mailbox.receive('PasswordResetRequested', other)
  expect(await mailbox.all('PasswordResetRequested', email)).toHaveLength(3)

  expect(await reset(token)).toMatchObject(REFUSED)
  const last = await mailbox.receive('PasswordResetRequested', email, 3)
  expect((await reset(last.token)).status).toBe(204)
})

it('mails again once the last token is dead, however many mails strangers have asked for', async () => {
  const { email, id } = await forgetful()
  const life = sql`interval 30 minute`
  await user.db
    .updateTable('one_time_tokens')
    .set({ expires_at: sql`expires_at - ${life}` })
    .where('user_id', '=', id)
    .execute()
  await user.db
    .updateTable('mail_counts')
    .set({ since: sql`since - ${life}`, mails: 99 })
    .where('user_id', '=', id)
    .execute()
  await forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email, 2)
  expect((await reset(token)).status).toBe(204)
})

it('loses no request that came while nobody could answer it', async () => {
  const email = newEmail()
  await user.register(email)
  // As a replica leaves it that ends right after it answered.
  await user.db
    .insertInto('reset_requests')
    .values({ email_hash: 'f'.repeat(64), email, asked_at: new Date(), address: null, device: null })
    .execute()
  await user.replica()
  await mailbox.receive('PasswordResetRequested', email)
})

it('answers each request once, however many replicas there are', async () => {
  const emails = await Promise.all(
    Array.from({ length: 10 }, async () => {
      const email = newEmail()
      await user.register(email)
      return email
    }),
  )
  const replicas = await Promise.all([user.replica(), user.replica()])
  await Promise.all(
    emails.flatMap((email) =>
      [user.url, ...replicas].map((base) =>
        user.send(
          '/v1/auth/password/forgot',
          {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ email }),
          },
          base,
        ),
      ),
    ),
  )
  for (const email of emails) await mailbox.receive('PasswordResetRequested', email)
  await eventually(
    async () => (await user.db.selectFrom('reset_requests').select('email').execute()).length === 0,
  )
  const tokens = await user.db
    .selectFrom('one_time_tokens')
    .select('email')
    .where('purpose', '=', 'password')
    .where('email', 'in', emails)
    .execute()
  expect(tokens).toHaveLength(10)
  for (const email of emails) {
    const mails = await mailbox.all('PasswordResetRequested', email)
    // Asked three times at once: at most three mails, and each with a token of its own.
    expect(mails.length).toBeLessThanOrEqual(3)
    expect(new Set(mails.map(({ token }) => token)).size).toBe(mails.length)
  }
})

it('takes no token that was guessed, ran out, or belongs to a disabled account', async () => {
  expect(await reset('A'.repeat(43))).toMatchObject(REFUSED)

  const late = await forgetful()
  const aMomentAgo = new Date(Date.now() - 1)
  await user.db
    .updateTable('one_time_tokens')
    .set({ expires_at: aMomentAgo })
    .where('user_id', '=', late.id)
    .execute()
  expect(await reset(late.token)).toMatchObject(REFUSED)

  const disabled = await forgetful()
  await user.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', disabled.id).execute()
  expect(await reset(disabled.token)).toMatchObject(REFUSED)
})

it('takes no token that went to an address which is the account’s no more', async () => {
  const { id, token } = await forgetful()
  await user.db.updateTable('users').set({ email: newEmail() }).where('id', '=', id).execute()
  expect(await reset(token)).toMatchObject(REFUSED)
})

it('keeps a token whose password was refused', async () => {
  const { token } = await forgetful()
  expect(await reset(token, 'Password123!')).toMatchObject({
    status: 422,
    body: { type: 'urn:storewright:problem:weak-password', errors: [{ path: 'password' }] },
  })
  expect((await reset(token)).status).toBe(204)
})

it('opens the owner’s locks and makes their place known', async () => {
  const email = newEmail()
  await user.register(email, PASSWORD, { address: '198.51.100.1' })
  const away = '198.51.100.2'
  for (let guess = 0; guess < 30; guess++) {
    await user.logIn(email, 'not the password', { address: guess < 6 ? away : `203.0.113.${guess}` })
  }
  expect((await user.logIn(email, PASSWORD, { address: away })).status).toBe(429)

  await forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email)
  expect((await reset(token, NEXT, away)).status).toBe(204)
  expect((await user.logIn(email, NEXT, { address: away })).status).toBe(200)
  for (let guess = 0; guess < 25; guess++) {
    await user.logIn(email, 'not the password', { address: `203.0.113.${100 + guess}` })
  }
  expect((await user.logIn(email, NEXT, { address: away })).status).toBe(200)
})

it('does not know a thief’s place any more', async () => {
  const { email, id, token } = await forgetful()
  await user.logIn(email, PASSWORD, { address: '203.0.113.250' })
  const known = async () => {
    const rows = await user.db.selectFrom('known_networks').selectAll().where('user_id', '=', id).execute()
    return rows.length
  }
  expect(await known()).toBe(2)
  await reset(token, NEXT, '198.51.100.3')
  expect(await known()).toBe(1)
})

it('changes a known password, keeps this session and ends the others', async () => {
  const email = newEmail()
  const here = (await user.register(email)).body.tokens
  const there = (await user.logIn(email)).body.tokens
  await forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email)

  expect((await change(here.accessToken, PASSWORD)).status).toBe(204)
  expect((await user.refresh(there.refreshToken)).status).toBe(401)
  expect((await user.refresh(here.refreshToken)).status).toBe(200)
  expect((await user.logIn(email)).status).toBe(401)
  expect((await user.logIn(email, NEXT)).status).toBe(200)
  expect(await mailbox.receive('PasswordChanged', email)).toMatchObject({ by: 'change' })
  expect(await reset(token, 'a third horse, grey')).toMatchObject(REFUSED)
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
    stop: () => Promise.resolve(),
  }
  const origin = { address: '198.51.100.1', device: null }
  const attempt = { email, password: PASSWORD, origin }
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
  const logInAt = async (base: string) =>
    (
      await user.send(
        '/v1/auth/login',
        {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ email, password: PASSWORD }),
        },
        base,
      )
    ).status
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
  ['reset', 'no token', { password: NEXT }, 400, 'token'],
  ['reset', 'a token of an object', { token: {}, password: NEXT }, 400, 'token'],
  ['reset', 'no password', { token: 'a' }, 400, 'password'],
  ['reset', 'a short password', { token: 'a', password: 'hunter2' }, 400, 'password'],
  ['reset', '1 MB', { token: 'a', password: 'a'.repeat(1_000_000) }, 400, 'password'],
  ['reset', 'a NUL', { token: 'a', password: 'correct\0horse battery' }, 400, 'password'],
  ['reset', 'another account', { token: 'a', password: NEXT, userId: 'x' }, 400, 'userId'],
])('%s refuses %s', async (route, _what, body, status, path) => {
  const answer = await user.post(`/v1/auth/password/${route}`, body)
  expect(answer).toMatchObject({ status, body: { status, errors: [{ path }] } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})

it.each<[string, Record<string, unknown>, number, string]>([
  ['no current password', { password: NEXT }, 400, 'currentPassword'],
  ['no new password', { currentPassword: PASSWORD }, 400, 'password'],
  ['a number', { currentPassword: 1, password: NEXT }, 400, 'currentPassword'],
  ['1 MB', { currentPassword: 'a'.repeat(1_000_000), password: NEXT }, 400, 'currentPassword'],
  ['a short one', { currentPassword: PASSWORD, password: 'hunter2' }, 400, 'password'],
  ['a common one', { currentPassword: PASSWORD, password: 'qwertyuiop123' }, 422, 'password'],
  ['74 bytes', { currentPassword: PASSWORD, password: 'é'.repeat(37) }, 422, 'password'],
])('a change refuses %s', async (_what, body, status, path) => {
  const { accessToken } = (await user.register()).body.tokens
  const answer = await user.post('/v1/me/password', body, accessToken)
  expect(answer).toMatchObject({ status, body: { errors: [{ path }] } })
  expect((await user.post('/v1/me/password', body)).status).toBe(401)
})
