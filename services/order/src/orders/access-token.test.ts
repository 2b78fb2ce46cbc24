import { expect, it } from 'vitest'
import { accessTokenFor, hashOf, opens } from './access-token.ts'

it('opens the order that it was made for, and no other', () => {
  const token = accessTokenFor('order-1', 'secret')
  expect(opens(token, hashOf(token))).toBe(true)
  expect(opens(accessTokenFor('order-2', 'secret'), hashOf(token))).toBe(false)
  expect(opens(accessTokenFor('order-1', 'other secret'), hashOf(token))).toBe(false)
  expect(opens(token, null)).toBe(false)
  expect(opens('', hashOf(token))).toBe(false)
})

it('is the same again for the same order, and not its hash', () => {
  const token = accessTokenFor('order-1', 'secret')
  expect(accessTokenFor('order-1', 'secret')).toBe(token)
  expect(hashOf(token)).not.toContain(token)
})
