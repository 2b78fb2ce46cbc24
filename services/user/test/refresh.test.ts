import { SessionRevoked } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { hashSecret } from '../src/secrets.ts'
import { setUpUser } from './harness.ts'

const user = setUpUser()

const OVER = { status: 401, body: { type: 'urn:storewright:problem:invalid-refresh-token' } }

/** A new session: its owner, and the token that a thief may have copied. */
const newSession = async () => {
  const { body } = await user.register()
  return { userId: body.user.id, token: body.tokens.refreshToken }
}
const renew = async (token: string) => {
  const answer = await user.refresh(token)
  expect(answer.status).toBe(200)
  return answer.body.tokens
}
/** As if the token had been spent longer ago than the grace. */
const pastGrace = (token: string) =>
  user.db
    .updateTable('refresh_tokens')
    .set({ spent_at: new Date(Date.now() - 10_001) })
    .where('token_hash', '=', hashSecret(token))
    .execute()
const tokensOf = (userId: string) =>
  user.db
    .selectFrom('refresh_tokens')
    .innerJoin('sessions', 'sessions.id', 'refresh_tokens.session_id')
    .select(['spent_at as spentAt', 'revoked_at as revokedAt'])
    .where('user_id', '=', userId)
    .execute()
const isOver = async (userId: string) => (await tokensOf(userId)).every(({ revokedAt }) => revokedAt !== null)
const unspent = async (userId: string) =>
  (await tokensOf(userId)).filter(({ spentAt }) => spentAt === null).length

it('rotates the refresh token and keeps the session', async () => {
  const { token } = await newSession()
  const first = await renew(token)
  expect(first.refreshToken).not.toBe(token)
  const second = await renew(first.refreshToken)
  expect((await user.get('/v1/me', second.accessToken)).status).toBe(200)
})

it('answers a retry with the same successor: the answer was lost, or a second tab came', async () => {
  const { userId, token } = await newSession()
  const lost = await renew(token)
  const retried = await renew(token)
  expect(retried.refreshToken).toBe(lost.refreshToken)
  expect((await user.get('/v1/me', retried.accessToken)).status).toBe(200)

  await renew(retried.refreshToken)
  expect(await isOver(userId)).toBe(false)
  expect(await unspent(userId)).toBe(1)
})

it('gives clients that come at once one successor, however many they are, round after round', async () => {
  const { userId, token } = await newSession()
  let current = token
  for (let round = 1; round <= 4; round++) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => user.refresh(current)))
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(8).fill(200))
    const successors = new Set(answers.map(({ body }) => body.tokens.refreshToken))
    expect(successors.size).toBe(1)
    expect(await tokensOf(userId)).toHaveLength(round + 1)
    expect(await unspent(userId)).toBe(1)
    current = [...successors][0]!
  }
})

it('ends the session when a spent token turns up after the grace, and emits one event', async () => {
  const spy = await user.vhost.spyOn(SessionRevoked)
  const { userId, token } = await newSession()
  const renewed = await renew(token)
  await pastGrace(token)

  for (let time = 0; time < 2; time++) expect(await user.refresh(token)).toMatchObject(OVER)
  expect(await user.refresh(renewed.refreshToken)).toMatchObject(OVER)
  expect((await user.get('/v1/me', renewed.accessToken)).status).toBe(401)
  await eventually(async () => (await spy.messages()).length > 0)
  expect(await spy.messages()).toMatchObject([{ data: { userId, reason: 'refresh-reuse' } }])
})

it('ends the session when a thief comes after the owner went on, within the grace too', async () => {
  const { userId, token } = await newSession()
  const owner = await renew(token)
  await renew(owner.refreshToken)
  expect(await user.refresh(token)).toMatchObject(OVER)
  expect(await isOver(userId)).toBe(true)
})

it('ends the session when the owner comes after a thief, as soon as the grace is over', async () => {
  const { userId, token } = await newSession()
  const thief = await renew(token)
  await pastGrace(token)
  expect(await user.refresh(token)).toMatchObject(OVER)
  expect(await user.refresh(thief.refreshToken)).toMatchObject(OVER)
  expect(await isOver(userId)).toBe(true)
})

it.each(['the thief', 'the owner'])(
  'ends the session at the latest with the next refresh when both used one token and %s goes on first',
  async () => {
    const { userId, token } = await newSession()
    const [owner, thief] = await Promise.all([renew(token), renew(token)])
    expect(thief.refreshToken).toBe(owner.refreshToken)

    const first = await renew(owner.refreshToken)
    await pastGrace(owner.refreshToken)
    expect(await user.refresh(thief.refreshToken)).toMatchObject(OVER)
    expect(await user.refresh(first.refreshToken)).toMatchObject(OVER)
    expect(await isOver(userId)).toBe(true)
  },
)

it('never leaves two living tokens when a token and its successor come at once', async () => {
  for (let round = 0; round < 6; round++) {
    const { userId, token } = await newSession()
    const { refreshToken: successor } = await renew(token)
    const answers = await Promise.all(
      [token, successor, token, successor].map((presented) => user.refresh(presented)),
    )
    const given = answers.filter(({ status }) => status === 200).map(({ body }) => body.tokens.refreshToken)
    // The old token is good until the successor is used; after that it ends the session.
    expect(await unspent(userId)).toBe(1)
    expect(new Set(given.filter((next) => next !== successor)).size).toBeLessThanOrEqual(1)
    if (answers[0]!.status === 401 || answers[2]!.status === 401) expect(await isOver(userId)).toBe(true)
  }
})

it('has no grace where none is wanted', async () => {
  const strict = await user.replica({ REFRESH_GRACE_SECONDS: '0' })
  const { userId, token } = await newSession()
  const refresh = () => user.refresh(token, undefined, strict)
  const answers = await Promise.all(Array.from({ length: 8 }, refresh))
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(401)])
  expect(await isOver(userId)).toBe(true)
})

it('keeps neither tokens nor what they could be made of alone', async () => {
  const { token } = await newSession()
  const { refreshToken: successor } = await renew(token)
  const rows = JSON.stringify(await user.db.selectFrom('refresh_tokens').selectAll().execute())
  for (const secret of [token, successor]) expect(rows).not.toContain(secret)
})

it('does not renew a session that ran out', async () => {
  const { userId, token } = await newSession()
  await user.db
    .updateTable('sessions')
    .set({ expires_at: new Date(Date.now() - 1_000) })
    .where('user_id', '=', userId)
    .execute()
  expect(await user.refresh(token)).toMatchObject(OVER)
})

it.each(['disabled', 'erased'] as const)(
  'does not renew the session of an account that is %s',
  async (status) => {
    const { userId, token } = await newSession()
    await user.db.updateTable('users').set({ status }).where('id', '=', userId).execute()
    expect(await user.refresh(token)).toMatchObject(OVER)
  },
)

it('records a reuse on the owner’s timeline, with where it came from', async () => {
  const { userId, token } = await newSession()
  await renew(token)
  await pastGrace(token)
  await user.refresh(token, { address: '198.51.100.66', device: 'thief/1' })
  const { address, device } = await user.db
    .selectFrom('activity')
    .select(['address', 'device'])
    .where('user_id', '=', userId)
    .where('type', '=', 'refresh-reused')
    .executeTakeFirstOrThrow()
  expect({ address, device }).toEqual({ address: '198.51.100.66', device: 'thief/1' })
})
