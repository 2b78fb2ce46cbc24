import { afterAll, describe, expect, it } from 'vitest'
import { startDataSource } from './data-source-stub.ts'
import { INTERNAL_TOKEN } from '@storewright/testing/service'
import { setUpUser, type SignedIn } from './harness.ts'

const named = (userId: string, type: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({ type, id: `${type}-${index}`, of: userId }))
const order = await startDataSource(INTERNAL_TOKEN, (userId) => [
  ...named(userId, 'order', 5),
  ...named(userId, 'cart', 2),
])
const notification = await startDataSource(INTERNAL_TOKEN, (userId) => named(userId, 'message', 3))
const user = setUpUser({ ORDER_URL: order.url, NOTIFICATION_URL: `${notification.url}/` })
afterAll(() => Promise.all([order.stop(), notification.stop()]))

interface Document {
  account: Record<string, unknown>
  preferences: Record<string, unknown>
  [part: string]: unknown
}

const somebody = async (): Promise<SignedIn> => {
  const { body } = await user.register()
  const token = body.tokens.accessToken
  const address = { name: 'Ada', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }
  await user.post('/v1/me/addresses', { ...address, label: body.user.email }, token)
  await user.request('PUT', '/v1/me/preferences', {
    body: { trackingConsent: true, custom: { mine: body.user.email } },
    token,
  })
  return body
}
const exported = (token: string) => user.get<Document>('/v1/me/export', token)

describe('an export', () => {
  it('has everything about a person, from all who hold something, and nothing of others', async () => {
    const [ada, eve] = [await somebody(), await somebody()]
    const answer = await exported(ada.tokens.accessToken)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="personal-data-\d{4}-\d\d-\d\d\.json"$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')

    const { id, email } = ada.user
    const { body } = answer
    expect(body).toMatchObject({
      account: { id, email, status: 'active', roles: ['customer'] },
      preferences: { trackingConsent: true, custom: { mine: email } },
      consents: [{ purpose: 'tracking', given: true }],
      addresses: [{ label: email, line1: '1 High St' }],
      sessions: [{ endedAt: null }],
      erasures: [],
      orders: Array.from({ length: 5 }, (_, index) => ({ id: `order-${index}`, of: id })),
      carts: [{ of: id }, { of: id }],
      messages: [{ of: id }, { of: id }, { of: id }],
    })
    const types = (body['activity'] as { type: string }[]).map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['registered', 'address-added', 'preferences-changed']))
    expect(JSON.stringify(body)).not.toContain(eve.user.id)
    const after = await exported(ada.tokens.accessToken)
    const exportedTypes = (after.body['activity'] as { type: string }[]).map(({ type }) => type)
    expect(exportedTypes.filter((type) => type === 'data-exported')).toHaveLength(1)
    expect(JSON.stringify(body)).not.toContain(eve.user.email)
    expect(JSON.stringify(body)).not.toMatch(/\$2[aby]\$|token/i)
  })

  it('has more than a page of everything', async () => {
    const ada = await somebody()
    const rows = Array.from({ length: 450 }, (_, index) => ({
      id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
      user_id: ada.user.id,
      type: 'logged-in',
      at: new Date(),
      by_user_id: null,
      address: null,
      device: `device ${index}`,
      details: null,
    }))
    await user.db.insertInto('activity').values(rows).execute()
    const { body } = await exported(ada.tokens.accessToken)
    const devices = (body['activity'] as { device: string | null }[]).map(({ device }) => device)
    expect(devices.slice(0, 450)).toEqual(rows.map(({ device }) => device))
  })

  it.each(['down', 'confused', 'down-after-a-page'] as const)(
    'is never given in part: order is %s',
    async (mode) => {
      const ada = await somebody()
      order.set(mode)
      const answer = await exported(ada.tokens.accessToken)
      order.set('up')
      expect(answer).toMatchObject({ status: 503, body: { type: 'urn:storewright:problem:unavailable' } })
      expect(answer.headers.get('retry-after')).toBe('5')
      expect(answer.headers.get('content-type')).toContain('application/problem+json')
      expect(answer.headers.get('content-disposition')).toBeNull()
      expect((await exported(ada.tokens.accessToken)).status).toBe(200)
    },
  )

  it('is refused where the account is disabled while the data is collected', async () => {
    const ada = await somebody()
    order.beforeAnswer = async (userId) => {
      await user.db.updateTable('users').set({ status: 'disabled' }).where('id', '=', userId).execute()
    }
    const answer = await exported(ada.tokens.accessToken)
    order.beforeAnswer = undefined
    expect(answer).toMatchObject({ status: 401, body: { type: 'urn:storewright:problem:invalid-token' } })
    expect(answer.headers.get('content-disposition')).toBeNull()
    const types = (await user.activityOf(ada.user.id)).map(({ type }) => type)
    expect(types).not.toContain('data-exported')
  })

  it('asks the next replica where one is away', async () => {
    const base = await user.replica({ ORDER_URL: `http://127.0.0.1:9, ${order.url}` })
    const ada = await somebody()
    expect((await user.get<Document>('/v1/me/export', ada.tokens.accessToken, base)).body).toHaveProperty(
      'orders',
    )
  })

  it('lacks the part of a service that is not there at all', async () => {
    const base = await user.replica({ ORDER_URL: '', NOTIFICATION_URL: '' })
    const ada = await somebody()
    const { status, body } = await user.get<Document>('/v1/me/export', ada.tokens.accessToken, base)
    expect(status).toBe(200)
    expect(Object.keys(body)).not.toContain('orders')
    expect(Object.keys(body)).toContain('addresses')
  })

  it('is for who logged in', async () => {
    expect((await user.get('/v1/me/export')).status).toBe(401)
    const ada = await somebody()
    expect((await user.get('/v1/me/export?userId=x', ada.tokens.accessToken)).status).not.toBe(500)
  })

  it('is made for a few at a time', async () => {
    const ada = await somebody()
    const answers = await Promise.all(Array.from({ length: 20 }, () => exported(ada.tokens.accessToken)))
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].sort()).toEqual([200, 503])
    expect((await exported(ada.tokens.accessToken)).status).toBe(200)
  })
})
