import { newId } from '@storewright/database'
import { badAddresses, goodAddresses } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { setUpUser } from './harness.ts'

const user = setUpUser()

interface Address {
  id: string
  version: number
  isDefaultShipping: boolean
  isDefaultBilling: boolean
  [part: string]: unknown
}
const HOME = { name: 'Ada', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' }

const somebody = async () => {
  const { body } = await user.register()
  const { id } = body.user
  const token = body.tokens.accessToken
  return {
    id,
    token,
    add: (address: object = HOME) => user.post<Address>('/v1/me/addresses', address, token),
    list: async (query = '') =>
      (await user.get<{ items: Address[]; nextCursor: string | null }>(`/v1/me/addresses${query}`, token))
        .body,
    change: (address: string, body: unknown, headers: Record<string, string> = {}) =>
      user.request<Address>('PATCH', `/v1/me/addresses/${address}`, { body, token, headers }),
    remove: (address: string) => user.request('DELETE', `/v1/me/addresses/${address}`, { token }),
  }
}

describe('addresses', () => {
  it('are added, listed, changed and removed, and the timeline records it', async () => {
    const ada = await somebody()
    const added = await ada.add({ ...HOME, label: 'Home', postalCode: ' ls1  1aa ', isDefaultShipping: true })
    expect(added).toMatchObject({
      status: 201,
      body: { ...HOME, label: 'Home', isDefaultShipping: true, isDefaultBilling: false, version: 1 },
    })
    expect(added.headers.get('location')).toBe(`/v1/me/addresses/${added.body.id}`)
    expect(added.headers.get('etag')).toBe('"1"')
    expect(added.body).not.toHaveProperty('line2')

    const changed = await ada.change(added.body.id, { line2: 'Flat 2', label: null }, { 'if-match': '"1"' })
    expect(changed).toMatchObject({
      status: 200,
      body: { line2: 'Flat 2', version: 2, isDefaultShipping: true },
    })
    expect(changed.headers.get('etag')).toBe('"2"')
    expect(changed.body).not.toHaveProperty('label')
    expect((await ada.list()).items).toEqual([changed.body])

    expect((await ada.remove(added.body.id)).status).toBe(204)
    expect((await ada.remove(added.body.id)).status).toBe(404)
    expect((await ada.list()).items).toEqual([])
    const rows = await user.db
      .selectFrom('activity')
      .select('type')
      .where('user_id', '=', ada.id)
      .orderBy('id')
      .execute()
    expect(rows.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['address-added', 'address-changed', 'address-removed']),
    )
  })

  it('are kept in the form in which an order keeps them', async () => {
    const ada = await somebody()
    for (const { given, stored } of goodAddresses) {
      const answer = await ada.add(given)
      expect(answer).toMatchObject({ status: 201, body: stored })
    }
  })

  it('are added once per Idempotency-Key, also by two requests at once', async () => {
    const ada = await somebody()
    const add = (body: object) =>
      user.request<Address>('POST', '/v1/me/addresses', {
        body,
        token: ada.token,
        headers: { 'idempotency-key': 'once' },
      })
    const [first, second] = await Promise.all([add(HOME), add(HOME)])
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body.id).toBe(first.body.id)
    await ada.change(first.body.id, { city: 'York' })
    const third = await add(HOME)
    expect(third).toMatchObject({ status: 201, body: { id: first.body.id, city: 'York' } })
    expect(third.headers.get('idempotency-replayed')).toBe('true')
    expect((await add({ ...HOME, city: 'Hull' })).status).toBe(422)
    expect((await ada.list()).items).toHaveLength(1)
  })

  it('are listed page by page', async () => {
    const ada = await somebody()
    const ids: string[] = []
    for (let count = 0; count < 5; count++) ids.push((await ada.add()).body.id)
    const first = await ada.list('?limit=2')
    const second = await ada.list(`?limit=2&cursor=${first.nextCursor}`)
    const third = await ada.list(`?limit=2&cursor=${second.nextCursor}`)
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids)
    expect(third.nextCursor).toBeNull()
  })

  it('refuse an edit of another version', async () => {
    const ada = await somebody()
    const { id } = (await ada.add()).body
    await ada.change(id, { city: 'York' })
    expect(await ada.change(id, { city: 'Hull' }, { 'if-match': '"1"' })).toMatchObject({
      status: 412,
      body: { version: 2 },
    })
    expect((await ada.list()).items).toMatchObject([{ city: 'York' }])
  })

  it('are 50 at most, also when they come at once', async () => {
    const ada = await somebody()
    const answers = await Promise.all(Array.from({ length: 60 }, () => ada.add()))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(50)
    expect(statuses.filter((status) => status === 409)).toHaveLength(10)
    expect((await ada.list('?limit=100')).items).toHaveLength(50)
  })
})

