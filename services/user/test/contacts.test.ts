import { AccountContactChanged } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { contactRebuilder } from '../src/accounts/contact.ts'
import { newEmail, opened, PASSWORD, type SignedIn, setUpUser } from './harness.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const staff = setUpStaff(user)
const spy = opened(() => user.vhost.spyOn(AccountContactChanged))

const contactsOf = async (userId: string) =>
  (await spy.messages())
    .filter(({ data }) => (data as AccountContactChanged).userId === userId)
    .map(({ data, headers }) => ({
      ...(data as AccountContactChanged),
      version: Number(headers['cloudEvents:aggregateversion']),
    }))

it('emits how to reach an account with each change, whole and numbered by itself', async () => {
  const email = newEmail()
  const { body } = await user.post<SignedIn>('/v1/auth/register', { email, password: PASSWORD, name: 'Ann' })
  const { id } = body.user
  const token = body.tokens.accessToken
  await user.request('PATCH', '/v1/me', { body: { name: 'Ann Other' }, token })
  await user.request('PUT', '/v1/me/preferences', {
    body: { locale: 'de-de', marketingConsent: true },
    token,
  })
  expect(await staff.change(id, { taxExempt: true })).toMatchObject({
    status: 200,
    body: { taxExempt: true },
  })
  // Nothing changes, so nothing is emitted.
  await staff.change(id, { taxExempt: true })

  await eventually(async () => (await contactsOf(id)).length >= 4)
  const common = { userId: id, email, emailVerified: false, channels: ['email'], trackingConsent: false }
  const german = { locale: 'de-DE', marketingConsent: true }
  expect(await contactsOf(id)).toMatchObject([
    { ...common, version: 1, name: 'Ann', locale: null, marketingConsent: false, taxExempt: false },
    { ...common, version: 2, name: 'Ann Other', locale: null, taxExempt: false },
    { ...common, ...german, version: 3, taxExempt: false },
    { ...common, ...german, version: 4, taxExempt: true },
  ])
})

it('does not let anybody free themselves of tax', async () => {
  const { body } = await user.register()
  const patch = { body: { taxExempt: true }, token: body.tokens.accessToken }
  expect((await user.request('PATCH', '/v1/me', patch)).status).toBe(400)
  expect((await user.request('PATCH', `/v1/users/${body.user.id}`, patch)).status).toBe(403)
  expect((await staff.change(staff.id, { taxExempt: true })).status).toBe(403)
  expect((await staff.change(body.user.id, { taxExempt: 'yes' })).status).toBe(400)
})

it('repeats every account that is not erased, without a new number', async () => {
  const { body } = await user.register()
  const { id } = body.user
  const gone = (await user.register()).body
  await user.request('DELETE', '/v1/me', { body: { password: PASSWORD }, token: gone.tokens.accessToken })
  let after = ''
  for (let keys = ['']; keys.length > 0; after = keys.at(-1) ?? after)
    keys = await inTransaction(user.db, (trx) =>
      contactRebuilder.emitPage(trx, { after, limit: 2, skus: null }),
    )
  await eventually(async () => (await contactsOf(id)).length === 2)
  expect(await contactsOf(id)).toMatchObject([{ version: 1 }, { version: 1 }])
  expect(await contactsOf(gone.user.id)).toHaveLength(1)
  // What an upgrade leaves for the job that does this.
  const { rows } = await sql<{ name: string }>`select name from rebuilds`.execute(user.db)
  expect(rows).toEqual([])
})
