import { decodeToken } from '@storewright/testing'
import { expect, it } from 'vitest'
import { permissions } from '../src/accounts/roles.ts'
import { newEmail, setUpUser } from './harness.ts'

const ADMIN = { ADMIN_EMAIL: 'Admin@Example.com', ADMIN_PASSWORD: 'an administrator’s own' }

const user = setUpUser(ADMIN)

it('makes the administrator of the environment, who may do everything', async () => {
  const { status, body } = await user.logIn('admin@example.com', ADMIN.ADMIN_PASSWORD)
  expect(status).toBe(200)
  expect(body.user.roles).toEqual(['admin'])
  expect(decodeToken(body.tokens.accessToken).payload['permissions']).toEqual(permissions)
})

it('makes one, however many replicas start at once', async () => {
  const email = newEmail()
  await Promise.all(Array.from({ length: 3 }, () => user.replica({ ADMIN_EMAIL: email })))
  const rows = await user.db.selectFrom('users').select('id').where('email', '=', email).execute()
  expect(rows).toHaveLength(1)
})

it('keeps a password that was set since, and promotes nobody', async () => {
  await user.replica({ ADMIN_PASSWORD: 'another password' })
  expect((await user.logIn('admin@example.com', ADMIN.ADMIN_PASSWORD)).status).toBe(200)

  const email = newEmail()
  await user.register(email)
  await user.replica({ ADMIN_EMAIL: email })
  expect((await user.logIn(email)).body.user.roles).toEqual(['customer'])
})

it('refuses to start with a weak password', async () => {
  await expect(user.replica({ ADMIN_EMAIL: newEmail(), ADMIN_PASSWORD: 'admin' })).rejects.toThrow(
    'ADMIN_PASSWORD must have',
  )
})
