import type { Auth } from '@storewright/service-kit/auth'
import { expect, it } from 'vitest'
import { accessTokenFor, hashAccessToken, roleOf, verifyAccessToken } from './order-access.ts'

const auth = (userId: string, ...permissions: string[]): Auth => ({
  kind: 'user',
  issuedAt: 0,
  userId,
  sessionId: 's',
  roles: [],
  permissions,
})
const guestOrder = { userId: null, accessTokenHash: hashAccessToken('key') }
const ownedOrder = { userId: 'ann', accessTokenHash: null }

it('recognises an owner by account, a guest by token, and staff by permission', () => {
  expect(roleOf({ auth: auth('ann'), orderToken: undefined }, ownedOrder, 'orders:read')).toBe('customer')
  expect(roleOf({ auth: null, orderToken: 'key' }, guestOrder, 'orders:read')).toBe('customer')
  expect(roleOf({ auth: auth('bob', 'orders:read'), orderToken: undefined }, ownedOrder, 'orders:read')).toBe(
    'staff',
  )
})

it('gives no role to anybody else', () => {
  expect(roleOf({ auth: auth('bob'), orderToken: undefined }, ownedOrder, 'orders:read')).toBeNull()
  expect(
    roleOf({ auth: auth('bob', 'orders:read'), orderToken: undefined }, ownedOrder, 'orders:write'),
  ).toBe(null)
  expect(roleOf({ auth: null, orderToken: undefined }, guestOrder, 'orders:read')).toBeNull()
  expect(roleOf({ auth: null, orderToken: 'wrong' }, guestOrder, 'orders:read')).toBeNull()
  expect(roleOf({ auth: null, orderToken: 'key' }, ownedOrder, 'orders:read')).toBeNull()
})

it('an access token opens the order that it was made for, and no other', () => {
  const token = accessTokenFor('order-1', 'secret')
  expect(verifyAccessToken(token, hashAccessToken(token))).toBe(true)
  expect(verifyAccessToken(accessTokenFor('order-2', 'secret'), hashAccessToken(token))).toBe(false)
  expect(verifyAccessToken(accessTokenFor('order-1', 'other secret'), hashAccessToken(token))).toBe(false)
  expect(verifyAccessToken(token, null)).toBe(false)
  expect(verifyAccessToken('', hashAccessToken(token))).toBe(false)
})

it('an access token is the same each time for one order, and is not its hash', () => {
  const token = accessTokenFor('order-1', 'secret')
  expect(accessTokenFor('order-1', 'secret')).toBe(token)
  expect(hashAccessToken(token)).not.toContain(token)
})
