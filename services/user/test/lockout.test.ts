import { afterAll, beforeAll, expect, it } from 'vitest'
import { fingerprint } from '../src/auth/refresh-token.ts'
import { newEmail, startUser, type UserService } from './harness.ts'

let user: UserService
beforeAll(async () => {
  user = await startUser()
})
afterAll(() => user.stop())

const WRONG = 'not the password'

const fail = async (email: string, times: number) => {
  const statuses: number[] = []
  for (let time = 0; time < times; time++) statuses.push((await user.logIn(email, WRONG)).status)
  return statuses
}
const lockOf = async (email: string) => {
  const { lastFailedAt, lockedUntil } = await user.db
    .selectFrom('login_failures')
    .select(['last_failed_at as lastFailedAt', 'locked_until as lockedUntil'])
    .where('scope_hash', '=', fingerprint(email))
    .executeTakeFirstOrThrow()
  return (lockedUntil!.getTime() - lastFailedAt.getTime()) / 1_000
}
/** As if the lock had opened by itself. */
const waitOut = (email: string) =>
  user.db
    .updateTable('login_failures')
    .set({ locked_until: new Date(Date.now() - 1) })
    .where('scope_hash', '=', fingerprint(email))
    .execute()

it.each([
  ['with', true],
  ['without', false],
] as const)('locks an address %s an account', async (_what, known) => {
  const email = newEmail()
  if (known) await user.register(email)
  expect(await fail(email, 6)).toEqual([401, 401, 401, 401, 401, 429])

  const locked = await user.logIn(email)
  expect(locked).toMatchObject({ status: 429, body: { type: 'urn:storewright:problem:account-locked' } })
  expect(Number(locked.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
})

it('locks longer with each further failure', async () => {
  const email = newEmail()
  await fail(email, 5)
  const seconds = [await lockOf(email)]
  for (let time = 0; time < 2; time++) {
    await waitOut(email)
    await fail(email, 1)
    seconds.push(await lockOf(email))
  }
  expect(seconds).toEqual([5, 10, 20])
})

it('forgets the failures at the right password', async () => {
  const email = newEmail()
  await user.register(email)
  await fail(email, 4)
  expect((await user.logIn(email)).status).toBe(200)
  expect(await fail(email, 4)).toEqual([401, 401, 401, 401])
  expect((await user.logIn(email)).status).toBe(200)
})

it('counts guesses that are made at once one by one', async () => {
  const email = newEmail()
  await user.register(email)
  const answers = await Promise.all(Array.from({ length: 20 }, () => user.logIn(email, WRONG)))
  const refused = answers.filter(({ status }) => status === 401)
  expect(refused).toHaveLength(5)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(15)
})
