import { expect, it } from 'vitest'
import type { RevocationSnapshot } from '@storewright/service-kit/auth'
import { permissionsOf } from '../src/accounts/roles.ts'
import { readRevocations } from '../src/revocations/revocations.ts'
import { INTERNAL_TOKEN } from '@storewright/testing/service'
import { setUpUser } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)

const inForce = async (headers: Record<string, string> = { 'x-internal-token': INTERNAL_TOKEN }) =>
  user.request<RevocationSnapshot>('GET', '/internal/revocations', { headers })
const newKey = async (token: string, ...permissions: string[]) => {
  const { body } = await user.post<{ apiKey: { id: string } }>(
    '/v1/api-keys',
    { name: 'Theirs', permissions },
    token,
  )
  return body.apiKey.id
}
const entryOf = async (id: string) => (await inForce()).body.roles.find(({ userId }) => userId === id)

it('lists whose roles changed and which keys were revoked, for a service that connects anew', async () => {
  const maker = await staff.hire('admin')
  const [kept, revoked] = [
    await newKey(maker.tokens.accessToken, 'orders:read', 'users:write'),
    await newKey(maker.tokens.accessToken, 'orders:read'),
  ]
  await user.request('DELETE', `/v1/api-keys/${revoked}`, { token: staff.token })
  await staff.change(maker.user.id, { roles: ['support', 'customer'] })

  const { body } = await inForce()
  expect(body.apiKeys.map(({ apiKeyId }) => apiKeyId)).toEqual([revoked])
  expect(await entryOf(maker.user.id)).toMatchObject({
    roles: ['customer', 'support'],
    permissions: permissionsOf(['support']),
  })
  expect(await entryOf(kept)).toMatchObject({ roles: [], permissions: ['orders:read'] })
  expect(await entryOf(revoked)).toBeUndefined()
  expect(await entryOf(staff.id)).toBeUndefined()
})

it('takes from the keys of a disabled account what they may do, and from its next session nothing', async () => {
  const maker = await staff.hire('admin')
  const key = await newKey(maker.tokens.accessToken, 'orders:read')
  await staff.change(maker.user.id, { status: 'disabled' })
  expect(await entryOf(key)).toMatchObject({ permissions: [] })
  // Who reads it now keeps it while the account is enabled again, which is no change of its roles.
  expect(await entryOf(maker.user.id)).toMatchObject({ permissions: permissionsOf(['admin']) })
  await staff.change(maker.user.id, { status: 'active' })
  expect(await entryOf(key)).toMatchObject({ permissions: ['orders:read'] })
})

it('leaves out what happened before every valid token was signed', async () => {
  const { body } = await inForce()
  expect(body.roles.length * body.apiKeys.length).toBeGreaterThan(0)
  const later = new Date(Date.now() + (body.tokenTtlSeconds + 31) * 1_000)
  expect(await readRevocations(user.db, { tokenTtlSeconds: body.tokenTtlSeconds }, later)).toMatchObject({
    sessions: [],
    apiKeys: [],
    roles: [],
  })
})

it('answers other services only', async () => {
  expect((await inForce({})).status).toBe(403)
  expect((await inForce({ 'x-internal-token': 'wrong' })).status).toBe(403)
  expect((await inForce({ authorization: `Bearer ${staff.token}` })).status).toBe(403)
})
