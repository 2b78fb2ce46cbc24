import { UserChanged } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { hashSecret } from '../src/secrets.ts'
import { newEmail, setUpUser } from './harness.ts'
import { setUpMailbox, TOKEN_REFUSED } from './mailbox.ts'

const user = setUpUser()
const mailbox = setUpMailbox(user)

const resend = (accessToken: string) => user.post('/v1/auth/email/resend', undefined, accessToken)
const me = async (accessToken: string) => (await user.get('/v1/me', accessToken)).body

it('requests the proof of a newcomer’s mailbox, accepts the token once, and emits the event', async () => {
  const spy = await user.vhost.spyOn(UserChanged)
  const { email, id, token: access, user: account } = await user.newcomer()
  expect(account.emailVerified).toBe(false)
  const { token, purpose, expiresAt } = await mailbox.receive('EmailVerificationRequested', email)
  expect(purpose).toBe('registration')
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(23 * 3_600_000)

  expect((await mailbox.verify(token)).status).toBe(204)
  expect(await me(access)).toMatchObject({ emailVerified: true, version: 2 })
  expect(await mailbox.verify(token)).toMatchObject(TOKEN_REFUSED)
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([
    { data: { userId: id, status: 'active', roles: ['customer'], emailVerified: true } },
  ])
})

it('stores only the hash of the token', async () => {
  const { email, id } = await user.newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const rows = await user.db.selectFrom('one_time_tokens').selectAll().where('user_id', '=', id).execute()
  expect(rows).toMatchObject([{ purpose: 'email', token_hash: hashSecret(token), email }])
})

it('accepts a token once when several use it at the same time', async () => {
  const { email } = await user.newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const answers = await Promise.all(Array.from({ length: 8 }, () => mailbox.verify(token)))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(7).fill(422)])
})

it('answers alike for a token that is wrong, was used, is of another kind or has expired', async () => {
  const { email, id } = await user.newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const answerTo = async (given: string) => {
    const { status, body } = await mailbox.verify(given)
    return { status, body: { ...body, requestId: '' } }
  }
  const wrong = await answerTo('A'.repeat(43))
  expect(wrong.status).toBe(422)

  const aMomentAgo = new Date(Date.now() - 1)
  await user.db
    .updateTable('one_time_tokens')
    .set({ expires_at: aMomentAgo })
    .where('user_id', '=', id)
    .execute()
  expect(await answerTo(token)).toEqual(wrong)

  const other = newEmail()
  await user.register(other)
  await mailbox.forgot(other)
  const reset = await mailbox.receive('PasswordResetRequested', other)
  expect(await answerTo(reset.token)).toEqual(wrong)
})

it('sends another mail on request, which invalidates the one before, and is rate-limited', async () => {
  const { email, token: access } = await user.newcomer()
  const first = await mailbox.receive('EmailVerificationRequested', email)
  expect((await resend(access)).status).toBe(204)
  const second = await mailbox.receive('EmailVerificationRequested', email, 2)
  expect(await mailbox.verify(first.token)).toMatchObject(TOKEN_REFUSED)

  const more = await Promise.all(Array.from({ length: 8 }, () => resend(access)))
  expect(more.map(({ status }) => status).sort()).toEqual([
    ...Array<number>(4).fill(204),
    ...Array<number>(4).fill(429),
  ])
  const refused = more.find(({ status }) => status === 429)!
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)

  const last = await mailbox.receive('EmailVerificationRequested', email, 6)
  expect(await mailbox.verify(second.token)).toMatchObject(TOKEN_REFUSED)
  expect((await mailbox.verify(last.token)).status).toBe(204)
})

it('sends nothing for an address that is verified', async () => {
  const { email, token: access } = await user.newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  await mailbox.verify(token)
  expect((await resend(access)).status).toBe(204)
  const other = await user.newcomer()
  await mailbox.receive('EmailVerificationRequested', other.email)
  expect(await mailbox.all('EmailVerificationRequested', email)).toHaveLength(1)
})

it.each<[string, unknown, number]>([
  ['nothing', {}, 400],
  ['a number', { token: 1 }, 400],
  ['null', { token: null }, 400],
  ['a list', { token: ['a'] }, 400],
  ['an empty text', { token: '' }, 400],
  ['a NUL', { token: 'a\0' }, 400],
  ['half a character', { token: '\ud800' }, 400],
  ['too long a text', { token: 'a'.repeat(201) }, 400],
  ['1 MB', { token: 'a'.repeat(1_000_000) }, 400],
  ['more than asked', { token: 'a', email: 'a@example.com' }, 400],
  ['SQL', { token: "' or 1=1 -- " }, 422],
])('rejects %s as a token', async (_what, body, status) => {
  const answer = await user.post('/v1/auth/email/verify', body)
  expect(answer).toMatchObject({ status, body: { status } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})

it('sends again only to who is signed in', async () => {
  expect((await user.post('/v1/auth/email/resend')).status).toBe(401)
  const { token: access } = await user.newcomer()
  expect((await user.post('/v1/auth/email/resend', { email: 'a@example.com' }, access)).status).toBeLessThan(
    500,
  )
})
