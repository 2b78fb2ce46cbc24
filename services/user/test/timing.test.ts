import { afterAll, expect, it } from 'vitest'
import { createPasswords } from '../src/credentials/passwords.ts'

const passwords = createPasswords({ cost: 9, threads: 1, queue: 10 })
afterAll(() => passwords.component.stop?.())

/** The quickest of several: what the work itself takes, whatever else the machine does. */
const quickest = async (hash: string | undefined) => {
  let best = Infinity
  for (let time = 0; time < 8; time++) {
    const began = performance.now()
    expect(await passwords.matches('not the password', hash)).toBe(false)
    best = Math.min(best, performance.now() - began)
  }
  return best
}

it('takes as long for an address without an account as for a wrong password', async () => {
  const known = await quickest(await passwords.hash('correct horse battery'))
  const unknown = await quickest(undefined)
  expect(unknown / known).toBeGreaterThan(0.6)
  expect(unknown / known).toBeLessThan(1.6)
})
