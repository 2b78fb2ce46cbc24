import { expect, it } from 'vitest'
import { createPasswords } from '../src/credentials/passwords.ts'
import { setUpUser } from './harness.ts'

// A cost at which the queue fills faster than a thread can empty it.
const user = setUpUser({ BCRYPT_COST: '10', PASSWORD_THREADS: '1', PASSWORD_QUEUE: '2' })

it('sends away those who would wait too long, and serves the others', async () => {
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

it('lets nobody wait longer than a proxy would, however long the queue may be', async () => {
  const passwords = createPasswords({ cost: 10, threads: 1, queue: 1_000, maxWaitMs: 200 })
  try {
    await passwords.hash('the first shows how long one takes')
    const outcomes = await Promise.allSettled(
      Array.from({ length: 60 }, (_none, which) => passwords.hash(`password ${which}`)),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused.length).toBeGreaterThan(30)
    expect(refused.length).toBeLessThan(60)
    for (const { reason } of refused) expect(reason).toMatchObject({ kind: 'busy' })
  } finally {
    await passwords.component.stop?.()
  }
})
