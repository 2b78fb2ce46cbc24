import { newId } from '@storewright/database'
import { expect, it } from 'vitest'
import { createDeclineLimit } from './decline-limit.ts'

const start = () => {
  let now = 1_000
  const limit = createDeclineLimit({ perAddress: 2, clock: () => new Date(now) })
  return {
    ...limit,
    pass: (ms: number) => void (now += ms),
    fail: (address: string, failure: { kind?: 'authorize' | 'capture'; reason?: string } = {}) => {
      const orderId = newId()
      limit.payFrom(orderId, address)
      const event = { orderId, reason: 'card-declined', ...failure }
      limit.countFailure(event)
      limit.countFailure(event)
    },
  }
}
const refusal = expect.objectContaining({ kind: 'too-many-requests', status: 429 }) as Error

it('refuses payments from an address after its declines, each counted once, until ten minutes are over', () => {
  const { fail, payFrom, pass } = start()
  fail('10.0.0.1')
  pass(1_000)
  fail('10.0.0.1')
  expect(() => payFrom(newId(), '10.0.0.1')).toThrow(refusal)
  expect(() => payFrom(newId(), '10.0.0.2')).not.toThrow()
  pass(599_000)
  expect(() => payFrom(newId(), '10.0.0.1')).not.toThrow()
  fail('10.0.0.1')
  expect(() => payFrom(newId(), '10.0.0.1')).not.toThrow()
})

it('counts a /64 of IPv6 as one, a success not at all, and no failure that is not about a card', () => {
  const { fail, payFrom } = start()
  for (const address of ['2001:db8::1', '2001:db8::2']) fail(address)
  expect(() => payFrom(newId(), '2001:db8::3')).toThrow(refusal)
  for (let time = 0; time < 5; time++) {
    payFrom(newId(), '10.0.0.1')
    fail('10.0.0.1', { reason: 'provider-unavailable' })
    fail('10.0.0.1', { kind: 'capture' })
  }
  expect(() => payFrom(newId(), '10.0.0.1')).not.toThrow()
})

it('counts the next try of an order that was declined before', () => {
  const { payFrom, countFailure } = start()
  const orderId = newId()
  for (let time = 0; time < 2; time++) {
    payFrom(orderId, '10.0.0.1')
    countFailure({ orderId, reason: 'card-declined' })
  }
  expect(() => payFrom(orderId, '10.0.0.1')).toThrow(refusal)
})
