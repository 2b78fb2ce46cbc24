import { SessionRevoked } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { newEmail, NEXT_PASSWORD, PASSWORD, setUpUser } from './harness.ts'
import { setUpMailbox, TOKEN_REFUSED } from './mailbox.ts'

const user = setUpUser()
const mailbox = setUpMailbox(user)

/** Somebody with an account and a reset on its way. */
const forgetful = async () => {
  const email = newEmail()
  const { body } = await user.register(email)
  expect((await mailbox.forgot(email)).status).toBe(202)
  const { token, expiresAt } = await mailbox.receive('PasswordResetRequested', email)
  return { email, id: body.user.id, tokens: body.tokens, token, expiresAt }
}

it('resets a password once, ends all sessions and emits the event that mails the owner', async () => {
  const { email, id, tokens, token, expiresAt } = await forgetful()
  const elsewhere = (await user.logIn(email)).body.tokens
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const minutes = (Date.parse(expiresAt) - Date.now()) / 60_000
  expect(minutes).toBeGreaterThan(28)
  expect(minutes).toBeLessThanOrEqual(30)

  const spy = await user.vhost.spyOn(SessionRevoked)
  expect((await mailbox.reset(token)).status).toBe(204)
  for (const { accessToken, refreshToken } of [tokens, elsewhere]) {
    expect((await user.refresh(refreshToken)).status).toBe(401)
    expect((await user.get('/v1/me', accessToken)).status).toBe(401)
  }
  await eventually(async () => (await spy.messages()).length === 2)
  expect(await spy.messages()).toMatchObject(
    Array(2).fill({ data: { userId: id, reason: 'password-reset' } }) as object[],
  )
  expect((await user.logIn(email)).status).toBe(401)
  const { status, body } = await user.logIn(email, NEXT_PASSWORD)
  expect(status).toBe(200)
  // Who got the mail has the mailbox.
  expect(body.user.emailVerified).toBe(true)
  expect(await mailbox.receive('PasswordChanged', email)).toMatchObject({ by: 'reset' })

  expect(await mailbox.reset(token, 'yet another horse')).toMatchObject(TOKEN_REFUSED)
  expect((await user.logIn(email, NEXT_PASSWORD)).status).toBe(200)
})

it('accepts a token once when several use it at the same time', async () => {
  const { email, token } = await forgetful()
  const passwords = Array.from({ length: 6 }, (_none, which) => `horse number ${which} of six`)
  const answers = await Promise.all(passwords.map((password) => mailbox.reset(token, password)))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(5).fill(422)])
  const winner = passwords[answers.findIndex(({ status }) => status === 204)]!
  expect((await user.logIn(email, winner)).status).toBe(200)
})

it('answers the same for an address without an account, and mails nothing', async () => {
  const unknown = newEmail()
  const known = newEmail()
  await user.register(known)
  const answerTo = async (email: string) => {
    const { status, headers, body } = await mailbox.forgot(email)
    return { status, body, headers: [...headers.keys()].sort() }
  }
  expect(await answerTo(unknown)).toEqual(await answerTo(known))
  await mailbox.receive('PasswordResetRequested', known)
  expect(await mailbox.all('PasswordResetRequested', unknown)).toEqual([])
  expect(await user.db.selectFrom('reset_requests').selectAll().execute()).toEqual([])
})

