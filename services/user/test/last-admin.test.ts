import { inTransaction } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { requireAnotherAdmin } from '../src/accounts/accounts.ts'
import { permissions } from '../src/accounts/roles.ts'
import { changeUser, type UserChange } from '../src/users/change-user.ts'
import { setUpUser } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)

/** A machine that may do everything, and so stands above all people. */
const machine = { kind: 'api-key' as const, userId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69', permissions }
const byMachine = (userId: string, change: UserChange) =>
  inTransaction(user.db, (trx) => changeUser(trx, { userId, by: machine, change }, () => undefined))
const activeAdmins = async () =>
  (
    await user.db
      .selectFrom('users')
      .innerJoin('user_roles', 'user_roles.user_id', 'users.id')
      .select('users.id')
      .where('role', '=', 'admin')
      .where('status', '=', 'active')
      .execute()
  ).length

describe('the last administrator', () => {
  it('can be neither demoted nor disabled nor erased', async () => {
    for (const change of [{ roles: ['customer'] }, { status: 'disabled' }] as UserChange[]) {
      await expect(byMachine(staff.id, change)).rejects.toMatchObject({ kind: 'last-admin' })
    }
    await expect(inTransaction(user.db, (trx) => requireAnotherAdmin(trx, staff.id))).rejects.toMatchObject({
      kind: 'last-admin',
    })
    const erasure = await user.request('DELETE', '/v1/me', {
      token: staff.token,
      body: { password: ADMIN.ADMIN_PASSWORD },
    })
    expect(erasure).toMatchObject({ status: 409, body: { type: 'urn:storewright:problem:last-admin' } })
    expect(await activeAdmins()).toBe(1)
  })

  it('does not count a disabled one as another', async () => {
    const second = await staff.hire('admin')
    await staff.change(second.user.id, { status: 'disabled' })
    await expect(byMachine(staff.id, { roles: ['customer'] })).rejects.toMatchObject({ kind: 'last-admin' })
    // A disabled one may go.
    await staff.change(second.user.id, { roles: ['customer'] })
    expect(await activeAdmins()).toBe(1)
  })
})

it('lets one of two administrators who remove each other at the same moment win, 20 times', async () => {
  for (let round = 0; round < 20; round++) {
    const second = await staff.hire('admin')
    const both = await Promise.all([
      staff.change(second.user.id, round % 2 === 0 ? { roles: ['customer'] } : { status: 'disabled' }),
      staff.change(staff.id, { roles: ['customer'] }, second.tokens.accessToken),
    ])
    const outcomes = both.map(({ status }) => status).sort()
    expect(outcomes[0]).toBe(200)
    expect([401, 403]).toContain(outcomes[1])
    expect(await activeAdmins()).toBe(1)

    if (both[0].status !== 200) {
      // The second one is left: it gives back what it took, and goes.
      const back = { roles: ['admin'] }
      expect((await staff.change(staff.id, back, second.tokens.accessToken)).status).toBe(200)
      await byMachine(second.user.id, { roles: ['customer'] })
    }
  }
})

it('leaves an administrator where machines remove all of them at once, 10 times', async () => {
  for (let round = 0; round < 10; round++) {
    const others = await Promise.all([staff.hire('admin'), staff.hire('admin')])
    const ids = [staff.id, ...others.map(({ user: { id } }) => id)]
    const results = await Promise.allSettled(
      ids.map((id, at) => byMachine(id, at === 1 ? { status: 'disabled' } : { roles: ['customer'] })),
    )
    expect(results.filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: { kind: 'last-admin' } },
    ])
    expect(await activeAdmins()).toBe(1)
    await byMachine(staff.id, { roles: ['admin'] })
    for (const id of ids.slice(1)) await byMachine(id, { status: 'active', roles: ['customer'] })
  }
})

it('leaves one where two erase themselves at the same moment', async () => {
  const second = await staff.hire('admin')
  const erase = (token: string, password: string) =>
    user.request('DELETE', '/v1/me', { token, body: { password } })
  const statuses = await Promise.all([
    erase(staff.token, ADMIN.ADMIN_PASSWORD),
    erase(second.tokens.accessToken, 'correct horse battery'),
  ])
  expect(statuses.map(({ status }) => status).sort()).toEqual([202, 409])
  expect(await activeAdmins()).toBe(1)
})
