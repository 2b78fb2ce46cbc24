import { expect, it } from 'vitest'
import { waitSecondsOf } from './prefer-wait.ts'

it('reads the wait preference up to a limit', () => {
  expect(waitSecondsOf('wait=10')).toBe(10)
  expect(waitSecondsOf('respond-async, wait=5')).toBe(5)
  expect(waitSecondsOf(['return=minimal', 'Wait = "7"'])).toBe(7)
  expect(waitSecondsOf('wait=600')).toBe(30)
})

it('ignores a preference that it cannot parse', () => {
  for (const prefer of [
    undefined,
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait=x',
    'await=3',
    'wait=1e9',
  ])
    expect(waitSecondsOf(prefer)).toBe(0)
})
