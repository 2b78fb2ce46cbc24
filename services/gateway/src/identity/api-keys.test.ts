import { randomUUID } from 'node:crypto'
import { ApiKeyRevoked } from '@storewright/contracts'
import { anEvent } from '@storewright/testing'
import { expect, it } from 'vitest'
import { createApiKeys } from './api-keys.ts'

const EXPIRES_IN = 300
const newKey = () => `sw_${randomUUID().replaceAll('-', '')}_${'k'.repeat(43)}`

/** API keys before a user service whose answers the test gives, in the order of the calls. */
const start = () => {
  let now = 0
  const calls: { answer: (status: number, body?: object) => void; fail: () => void }[] = []
  const keys = createApiKeys({
    clock: () => now,
    users: {
      call: ({ accept }) =>
        new Promise((resolve, reject) => {
          calls.push({
            answer: (status, body) => {
              const result = accept(status, body)
              if (result === undefined) reject(new Error(`answered ${status}`))
              else resolve(result)
            },
            fail: () => reject(new Error('does not answer')),
          })
        }),
    },
  })
  return {
    keys,
    calls,
    pass: (ms: number) => void (now += ms),
    tokenFor: (key: string) => keys.tokenFor(key, () => undefined),
    revoke: async (apiKeyId: string) => {
      const event = anEvent(ApiKeyRevoked, { apiKeyId, revokedAt: new Date().toISOString() })
      for (const { handle } of keys.subscriptions) await handle(event)
    },
  }
}

const token = (apiKeyId: string) => ({ accessToken: `token of ${apiKeyId}`, expiresIn: EXPIRES_IN, apiKeyId })
const outcomes = (tokens: Promise<string>[]) =>
  Promise.allSettled(tokens).then((settled) =>
    settled.map((one) =>
      one.status === 'fulfilled' ? one.value : (one.reason as { kind?: string; message: string }).kind,
    ),
  )

it('refuses every request that waits for the exchange of an API key that is revoked meanwhile', async () => {
  const { calls, tokenFor, revoke } = start()
  const key = newKey()
  const waiting = [tokenFor(key), tokenFor(key)]
  await revoke('a')
  waiting.push(tokenFor(key))
  calls[0]?.answer(200, token('a'))
  expect(await outcomes(waiting)).toEqual(Array(3).fill('invalid-api-key'))
  expect(await outcomes([tokenFor(key)])).toEqual(['invalid-api-key'])
  expect(calls).toHaveLength(1)
})

it('completes the exchange of an API key while another key is revoked', async () => {
  const { calls, tokenFor, revoke } = start()
  const waiting = [tokenFor(newKey()), tokenFor(newKey())]
  await revoke('b')
  calls[1]?.answer(200, token('b'))
  calls[0]?.answer(200, token('a'))
  expect(await outcomes(waiting)).toEqual(['token of a', 'invalid-api-key'])
})

it('accepts what the user service answers to an exchange that began after a revocation', async () => {
  const { calls, tokenFor, revoke } = start()
  await revoke('a')
  const waiting = tokenFor(newKey())
  calls[0]?.answer(200, token('a'))
  expect(await waiting).toBe('token of a')
})

it('uses the old token of an API key when its renewal fails, unless the key was revoked meanwhile', async () => {
  const { calls, tokenFor, revoke, pass } = start()
  const [kept, lost] = [newKey(), newKey()]
  const first = [tokenFor(kept), tokenFor(lost)]
  calls[0]?.answer(200, token('kept'))
  calls[1]?.answer(200, token('lost'))
  await Promise.all(first)

  pass((EXPIRES_IN - 10) * 1_000)
  const renewals = [tokenFor(kept), tokenFor(lost)]
  await revoke('lost')
  calls[2]?.fail()
  calls[3]?.fail()
  expect(await outcomes(renewals)).toEqual(['token of kept', 'unavailable'])

  pass(10_000)
  const late = tokenFor(kept)
  calls[4]?.fail()
  expect(await outcomes([late])).toEqual(['unavailable'])
})
