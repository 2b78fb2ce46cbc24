import { NotificationPersonalDataErased } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { emailChanged, passwordChanged, resetRequested, userErased, verificationRequested } from './events.ts'
import { useNotification } from './harness.ts'
import { countCaptured, fillMailbox } from './rows.ts'

const { notification, replica } = useNotification()

/** Waits until one of the person's messages is in this state. */
const until = (userId: string, wanted: string) =>
  expect.poll(async () => (await notification.messages(userId)).map(({ state }) => state)).toContain(wanted)

const receiptsFor = async (userId: string) =>
  (await notification.emitted(NotificationPersonalDataErased))
    .map(({ data }) => data)
    .filter((data) => data.userId === userId)

const captured = async (to: string) => {
  const answer = await replica.server.inject(`/mailbox/messages?to=${to}`)
  return answer.json<{ items: unknown[] }>().items
}

describe('an erasure', () => {
  it('deletes every message of the person, sent or not, with the captured copies, and no other person’s', async () => {
    const [sent, other] = [verificationRequested(), verificationRequested()]
    const { userId, email } = sent.data
    await notification.deliverAll([sent, other, passwordChanged({ userId, email: 'nonsense' })])
    await until(userId, 'sent')
    await until(other.data.userId, 'sent')
    expect(await captured(email)).toHaveLength(1)

    const erased = userErased(userId)
    expect(await notification.deliver(erased)).toBe('applied')
    expect(await notification.messages(userId)).toEqual([])
    expect(await captured(email)).toEqual([])
    expect(await captured(other.data.email)).toHaveLength(1)
    expect(await receiptsFor(userId)).toEqual([
      expect.objectContaining({ erasureId: erased.data.erasureId, records: 2 }),
    ])
  })

  it('of a person who never got a message is confirmed, too', async () => {
    const erased = userErased(newId())
    const { userId, erasureId } = erased.data
    await notification.deliver(erased)
    expect(await receiptsFor(userId)).toMatchObject([{ erasureId, records: 0 }])
  })

  it('deletes once and confirms each request when it is delivered twice or requested again', async () => {
    const event = passwordChanged()
    const { userId } = event.data
    await notification.deliver(event)
    const [first, second] = [userErased(userId), userErased(userId)]
    for (const erased of [first, first, second]) await notification.deliver(erased)
    expect(await receiptsFor(userId)).toMatchObject([
      { erasureId: first.data.erasureId, records: 1 },
      { erasureId: second.data.erasureId, records: 0 },
    ])
  })

  it('also covers events about the person that are delivered later', async () => {
    const userId = newId()
    await notification.deliver(userErased(userId))
    const late = [
      verificationRequested({ userId }),
      resetRequested({ userId }),
      passwordChanged({ userId }),
      emailChanged({ userId }),
    ]
    for (const event of late) expect(await notification.deliver(event)).toBe('applied')
    expect(await notification.messages(userId)).toEqual([])
    expect(await captured(late[0]?.data.email ?? '')).toEqual([])
  })

  it('leaves no message behind when it races with messages and their sending', async () => {
    for (let other = 0; other < 2; other++) await notification.startWorkingReplica()
    const userIds = Array.from({ length: 60 }, newId)
    await notification.deliverAll(
      userIds.flatMap((userId) => [
        verificationRequested({ userId }),
        userErased(userId),
        resetRequested({ userId }),
      ]),
    )
    for (const userId of userIds) {
      expect(await notification.messages(userId)).toEqual([])
      expect(await receiptsFor(userId)).toHaveLength(1)
    }
    await expect.poll(() => countCaptured(notification.db, userIds)).toBe(0)
  })
})

describe('personal data', () => {
  const personalData = (userId: string, query = '', token = notification.internalToken) =>
    replica.server.inject({
      url: `/internal/users/${userId}/personal-data${query}`,
      headers: { 'x-internal-token': token },
    })

  it('lists a person’s messages to other services, oldest first, page by page, without links', async () => {
    const first = verificationRequested()
    const { userId, email } = first.data
    const events = [first, passwordChanged({ userId, email }), resetRequested({ userId, email })]
    for (const event of events) await notification.deliver(event)
    await expect
      .poll(async () => (await notification.messages(userId)).map(({ state }) => state))
      .toEqual(['sent', 'sent', 'sent'])

    const one = await personalData(userId, '?limit=2')
    expect(one.statusCode).toBe(200)
    const { items, nextCursor } = one.json<{ items: unknown[]; nextCursor: string }>()
    const two = await personalData(userId, `?limit=2&cursor=${nextCursor}`)
    const rest = two.json<{ items: unknown[]; nextCursor: null }>()
    expect(rest.nextCursor).toBeNull()
    expect([...items, ...rest.items]).toMatchObject([
      { type: 'message', to: email, subject: 'Confirm your e-mail address – Storewright', state: 'sent' },
      { type: 'message', to: email, subject: 'Your password was changed – Storewright' },
      { type: 'message', to: email, subject: 'Choose a new password – Storewright' },
    ])
    expect(one.body + two.body).not.toContain(first.data.token)
  })

  it('is an empty list for a person who never got a message', async () => {
    expect((await personalData(newId())).json()).toEqual({ items: [], nextCursor: null })
  })

  it('is forbidden without the internal token', async () => {
    const userId = newId()
    expect((await personalData(userId, '', 'wrong')).statusCode).toBe(403)
    const without = await replica.server.inject(`/internal/users/${userId}/personal-data`)
    expect(without.statusCode).toBe(403)
  })

  it.each([
    ['nonsense', '', 404],
    [newId(), '?cursor=nonsense', 400],
    [newId(), `?cursor=${Buffer.from('["ü"]').toString('base64url')}`, 400],
    [newId(), '?limit=0', 400],
    [newId(), '?limit=101', 400],
    [newId(), '?page=2', 400],
  ])('refuses user %s with query %s', async (userId, query, status) => {
    const answer = await personalData(userId, query)
    expect(answer.statusCode).toBe(status)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })
})

it('keeps the newest thousand mails in the mailbox', async () => {
  await fillMailbox(notification.db, 1_005)
  const event = passwordChanged()
  await notification.deliver(event)
  await until(event.data.userId, 'sent')
  expect(await countCaptured(notification.db)).toBe(1_000)
  expect(await captured(event.data.email)).toHaveLength(1)
})
