import { afterAll, beforeAll, expect, it } from 'vitest'
import { startUser, type UserService } from './harness.ts'

let user: UserService
beforeAll(async () => {
  // A cost at which the queue fills faster than two threads can empty it.
  user = await startUser({ BCRYPT_COST: '10', PASSWORD_THREADS: '1', PASSWORD_QUEUE: '2' })
})
afterAll(() => user.stop())

it('tells those who would wait too long to come back, and serves the others', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, () => user.register()))
  const made = answers.filter(({ status }) => status === 201)
  const busy = answers.filter(({ status }) => status === 503)

  expect(made.length).toBeGreaterThan(0)
  expect(busy.length).toBeGreaterThan(0)
  expect(made.length + busy.length).toBe(answers.length)
  for (const { headers, body } of busy) {
    expect(body).toMatchObject({ type: 'urn:storewright:problem:busy' })
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  }
  expect((await user.get('/.well-known/jwks.json')).status).toBe(200)
})
