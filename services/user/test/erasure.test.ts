import {
  NotificationPersonalDataErased,
  OrderPersonalDataErased,
  OrderPlaced,
  SessionRevoked,
  UserErased,
} from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { eraseAccount } from '../src/personal-data/erase-account.ts'
import { newEmail, PASSWORD, setUpUser, type SignedIn } from './harness.ts'
import { setUpMailbox } from './mailbox.ts'
import { ADMIN, setUpStaff } from './staff.ts'

const user = setUpUser(ADMIN)
const mailbox = setUpMailbox(user)
const staff = setUpStaff(user)

interface Erasure {
  id: string
  status: 'running' | 'completed'
  requestedAt: string
  completedAt: string | null
  receipts: { service: string; status: string; records: number | null; at: string | null }[]
}
type Begun = { erasure: Erasure }

const somebody = async (): Promise<SignedIn> => {
  const { body } = await user.register()
  const token = body.tokens.accessToken
  const { user: account } = body
  const headers = { 'user-agent': `device of ${account.email}` }
  await user.request('PATCH', '/v1/me', { body: { name: `Ada of ${account.email}` }, token, headers })
  await user.request('POST', '/v1/me/addresses', {
    body: { name: account.email, line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' },
    token,
    headers,
  })
  const preferences = { marketingConsent: true, custom: { mine: account.email } }
  await user.request('PUT', '/v1/me/preferences', { body: preferences, token, headers })
  await user.logIn(account.email)
  await user.logIn(account.email, 'not the password')
  await mailbox.forgot(account.email)
  return body
}
const erase = (token: string, password = PASSWORD) =>
  user.request<Begun>('DELETE', '/v1/me', { token, body: { password } })
const follow = async (id: string) => (await user.get<Erasure>(`/v1/erasures/${id}`)).body

const orderReceipt = (userId: string, erasureId: string, records = 3) =>
  anEvent(OrderPersonalDataErased, { erasureId, userId, records, erasedAt: new Date().toISOString() })
const notificationReceipt = (userId: string, erasureId: string, records = 2) =>
  anEvent(NotificationPersonalDataErased, { erasureId, userId, records, erasedAt: new Date().toISOString() })

/** Every row of every table but the outbox, as text. */
const everything = async () => {
  const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = database() and table_name <> 'outbox'`.execute(user.db)
  const texts = await Promise.all(
    rows.map(async ({ name }) =>
      JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(user.db)).rows),
    ),
  )
  return texts.join('\n')
}
/** Tables that name this account, beside those of what must last. */
const tablesThatName = async (userId: string) => {
  const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.columns
    where table_schema = database() and column_name = 'user_id'`.execute(user.db)
  const names: string[] = []
  for (const { name } of rows) {
    const found = await sql`select 1 from ${sql.table(name)} where user_id = ${userId} limit 1`.execute(
      user.db,
    )
    if (found.rows.length > 0) names.push(name)
  }
  return names.sort()
}

describe('a person who asks to be erased', () => {
  it('is gone at once, and everywhere once all have answered', async () => {
    const spy = await user.vhost.spyOn(UserErased, SessionRevoked)
    const ada = await somebody()
    const { id: userId, email } = ada.user
    expect(await everything()).toContain(email)

    const answer = await erase(ada.tokens.accessToken)
    expect(answer.status).toBe(202)
    const { erasure } = answer.body
    expect(answer.headers.get('location')).toBe(`/v1/erasures/${erasure.id}`)
    expect(erasure.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    expect(erasure).toMatchObject({
      status: 'running',
      completedAt: null,
      receipts: [
        { service: 'notification', status: 'pending', records: null, at: null },
        { service: 'order', status: 'pending', records: null, at: null },
        { service: 'user', status: 'erased' },
      ],
    })
    expect(await everything()).not.toContain(email)
    expect(await tablesThatName(userId)).toEqual(['erasures', 'sessions'])
    const account = await user.db.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirst()
    const nothing = { name: null, password_hash: '', email_verified_at: null, pending_email: null }
    expect(account).toMatchObject({ ...nothing, email: `${userId}@erased.invalid`, status: 'erased' })

    await eventually(
      async () => (await spy.messages()).filter(({ type }) => type === UserErased.type).length > 0,
    )
    const emitted = await spy.messages()
    expect(emitted.filter(({ type }) => type === UserErased.type)).toMatchObject([
      { data: { userId, erasureId: erasure.id } },
    ])
    expect(JSON.stringify(emitted)).not.toContain(email)
    const ended = emitted.filter(({ type }) => type === SessionRevoked.type).map(({ data }) => data)
    expect(ended).toMatchObject([
      { userId, reason: 'account-erased' },
      { userId, reason: 'account-erased' },
    ])

    await user.deliver(orderReceipt(userId, erasure.id))
    expect(await follow(erasure.id)).toMatchObject({ status: 'running' })
    await user.deliver(notificationReceipt(userId, erasure.id))
    const done = await follow(erasure.id)
    expect(done).toMatchObject({
      status: 'completed',
      receipts: [
        { service: 'notification', status: 'erased', records: 2 },
        { service: 'order', status: 'erased', records: 3 },
        { service: 'user', status: 'erased' },
      ],
    })
    expect(done.completedAt).toMatch(/Z$/)
    expect(JSON.stringify(done)).not.toContain(userId)
  })

  it('has no session any more, cannot log in, and may come back as somebody new', async () => {
    const ada = await somebody()
    const { id, email } = ada.user
    expect((await erase(ada.tokens.accessToken)).status).toBe(202)
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(401)
    expect((await user.refresh(ada.tokens.refreshToken)).status).toBe(401)
    expect((await user.logIn(email)).status).toBe(401)
    expect((await user.logIn(`${id}@erased.invalid`, '')).status).toBe(400)
    expect((await user.logIn(`${id}@erased.invalid`, 'erased')).status).toBe(401)

    const again = await user.register(email)
    expect(again.status).toBe(201)
    expect(again.body.user.id).not.toBe(id)
    expect(
      (await user.get<{ items: [] }>('/v1/me/addresses', again.body.tokens.accessToken)).body.items,
    ).toEqual([])
  })

  it('has to know the password: a wrong one erases nothing and counts', async () => {
    const ada = await somebody()
    const wrong = await erase(ada.tokens.accessToken, 'not the password')
    expect(wrong).toMatchObject({ status: 403, body: { type: 'urn:storewright:problem:wrong-password' } })
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(200)
    const statuses = new Set<number>()
    for (let guess = 0; guess < 6; guess++)
      statuses.add((await erase(ada.tokens.accessToken, 'not the password')).status)
    expect([...statuses].sort()).toEqual([403, 429])
    expect(await tablesThatName(ada.user.id)).toContain('addresses')
  })

  it('is not erased where the password was changed after it was confirmed', async () => {
    const { id } = (await user.register()).body.user
    const command = { userId: id, requestedBy: 'owner' as const, confirmedHash: 'the hash of the old one' }
    const erasing = inTransaction(user.db, (trx) => eraseAccount(trx, command, new Date()))
    await expect(erasing).rejects.toMatchObject({ kind: 'conflict' })
    expect(await tablesThatName(id)).not.toContain('erasures')
  })

  it('takes a verification of a new address that is under way along, and frees that address', async () => {
    for (let round = 0; round < 5; round++) {
      const { user: ada, tokens } = (await user.register()).body
      const next = newEmail()
      const body = { email: next, currentPassword: PASSWORD }
      await user.request('PATCH', '/v1/me', { body, token: tokens.accessToken })
      const { token } = await mailbox.receive('EmailVerificationRequested', next)
      const [erased] = await Promise.all([erase(tokens.accessToken), mailbox.verify(token)])
      expect(erased.status).toBe(202)
      const account = await user.db
        .selectFrom('users')
        .selectAll()
        .where('id', '=', ada.id)
        .executeTakeFirst()
      expect(account).toMatchObject({ email: `${ada.id}@erased.invalid`, pending_email: null })
      expect((await user.register(next)).status).toBe(201)
    }
  })

  it.each<[string, unknown]>([
    ['no password', {}],
    ['an empty one', { password: '' }],
    ['a list', { password: [PASSWORD] }],
    ['a NUL', { password: `${PASSWORD}\0` }],
    ['a megabyte', { password: 'a'.repeat(1_000_000) }],
    ['somebody else as well', { password: PASSWORD, userId: newId() }],
  ])('is not understood with %s', async (_what, body) => {
    const { tokens } = (await user.register()).body
    const answer = await user.request('DELETE', '/v1/me', { body, token: tokens.accessToken })
    expect(answer.status).toBe(400)
    expect((await user.get('/v1/me', tokens.accessToken)).status).toBe(200)
  })

  it('is erased once by two requests at the same moment', async () => {
    const spy = await user.vhost.spyOn(UserErased)
    for (let round = 0; round < 5; round++) {
      const ada = await somebody()
      const answers = await Promise.all(Array.from({ length: 4 }, () => erase(ada.tokens.accessToken)))
      const begun = answers.filter(({ status }) => status === 202)
      expect(begun.length).toBeGreaterThan(0)
      expect(new Set(begun.map(({ body }) => body.erasure.id)).size).toBe(1)
      for (const { status } of answers) expect([202, 401]).toContain(status)
      await user.deliver(orderReceipt(ada.user.id, begun[0]!.body.erasure.id))
      expect(await tablesThatName(ada.user.id)).toEqual(['erasures', 'sessions'])
    }
    await eventually(async () => (await spy.messages()).length >= 5)
    expect(new Set((await spy.messages()).map(({ messageId }) => messageId)).size).toBe(5)
  })

  it('gets nothing new while being erased: addresses, preferences and orders that arrive late', async () => {
    for (let round = 0; round < 5; round++) {
      const ada = await somebody()
      const token = ada.tokens.accessToken
      const address = { name: 'A', line1: '1', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }
      const zero = { amount: 0, currency: 'GBP' }
      const line = { lineId: newId(), sku: 'MUG', name: 'Mug', quantity: 1, unitPrice: zero, discount: zero }
      const placed = anEvent(OrderPlaced, {
        orderId: newId(),
        number: 'SW-1',
        userId: ada.user.id,
        country: 'GB',
        lines: [{ ...line, tax: zero, total: zero }],
        totals: { subtotal: zero, discount: zero, shipping: zero, tax: zero, total: zero },
        placedAt: new Date().toISOString(),
      })
      const [begun] = await Promise.all([
        erase(token),
        user.post('/v1/me/addresses', address, token),
        user.request('PUT', '/v1/me/preferences', { body: { currency: 'GBP' }, token }),
        user.deliver(placed),
      ])
      expect(begun.status).toBe(202)
      expect(await tablesThatName(ada.user.id)).toEqual(['erasures', 'sessions'])
    }
  })
})

describe('receipts', () => {
  const erasedSomebody = async () => {
    const ada = await somebody()
    return { userId: ada.user.id, id: (await erase(ada.tokens.accessToken)).body.erasure.id }
  }

  it.each(['order first', 'notification first', 'both at once'])('complete the erasure: %s', async (how) => {
    const { userId, id } = await erasedSomebody()
    const both = [orderReceipt(userId, id), notificationReceipt(userId, id)]
    if (how === 'both at once') await Promise.all(both.map(user.deliver))
    else for (const event of how === 'order first' ? both : both.toReversed()) await user.deliver(event)
    expect(await follow(id)).toMatchObject({ status: 'completed' })
  })

  it('count once, however often they come', async () => {
    const { userId, id } = await erasedSomebody()
    for (const receipt of [orderReceipt, notificationReceipt]) {
      const event = receipt(userId, id)
      await user.deliver(event)
      const first = await follow(id)
      await user.deliver(event)
      await user.deliver(receipt(userId, id, 99))
      expect(await follow(id)).toEqual(first)
    }
    expect(await follow(id)).toMatchObject({ status: 'completed' })
  })

  it('of an erasure that nobody asked for change nothing', async () => {
    const id = newId()
    expect(await user.deliver(orderReceipt(newId(), id))).toBe('applied')
    expect((await user.get(`/v1/erasures/${id}`)).status).toBe(404)
  })
})

describe('an erasure', () => {
  it('is shown to whoever has its id, and to nobody who guesses', async () => {
    for (const id of ['x', '1', '%00', `${newId()}x`])
      expect((await user.get(`/v1/erasures/${id}`)).status).toBe(400)
    expect((await user.get(`/v1/erasures/${newId()}`)).status).toBe(404)
  })

  it('is begun by staff at a person’s request, once', async () => {
    const ada = await somebody()
    const path = `/v1/users/${ada.user.id}/erasure`
    const first = await user.post<Begun>(path, undefined, staff.token)
    expect(first.status).toBe(202)
    expect(first.headers.get('location')).toBe(`/v1/erasures/${first.body.erasure.id}`)
    expect(await user.post<Begun>(path, undefined, staff.token)).toMatchObject({
      status: 202,
      body: first.body,
    })
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(401)
    expect(await tablesThatName(ada.user.id)).toEqual(['erasures', 'sessions'])
  })

  it('is not begun by others, nor for who is not there', async () => {
    const [ada, eve] = [await somebody(), await somebody()]
    const path = `/v1/users/${ada.user.id}/erasure`
    expect((await user.post(path)).status).toBe(401)
    expect((await user.post(path, undefined, eve.tokens.accessToken)).status).toBe(403)
    expect((await user.post(path, undefined, ada.tokens.accessToken)).status).toBe(403)
    expect((await user.post(`/v1/users/${newId()}/erasure`, undefined, staff.token)).status).toBe(404)
    expect((await user.post('/v1/users/x/erasure', undefined, staff.token)).status).toBe(400)
    expect((await user.get('/v1/me', ada.tokens.accessToken)).status).toBe(200)
  })

  it('does not take the shop its last administrator', async () => {
    const refused = await erase(staff.token, ADMIN.ADMIN_PASSWORD)
    expect(refused).toMatchObject({ status: 409, body: { type: 'urn:storewright:problem:last-admin' } })
    expect((await user.get('/v1/me', staff.token)).status).toBe(200)
  })

  it('cannot be held up by who takes the address that the account will have', async () => {
    const { body } = await user.register()
    const squatted = await user.register(`${body.user.id}@erased.invalid`)
    expect(squatted.status).toBe(400)
    expect((await erase(body.tokens.accessToken)).status).toBe(202)
    expect((await user.register(newEmail())).status).toBe(201)
  })
})
