import { expect, it } from 'vitest'
import { permissions, permissionsOf } from './roles.ts'

it('grants a customer nothing and an admin everything', () => {
  expect(permissionsOf(['customer'])).toEqual([])
  expect(permissionsOf(['admin'])).toEqual(permissions)
})

it('grants each permission once, whatever the roles share', () => {
  expect(permissionsOf(['admin', 'customer', 'admin'])).toEqual(permissions)
})

it('grants nothing to a role that it does not know', () => {
  expect(permissionsOf(['constructor', '__proto__', 'owner'])).toEqual([])
})
