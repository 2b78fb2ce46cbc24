import { describe, expect, it } from 'vitest'
import { setUpUser } from './harness.ts'

const user = setUpUser()

interface Preferences {
  marketingConsentAt: string | null
  trackingConsentAt: string | null
  version: number
  [choice: string]: unknown
}
const somebody = async () => {
  const { body } = await user.register()
  const token = body.tokens.accessToken
  return {
    id: body.user.id,
    token,
    read: () => user.get<Preferences>('/v1/me/preferences', token),
    set: (preferences: unknown, headers: Record<string, string> = {}) =>
      user.request<Preferences>('PUT', '/v1/me/preferences', { body: preferences, token, headers }),
  }
}
const NONE = {
  locale: null,
  currency: null,
  marketingConsent: false,
  marketingConsentAt: null,
  trackingConsent: false,
  trackingConsentAt: null,
  notificationChannels: ['email'],
  custom: {},
}

describe('preferences', () => {
  it('are the defaults for who never set any: no consent is assumed', async () => {
    const ada = await somebody()
    const answer = await ada.read()
    expect(answer).toMatchObject({ status: 200, body: { ...NONE, version: 0, updatedAt: null } })
    expect(answer.headers.get('etag')).toMatch(/^"0\b/)
  })

  it('are set as a whole, and what is left out becomes its default again', async () => {
    const ada = await somebody()
    const custom = { theme: 'dark', list: [1, { é: null }], 'a b': true }
    const set = await ada.set({
      locale: 'en-gb',
      currency: 'GBP',
      notificationChannels: ['sms', 'email'],
      custom,
    })
    const expected = {
      locale: 'en-GB',
      currency: 'GBP',
      notificationChannels: ['sms', 'email'],
      custom,
      version: 1,
    }
    expect(set).toMatchObject({ status: 200, body: expected })
    expect((await ada.read()).body).toEqual(set.body)
    expect((await ada.read()).headers.get('etag')).toMatch(/^"1\b/)

    expect((await ada.set({ custom: {} })).body).toMatchObject({ ...NONE, version: 2 })
  })

  it('keep when a consent was given or withdrawn, and the history of it', async () => {
    const ada = await somebody()
    const given = (await ada.set({ marketingConsent: true })).body
    expect(given.marketingConsentAt).toMatch(/Z$/)
    expect(given.trackingConsentAt).toBeNull()
    const same = (await ada.set({ marketingConsent: true, trackingConsent: true })).body
    expect(same.marketingConsentAt).toBe(given.marketingConsentAt)
    const withdrawn = (await ada.set({ trackingConsent: true })).body
    expect(withdrawn).toMatchObject({ marketingConsent: false, trackingConsentAt: same.trackingConsentAt })
    expect(Date.parse(withdrawn.marketingConsentAt ?? '')).toBeGreaterThan(
      Date.parse(given.marketingConsentAt ?? ''),
    )

    const history = await user.db
      .selectFrom('consents')
      .select(['purpose', 'given'])
      .where('user_id', '=', ada.id)
      .orderBy('id')
      .execute()
    expect(history).toEqual([
      { purpose: 'marketing', given: 1 },
      { purpose: 'tracking', given: 1 },
      { purpose: 'marketing', given: 0 },
    ])
  })

  it('refuse an edit of another version, from the first one on', async () => {
    const ada = await somebody()
    expect((await ada.set({ currency: 'GBP' }, { 'if-match': '"0"' })).status).toBe(200)
    expect((await ada.set({ currency: 'EUR' }, { 'if-match': '"0"' })).status).toBe(412)
    const etag = (await ada.read()).headers.get('etag') ?? ''
    expect((await ada.set({ currency: 'EUR' }, { 'if-match': etag })).status).toBe(200)
    expect((await ada.read()).body).toMatchObject({ currency: 'EUR', version: 2 })
  })

  it('count every change that comes at once, and lose none to another with the same If-Match', async () => {
    const ada = await somebody()
    const blind = await Promise.all(Array.from({ length: 6 }, (_, n) => ada.set({ custom: { n } })))
    expect(blind.map(({ body }) => body.version).sort()).toEqual([1, 2, 3, 4, 5, 6])
    const careful = await Promise.all(
      Array.from({ length: 6 }, (_, n) => ada.set({ custom: { n } }, { 'if-match': '"6"' })),
    )
    expect(careful.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(5).fill(412)])
  })

  it('are everybody’s own', async () => {
    const [ada, eve] = [await somebody(), await somebody()]
    await ada.set({ currency: 'GBP' })
    expect((await eve.read()).body).toMatchObject(NONE)
    expect((await user.get('/v1/me/preferences')).status).toBe(401)
    expect((await user.request('PUT', '/v1/me/preferences', { body: {} })).status).toBe(401)
  })
})

describe('bad preferences', () => {
  it.each<[string, unknown, number, string]>([
    ['a locale of no language', { locale: 'x' }, 422, 'locale'],
    ['a locale with a path', { locale: '../en' }, 400, 'locale'],
    ['a currency of no country', { currency: 'ABC' }, 422, 'currency'],
    ['a currency in small letters', { currency: 'gbp' }, 400, 'currency'],
    ['a consent in words', { marketingConsent: 'yes' }, 400, 'marketingConsent'],
    ['the time of a consent', { marketingConsentAt: '2020-01-01T00:00:00Z' }, 400, 'marketingConsentAt'],
    ['a channel twice', { notificationChannels: ['email', 'email'] }, 400, 'notificationChannels'],
    ['a channel nobody has', { notificationChannels: ['pigeon'] }, 400, 'notificationChannels.0'],
    ['a list for custom', { custom: [] }, 400, 'custom'],
    ['too much', { custom: { a: 'x'.repeat(20_000) } }, 422, 'custom'],
    ['too deep', { custom: { a: { b: { c: { d: { e: { f: {} } } } } } } }, 422, 'custom'],
    [
      '101 names',
      { custom: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, 1])) },
      400,
      'custom',
    ],
    ['a NUL', { custom: { a: '\0' } }, 422, 'custom'],
    ['somebody’s id', { userId: 'x' }, 400, 'userId'],
  ])('%s is refused', async (_what, preferences, status, path) => {
    const ada = await somebody()
    expect(await ada.set(preferences)).toMatchObject({ status, body: { errors: [{ path }] } })
    expect((await ada.read()).body.version).toBe(0)
  })

  it.each(['', 'null', '{}', '[]', '{', '"x"', '{"custom":{"__proto__":{"a":1}}}'])(
    '%j is refused',
    async (text) => {
      const ada = await somebody()
      const headers = { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' }
      const { status } = await user.send('/v1/me/preferences', { method: 'PUT', headers, body: text })
      expect(status).toBe(400)
      expect((await ada.read()).body.version).toBe(0)
    },
  )
})
