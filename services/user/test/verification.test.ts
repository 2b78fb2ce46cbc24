import { UserChanged } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fingerprint } from '../src/auth/secret.ts'
import { newEmail, startUser, type UserService } from './harness.ts'
import { openMailbox, type Mailbox } from './mailbox.ts'

let user: UserService
let mailbox: Mailbox
beforeAll(async () => {
  user = await startUser()
  mailbox = await openMailbox(user)
})
afterAll(() => user.stop())

const REFUSED = { status: 422, body: { type: 'urn:storewright:problem:invalid-one-time-token' } }

const verify = (token: string) => user.post('/v1/auth/email/verify', { token })
const resend = (accessToken: string) => user.post('/v1/auth/email/resend', undefined, accessToken)
const me = async (accessToken: string) => (await user.get('/v1/me', accessToken)).body
const newcomer = async () => {
  const email = newEmail()
  const { body } = await user.register(email)
  return { email, id: body.user.id, access: body.tokens.accessToken, emailVerified: body.user.emailVerified }
}

it('asks a newcomer to prove the mailbox, believes the token once, and says so', async () => {
  const spy = await user.vhost.spyOn(UserChanged)
  const { email, id, access, emailVerified } = await newcomer()
  expect(emailVerified).toBe(false)
  const { token, purpose, expiresAt } = await mailbox.receive('EmailVerificationRequested', email)
  expect(purpose).toBe('registration')
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(23 * 3_600_000)

  expect((await verify(token)).status).toBe(204)
  expect(await me(access)).toMatchObject({ emailVerified: true, version: 2 })
  expect(await verify(token)).toMatchObject(REFUSED)
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([
    { data: { userId: id, status: 'active', roles: ['customer'], emailVerified: true } },
  ])
})

it('keeps of the token only its hash', async () => {
  const { email, id } = await newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const rows = await user.db.selectFrom('one_time_tokens').selectAll().where('user_id', '=', id).execute()
  expect(rows).toMatchObject([{ purpose: 'email', token_hash: fingerprint(token), email }])
})

it('lets one of several who use a token at once have it', async () => {
  const { email } = await newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const answers = await Promise.all(Array.from({ length: 8 }, () => verify(token)))
  expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array<number>(7).fill(422)])
})

it('answers alike for a token that is wrong, was used, is of another kind or has expired', async () => {
  const { email, id } = await newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  const told = async (given: string) => {
    const { status, body } = await verify(given)
    return { status, body: { ...body, requestId: '' } }
  }
  const wrong = await told('A'.repeat(43))
  expect(wrong.status).toBe(422)

  const aMomentAgo = new Date(Date.now() - 1)
  await user.db
    .updateTable('one_time_tokens')
    .set({ expires_at: aMomentAgo })
    .where('user_id', '=', id)
    .execute()
  expect(await told(token)).toEqual(wrong)

  const other = newEmail()
  await user.register(other)
  await user.post('/v1/auth/password/forgot', { email: other })
  const reset = await mailbox.receive('PasswordResetRequested', other)
  expect(await told(reset.token)).toEqual(wrong)
})

it('sends it again, which makes the one before worthless, and not too often', async () => {
  const { email, access } = await newcomer()
  const first = await mailbox.receive('EmailVerificationRequested', email)
  expect((await resend(access)).status).toBe(204)
  const second = await mailbox.receive('EmailVerificationRequested', email, 2)
  expect(await verify(first.token)).toMatchObject(REFUSED)

  const more = await Promise.all(Array.from({ length: 8 }, () => resend(access)))
  expect(more.map(({ status }) => status).sort()).toEqual([
    ...Array<number>(4).fill(204),
    ...Array<number>(4).fill(429),
  ])
  const refused = more.find(({ status }) => status === 429)!
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000)

  const last = await mailbox.receive('EmailVerificationRequested', email, 6)
  expect(await verify(second.token)).toMatchObject(REFUSED)
  expect((await verify(last.token)).status).toBe(204)
})

it('sends nothing where everything is proved', async () => {
  const { email, access } = await newcomer()
  const { token } = await mailbox.receive('EmailVerificationRequested', email)
  await verify(token)
  expect((await resend(access)).status).toBe(204)
  const other = await newcomer()
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
])('takes %s for no token', async (_what, body, status) => {
  const answer = await user.post('/v1/auth/email/verify', body)
  expect(answer).toMatchObject({ status, body: { status } })
  expect(answer.headers.get('content-type')).toContain('application/problem+json')
})

it('sends again only to who is signed in', async () => {
  expect((await user.post('/v1/auth/email/resend')).status).toBe(401)
  const { access } = await newcomer()
  expect((await user.post('/v1/auth/email/resend', { email: 'a@example.com' }, access)).status).toBeLessThan(
    500,
  )
})
