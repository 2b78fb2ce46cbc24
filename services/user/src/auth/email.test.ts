import { expect, it } from 'vitest'
import { normaliseEmail } from './email.ts'

it.each([
  ['Ada@Example.COM', 'ada@example.com'],
  ['  ada@example.com\t', 'ada@example.com'],
  ['cafe\u0301@example.com', 'caf\u00e9@example.com'],
  ['ada+shop@mail.example.co.uk', 'ada+shop@mail.example.co.uk'],
])('writes %j as %j', (input, normal) => {
  expect(normaliseEmail(input)).toBe(normal)
})

it.each([
  [''],
  ['ada'],
  ['ada@'],
  ['@example.com'],
  ['ada@example'],
  ['ada@example..com'],
  ['ada@@example.com'],
  ['ada lovelace@example.com'],
  ['ada\u0000@example.com'],
  ['ada\ud800@example.com'],
  [`${'a'.repeat(250)}@example.com`],
])('takes %j for no address', (input) => {
  expect(normaliseEmail(input)).toBeNull()
})

it('answers at once for a long string made to backtrack', () => {
  const started = performance.now()
  expect(normaliseEmail(`a@${'a.'.repeat(200_000)}`)).toBeNull()
  expect(performance.now() - started).toBeLessThan(1_000)
})