describe('the default', () => {
  it('moves to the newest that is to be it, and may be given up', async () => {
    const ada = await somebody()
    const first = await ada.add({ ...HOME, isDefaultShipping: true, isDefaultBilling: true })
    const second = await ada.add({ ...HOME, isDefaultShipping: true })
    expect((await ada.list()).items).toMatchObject([
      { id: first.body.id, isDefaultShipping: false, isDefaultBilling: true, version: 2 },
      { id: second.body.id, isDefaultShipping: true, isDefaultBilling: false, version: 1 },
    ])
    await ada.change(first.body.id, { isDefaultShipping: true })
    await ada.change(first.body.id, { isDefaultBilling: false })
    expect((await ada.list()).items).toMatchObject([
      { isDefaultShipping: true, isDefaultBilling: false },
      { isDefaultShipping: false, isDefaultBilling: false },
    ])
  })

  it('is one at most, whoever is first', async () => {
    const ada = await somebody()
    const ids = await Promise.all(Array.from({ length: 6 }, async () => (await ada.add()).body.id))
    for (let round = 0; round < 3; round++) {
      const answers = await Promise.all([
        ...ids.map((id) => ada.change(id, { isDefaultShipping: true, isDefaultBilling: true })),
        ada.add({ ...HOME, isDefaultShipping: true, isDefaultBilling: true }),
      ])
      for (const { status } of answers) expect([200, 201]).toContain(status)
      const { items } = await ada.list('?limit=100')
      expect(items.filter(({ isDefaultShipping }) => isDefaultShipping)).toHaveLength(1)
      expect(items.filter(({ isDefaultBilling }) => isDefaultBilling)).toHaveLength(1)
    }
  })
})

describe('somebody else’s address', () => {
  it('is not there', async () => {
    const [ada, eve] = [await somebody(), await somebody()]
    const { id } = (await ada.add()).body
    expect((await eve.change(id, { city: 'York' })).status).toBe(404)
    expect((await eve.remove(id)).status).toBe(404)
    expect((await eve.list()).items).toEqual([])
    expect((await ada.list()).items).toMatchObject([{ id, city: 'Leeds', version: 1 }])
  })

  it('needs a log-in', async () => {
    const path = `/v1/me/addresses/${newId()}`
    expect((await user.get('/v1/me/addresses')).status).toBe(401)
    expect((await user.post('/v1/me/addresses', HOME)).status).toBe(401)
    expect((await user.request('PATCH', path, { body: { city: 'York' } })).status).toBe(401)
    expect((await user.request('DELETE', path)).status).toBe(401)
  })
})

describe('a bad address', () => {
  it.each<[string, object, number, string]>([
    ['without a name', { ...HOME, name: undefined }, 400, 'name'],
    ['with an empty line', { ...HOME, line1: '  ' }, 400, 'line1'],
    ['with two lines in one', { ...HOME, line1: '1 High St\nLeeds' }, 400, 'line1'],
    ['with a NUL', { ...HOME, city: 'Le\0eds' }, 400, 'city'],
    ['that is very long', { ...HOME, name: 'a'.repeat(201) }, 400, 'name'],
    ['with a list', { ...HOME, city: ['Leeds'] }, 400, 'city'],
    ['with a number', { ...HOME, postalCode: 10115, country: 'DE' }, 400, 'postalCode'],
    ['with an owner', { ...HOME, userId: newId() }, 400, 'userId'],
    ['that brings its version', { ...HOME, version: 7 }, 400, 'version'],
    ['of a country in words', { ...HOME, country: 'England' }, 400, 'country'],
    ['of a country that is none', { ...HOME, country: 'XX' }, 422, 'country'],
    ['with another country’s postal code', { ...HOME, postalCode: '10115' }, 422, 'postalCode'],
    ['without its postal code', { ...HOME, postalCode: '' }, 422, 'postalCode'],
    ['without its state', { ...HOME, country: 'US', postalCode: '90210' }, 422, 'region'],
  ])('%s is refused', async (_what, address, status, path) => {
    const ada = await somebody()
    const answer = await ada.add(address)
    expect(answer.status).toBe(status)
    const errors = answer.body['errors'] as { path: string }[]
    expect([...new Set(errors.map((error) => error.path))]).toEqual([path])
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
    expect((await ada.list()).items).toEqual([])
  })

  it('is refused as an order refuses it, by the name of the field', async () => {
    const ada = await somebody()
    for (const { given, status, field, what } of badAddresses) {
      const answer = await ada.add(given)
      const [error] = answer.body['errors'] as { path: string }[]
      expect([what, answer.status, error?.path]).toEqual([what, status, field])
    }
    expect((await ada.list()).items).toEqual([])
  })

  it('is not made of a good one', async () => {
    const ada = await somebody()
    const { id } = (await ada.add()).body
    for (const [change, status] of [
      [{}, 400],
      [{ name: null }, 400],
      [{ id: newId() }, 400],
      [{ country: 'DE' }, 422],
      [{ country: 'US' }, 422],
    ] as const)
      expect((await ada.change(id, change)).status).toBe(status)
    expect((await ada.list()).items).toMatchObject([{ ...HOME, version: 1 }])
  })

  it.each(['?cursor=x', '?limit=0', '?limit=101', '?after=1', '?cursor=WyLDqSJd'])(
    'list %s is refused',
    async (query) => {
      const ada = await somebody()
      expect((await user.get(`/v1/me/addresses${query}`, ada.token)).status).toBe(400)
    },
  )

  it.each(['x', '..%2f', '%00', `${newId()}x`])('id %s is refused', async (id) => {
    const ada = await somebody()
    expect([400, 404]).toContain((await ada.remove(id)).status)
    expect([400, 404]).toContain((await ada.change(id, { city: 'York' })).status)
  })
})
