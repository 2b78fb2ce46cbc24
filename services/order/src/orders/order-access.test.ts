import type { Auth } from '@storewright/service-kit'
import { expect, it } from 'vitest'
import { hashOf } from './access-token.ts'
import { roleOf } from './order-access.ts'

const auth = (userId: string, ...permissions: string[]): Auth => ({
  kind: 'user',
  issuedAt: 0,
  userId,
  sessionId: 's',
  roles: [],
  permissions,
})
const guestOrder = { userId: null, accessTokenHash: hashOf('key') }
const ownedOrder = { userId: 'ann', accessTokenHash: null }

it('knows an owner by account, a guest by token, and staff by permission', () => {
  expect(roleOf({ auth: auth('ann'), orderToken: undefined }, ownedOrder, 'orders:read')).toBe('customer')
  expect(roleOf({ auth: null, orderToken: 'key' }, guestOrder, 'orders:read')).toBe('customer')
  expect(roleOf({ auth: auth('bob', 'orders:read'), orderToken: undefined }, ownedOrder, 'orders:read')).toBe(
    'staff',
  )
})

it('knows nobody else', () => {
  expect(roleOf({ auth: auth('bob'), orderToken: undefined }, ownedOrder, 'orders:read')).toBeNull()
  expect(
    roleOf({ auth: auth('bob', 'orders:read'), orderToken: undefined }, ownedOrder, 'orders:write'),
  ).toBe(null)
  expect(roleOf({ auth: null, orderToken: undefined }, guestOrder, 'orders:read')).toBeNull()
  expect(roleOf({ auth: null, orderToken: 'wrong' }, guestOrder, 'orders:read')).toBeNull()
  expect(roleOf({ auth: null, orderToken: 'key' }, ownedOrder, 'orders:read')).toBeNull()
})
