import { afterAll, beforeAll, expect, it } from 'vitest'
import { sweep } from '../src/auth/sweeper.ts'
import { newEmail, startUser, type UserService } from './harness.ts'

const DAY = 86_400

let user: UserService
beforeAll(async () => {
  user = await startUser()
})
afterAll(() => user.stop())

const counts = async () => {
  const [sessions, tokens, failures] = await Promise.all([
    user.db.selectFrom('sessions').select('id').execute(),
    user.db.selectFrom('refresh_tokens').select('token_hash').execute(),
    user.db.selectFrom('login_failures').select('scope_hash').execute(),
  ])
  return { sessions: sessions.length, tokens: tokens.length, failures: failures.length }
}
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000)

it('removes what nobody can use any more, and only that', async () => {
  const { body } = await user.register()
  await user.refresh(body.tokens.refreshToken)
  await user.logIn(newEmail(), 'not the password')
  const before = await counts()
  expect(before).toEqual({ sessions: 1, tokens: 2, failures: 1 })

  await sweep(user.db, 30 * DAY, new Date())
  expect(await counts()).toEqual(before)

  await sweep(user.db, 2 * DAY, inSeconds(3 * DAY))
  expect(await counts()).toEqual({ sessions: 1, tokens: 1, failures: 0 })

  await sweep(user.db, 30 * DAY, inSeconds(31 * DAY))
  expect(await counts()).toEqual({ sessions: 0, tokens: 0, failures: 0 })
})
