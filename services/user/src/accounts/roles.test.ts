import { ADMIN_PERMISSIONS } from '@storewright/testing'
import { expect, it } from 'vitest'
import { missingPermissions, permissions, permissionsOf, roleNames } from './roles.ts'

it('grants a customer nothing and an admin everything', () => {
  expect(permissionsOf(['customer'])).toEqual([])
  expect(permissionsOf(['admin'])).toEqual(permissions)
})

it('lets only an admin change accounts and make keys', () => {
  const others = permissionsOf(roleNames.filter((name) => name !== 'admin'))
  expect(others).not.toContain('users:write')
  expect(others).not.toContain('api-keys:write')
})

it('lets support see orders, accounts and stock, and change no goods', () => {
  const support = permissionsOf(['support'])
  expect(support).toEqual(expect.arrayContaining(['orders:read', 'orders:write', 'support', 'users:read']))
  expect(support.filter((name) => /^(catalog|promotions|stock):write$/.test(name))).toEqual([])
})

it('grants each permission once, whatever the roles share', () => {
  expect(permissionsOf(['admin', 'customer', 'admin'])).toEqual(permissions)
  expect(permissionsOf(['catalog-manager', 'inventory-manager'])).toEqual([
    'catalog:write',
    'promotions:write',
    'stock:read',
    'stock:write',
    'orders:read',
    'analytics:read',
  ])
})

it('grants nothing to a role that it does not know', () => {
  expect(permissionsOf(['constructor', '__proto__', 'owner'])).toEqual([])
})

it('lists the requested permissions that are not held', () => {
  expect(missingPermissions(['stock:read', 'users:write'], ['stock:read'])).toEqual(['users:write'])
  expect(missingPermissions(permissionsOf(['support']), permissionsOf(['admin']))).toEqual([])
})

it('is what the tests of other services take an admin for', () => {
  expect([...ADMIN_PERMISSIONS].sort()).toEqual([...permissions].sort())
})
