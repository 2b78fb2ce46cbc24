import { expect, it } from 'vitest'
import { createBreaker, type BreakerState } from './breaker.ts'

const start = () => {
  let now = 0
  const changes: BreakerState[] = []
  const breaker = createBreaker({ clock: () => now, onChange: (state) => changes.push(state) })
  const fail = (times = 1) => {
    for (let time = 0; time < times; time++) breaker.enter()('failed')
  }
  return { breaker, changes, fail, pass: (ms: number) => void (now += ms) }
}

it('opens a breaker after five failures in a row and no fewer', () => {
  const { breaker, changes, fail } = start()
  fail(4)
  breaker.enter()('answered')
  fail(4)
  expect(breaker.waitMs()).toBe(0)
  fail()
  expect(breaker.state).toBe('open')
  expect(breaker.waitMs()).toBe(1_000)
  expect(changes).toEqual(['open'])
})

it('lets one request probe the service once the breaker is half open', () => {
  const { breaker, changes, fail, pass } = start()
  fail(5)
  pass(1_000)
  expect(breaker.state).toBe('half-open')
  expect(breaker.waitMs()).toBe(0)
  const probe = breaker.enter()
  expect(breaker.waitMs()).toBeGreaterThan(0)
  probe('answered')
  expect(breaker.waitMs()).toBe(0)
  expect(changes).toEqual(['open', 'closed'])
})

it('keeps a breaker open twice as long after each failed probe, up to ten seconds', () => {
  const { breaker, fail, pass } = start()
  fail(5)
  const waits = []
  for (let time = 0; time < 6; time++) {
    pass(breaker.waitMs())
    fail()
    waits.push(breaker.waitMs())
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
})

it('lets another request probe the service when the client of the probe disconnects', () => {
  const { breaker, fail, pass } = start()
  fail(5)
  pass(1_000)
  breaker.enter()('unknown')
  expect(breaker.waitMs()).toBe(0)
})

it('does not prolong an open breaker by failures of requests that were under way', () => {
  const { breaker, fail, pass } = start()
  const late = breaker.enter()
  fail(5)
  pass(900)
  late('failed')
  expect(breaker.waitMs()).toBe(100)
})

it('closes a breaker when a request from before it opened is answered, whatever becomes of the probe', () => {
  const { breaker, changes, fail, pass } = start()
  const late = breaker.enter()
  fail(5)
  pass(1_000)
  const probe = breaker.enter()
  late('answered')
  expect(breaker.state).toBe('closed')
  probe('failed')
  expect(breaker.state).toBe('closed')
  expect(breaker.waitMs()).toBe(0)
  expect(changes).toEqual(['open', 'closed'])
})

it('counts only the first outcome that is reported for a request', () => {
  const { breaker, fail } = start()
  const request = breaker.enter()
  request('answered')
  fail(4)
  request('failed')
  expect(breaker.state).toBe('closed')
})

it('lets one request after another probe the service, and counts anew once one was answered', () => {
  const { breaker, fail, pass } = start()
  fail(5)
  pass(1_000)
  const probe = breaker.enter()
  expect(breaker.waitMs()).toBe(1_000)
  probe('failed')
  expect(breaker.waitMs()).toBe(2_000)
  pass(2_000)
  breaker.enter()('answered')
  fail(4)
  expect(breaker.waitMs()).toBe(0)
  fail()
  expect(breaker.waitMs()).toBe(1_000)
})
