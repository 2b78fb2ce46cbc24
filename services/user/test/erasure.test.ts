import { OrderPlaced, SessionRevoked, UserErased } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { eraseAccount } from '../src/personal-data/erase-account.ts'
import { notificationReceipt, orderReceipt, setUpErasures } from './erasures.ts'
import { newEmail, PASSWORD } from './harness.ts'

const { user, mailbox, somebody, erase, follow, everything, tablesThatName } = setUpErasures()

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