it('mails at most three in half an hour to an account and does not reveal it; only the last one works', async () => {
  const { email, token } = await forgetful()
  for (let time = 2; time <= 3; time++) {
    await mailbox.forgot(email)
    await mailbox.receive('PasswordResetRequested', email, time)
  }
  expect((await mailbox.forgot(email)).status).toBe(202)
  const other = newEmail()
  await user.register(other)
  await mailbox.forgot(other)
  await mailbox.receive('PasswordResetRequested', other)
  expect(await mailbox.all('PasswordResetRequested', email)).toHaveLength(3)

  expect(await mailbox.reset(token)).toMatchObject(TOKEN_REFUSED)
  const last = await mailbox.receive('PasswordResetRequested', email, 3)
  expect((await mailbox.reset(last.token)).status).toBe(204)
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
  await mailbox.forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email, 2)
  expect((await mailbox.reset(token)).status).toBe(204)
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

it('drops only the request that cannot be answered, and answers those around it', async () => {
  const before = await forgetful()
  const after = newEmail()
  await user.register(after)
  // Shorter than any address that an event may carry.
  const unmailable = { id: newId(), email: 'x', name: null, password_hash: '', created_at: new Date() }
  await user.db.insertInto('users').values(unmailable).execute()
  const asked = [before.email, unmailable.email, after].map((email, at) => ({
    email_hash: String(at).repeat(64),
    email,
    asked_at: new Date(Date.now() - 60_000 + at),
    address: null,
    device: null,
  }))
  await user.db.insertInto('reset_requests').values(asked).execute()
  await mailbox.forgot(newEmail())
  await mailbox.receive('PasswordResetRequested', before.email, 2)
  await mailbox.receive('PasswordResetRequested', after)
  await eventually(
    async () => (await user.db.selectFrom('reset_requests').select('email').execute()).length === 0,
  )
  const tokens = await user.db
    .selectFrom('one_time_tokens')
    .where('user_id', '=', unmailable.id)
    .select('purpose')
    .execute()
  expect(tokens).toEqual([])
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
        user.request('POST', '/v1/auth/password/forgot', { body: { email }, base }),
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
  expect(await mailbox.reset('A'.repeat(43))).toMatchObject(TOKEN_REFUSED)

  const late = await forgetful()
  const aMomentAgo = new Date(Date.now() - 1)
  await user.db
    .updateTable('one_time_tokens')
    .set({ expires_at: aMomentAgo })
    .where('user_id', '=', late.id)
    .execute()
  expect(await mailbox.reset(late.token)).toMatchObject(TOKEN_REFUSED)

  const disabled = await forgetful()
  await user.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', disabled.id).execute()
  expect(await mailbox.reset(disabled.token)).toMatchObject(TOKEN_REFUSED)
})

it('takes no token that went to an address which is the account’s no more', async () => {
  const { id, token } = await forgetful()
  await user.db.updateTable('users').set({ email: newEmail() }).where('id', '=', id).execute()
  expect(await mailbox.reset(token)).toMatchObject(TOKEN_REFUSED)
})

it('keeps a token whose password was refused', async () => {
  const { token } = await forgetful()
  expect(await mailbox.reset(token, 'Password123!')).toMatchObject({
    status: 422,
    body: { type: 'urn:storewright:problem:weak-password', errors: [{ path: 'password' }] },
  })
  expect((await mailbox.reset(token)).status).toBe(204)
})

it('opens the owner’s locks and makes their place known', async () => {
  const email = newEmail()
  await user.register(email, PASSWORD, { address: '198.51.100.1' })
  const away = '198.51.100.2'
  for (let guess = 0; guess < 30; guess++) {
    await user.logIn(email, 'not the password', { address: guess < 6 ? away : `203.0.113.${guess}` })
  }
  expect((await user.logIn(email, PASSWORD, { address: away })).status).toBe(429)

  await mailbox.forgot(email)
  const { token } = await mailbox.receive('PasswordResetRequested', email)
  expect((await mailbox.reset(token, NEXT_PASSWORD, away)).status).toBe(204)
  expect((await user.logIn(email, NEXT_PASSWORD, { address: away })).status).toBe(200)
  for (let guess = 0; guess < 25; guess++) {
    await user.logIn(email, 'not the password', { address: `203.0.113.${100 + guess}` })
  }
  expect((await user.logIn(email, NEXT_PASSWORD, { address: away })).status).toBe(200)
})

it('does not know a thief’s place any more', async () => {
  const { email, id, token } = await forgetful()
  await user.logIn(email, PASSWORD, { address: '203.0.113.250' })
  const known = async () => {
    const rows = await user.db.selectFrom('known_networks').selectAll().where('user_id', '=', id).execute()
    return rows.length
  }
  expect(await known()).toBe(2)
  await mailbox.reset(token, NEXT_PASSWORD, '198.51.100.3')
  expect(await known()).toBe(1)
})
