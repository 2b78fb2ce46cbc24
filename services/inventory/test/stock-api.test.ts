import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

describe('stock', () => {
  it('shows everybody the available quantity, and staff the locations', async () => {
    const sku = await inventory.stocked(6)
    await inventory.setStock({ [sku]: 4 }, 'annex')
    await inventory.deliver(anOrder({ [sku]: 7 }).placed())

    const shown = { sku, status: 'low_stock', available: 3 }
    for (const as of [undefined, 'customer'] as const) {
      expect((await inventory.send('GET', `/v1/stock/${sku}`, as ? { as } : {})).body).toEqual(shown)
    }
    expect((await inventory.send('GET', `/v1/stock/${sku}`, { as: 'reader' })).body).toEqual({
      ...shown,
      onHand: 10,
      reserved: 7,
      locations: [
        { location: 'main', onHand: 6, reserved: 6, available: 0 },
        { location: 'annex', onHand: 4, reserved: 1, available: 3 },
      ],
    })
  })

  it('names its SKUs to the gateway where everybody sees the same', async () => {
    const sku = await inventory.stocked(1)
    const marked = async (query: string, as?: 'customer' | 'reader') =>
      (await inventory.send('GET', `/v1/stock${query}`, as ? { as } : {})).headers['surrogate-key']
    expect(await marked(`/${sku.toLowerCase()}`)).toBe(sku)
    expect(await marked(`?skus=nowhere,${sku}`, 'customer')).toBe(`NOWHERE ${sku}`)
    expect(await marked(`/${sku}`, 'reader')).toBeUndefined()
    expect(await marked(`?skus=${sku}`, 'reader')).toBeUndefined()
  })

  it('is found by a SKU in any spelling', async () => {
    const sku = inventory.nextSku()
    const odd = `${sku}/A.B_C`
    await inventory.setStock({ [odd]: 6 })
    const { status, body } = await inventory.send(
      'GET',
      `/v1/stock/%20${encodeURIComponent(odd.toLowerCase())}`,
    )
    expect([status, body['sku']]).toEqual([200, odd])
  })

  it('is listed for several SKUs, unknown ones left out', async () => {
    const sku = inventory.nextSku()
    await inventory.setStock({ [sku]: 6, [`${sku}-B`]: 0 })
    const { body } = await inventory.send('GET', `/v1/stock?skus=${sku}-b,NOWHERE,${sku},${sku}`)
    expect(body).toEqual({
      items: [
        { sku, status: 'in_stock', available: 6 },
        { sku: `${sku}-B`, status: 'out_of_stock', available: 0 },
      ],
      nextCursor: null,
    })
  })

  it('is looked up by services with the internal token, and what is no SKU fails alone', async () => {
    const sku = await inventory.stocked(6)
    const body = { skus: ['A/'.repeat(9_000), sku.toLowerCase(), sku, ''] }
    const headers = { 'x-internal-token': inventory.internalToken }
    const { status, body: answer } = await inventory.send('POST', '/internal/stock', { headers, body })
    expect([status, answer]).toEqual([200, { items: [{ sku, available: 6 }] }])
    expect((await inventory.send('POST', '/internal/stock', { as: 'staff', body })).status).toBe(403)
  })
})

it('stock is listed for every SKU in pages with the number of its last event, for staff only', async () => {
  const sku = `A-${inventory.nextSku()}`
  await inventory.setStock({ [sku]: 6, [`${sku}-B`]: 0 }, 'annex')
  const seen: Record<string, unknown>[] = []
  for (let cursor = ''; ;) {
    const url = `/v1/stock?limit=2${cursor && `&cursor=${cursor}`}`
    const { body } = await inventory.send('GET', url, { as: 'reader' })
    seen.push(...(body['items'] as Record<string, unknown>[]))
    if (body['nextCursor'] === null) break
    cursor = body['nextCursor'] as string
  }
  const known = await inventory.db.selectFrom('stock').select('sku').distinct().execute()
  expect(seen.map((stock) => stock['sku'])).toEqual(known.map((row) => row.sku).sort())
  const { rows } = await sql<{ version: number }>`
    select max(aggregate_version) as version from outbox where subject = ${sku}`.execute(inventory.db)
  const version = Number(rows[0]?.version)
  expect(version).toBeGreaterThan(0)
  const found = seen.find((stock) => stock['sku'] === sku)
  expect(found).toMatchObject({ version, onHand: 6, locations: [{}, {}] })
  expect((await inventory.send('GET', '/v1/stock')).status).toBe(401)
  expect((await inventory.send('GET', '/v1/stock', { as: 'customer' })).status).toBe(403)
})

describe('the stock ledger', () => {
  it('is listed in pages, newest first, and can be filtered by location', async () => {
    const sku = await inventory.stocked(1)
    for (let step = 0; step < 4; step++) await inventory.adjust(sku, 1)
    await inventory.adjust(sku, 9, undefined, { location: 'annex' })

    const balances: unknown[] = []
    let cursor = ''
    do {
      const url = `/v1/stock/${sku}/movements?limit=2${cursor && `&cursor=${cursor}`}`
      const { body } = await inventory.send('GET', url, { as: 'reader' })
      balances.push(...(body['items'] as { balance: number }[]).map(({ balance }) => balance))
      cursor = (body['nextCursor'] as string | null) ?? ''
    } while (cursor)
    expect(balances).toEqual([9, 5, 4, 3, 2, 1])

    const { body } = await inventory.send('GET', `/v1/stock/${sku}/movements?location=annex`, {
      as: 'reader',
    })
    expect(body).toMatchObject({ items: [{ balance: 9 }], nextCursor: null })
  })

  it('is empty for a SKU without movements, and 404 for an unknown SKU', async () => {
    const sku = await inventory.stocked(0)
    const url = `/v1/stock/${sku}/movements`
    expect((await inventory.send('GET', url, { as: 'reader' })).body).toEqual({ items: [], nextCursor: null })
    expect((await inventory.send('GET', '/v1/stock/NOWHERE/movements', { as: 'reader' })).status).toBe(404)
  })
})

describe('locations', () => {
  it('begin with the default one and are listed in pages', async () => {
    const first = await inventory.send('GET', '/v1/locations?limit=1', { as: 'staff' })
    expect(first.body).toMatchObject({ items: [{ code: 'main', name: 'Main' }] })
    const url = `/v1/locations?cursor=${String(first.body['nextCursor'])}`
    expect((await inventory.send('GET', url, { as: 'staff' })).body).toMatchObject({
      items: [{ code: 'annex' }],
    })
  })

  it('are created once, replayed with an idempotency key, and refused as duplicates without one', async () => {
    const make = (key?: string) =>
      inventory.send('POST', '/v1/locations', {
        as: 'staff',
        body: { code: 'leeds', name: 'Leeds' },
        headers: key ? { 'idempotency-key': key } : {},
      })
    expect(await make('k')).toMatchObject({ status: 201, body: { code: 'leeds' } })
    expect(await make('k')).toMatchObject({ status: 201, headers: { 'idempotency-replayed': 'true' } })
    expect(await make()).toMatchObject({ status: 409, body: { errors: [{ path: 'code' }] } })
  })
})

describe('a change of a location', () => {
  const change = (code: string, body: unknown, headers: Record<string, string> = {}) =>
    inventory.send('PATCH', `/v1/locations/${code}`, { as: 'staff', body, headers })

  it('of its priority moves it in the list, and orders take from it first', async () => {
    await inventory.addLocation('york')
    const changed = await change('york', { priority: 0 }, { 'if-match': '"1"' })
    expect(changed).toMatchObject({
      status: 200,
      body: { priority: 0, version: 2 },
      headers: { etag: '"2"' },
    })
    const { body } = await inventory.send('GET', '/v1/locations?limit=2', { as: 'staff' })
    expect(body['items']).toMatchObject([{ code: 'york' }, { code: 'main', priority: 1 }])

    const sku = await inventory.stocked(2)
    await inventory.setStock({ [sku]: 2 }, 'york')
    await inventory.deliver(anOrder({ [sku]: 3 }).placed())
    expect((await inventory.stock(sku))['locations']).toMatchObject([
      { location: 'york', reserved: 2 },
      { location: 'main', reserved: 1 },
    ])
    await change('york', { priority: 9 })
  })

  it.each([
    [400, 'annex', {}, {}],
    [400, 'annex', { priority: -1 }, {}],
    [400, 'annex', { priority: 1.5 }, {}],
    [400, 'annex', { code: 'other' }, {}],
    [400, 'annex', { name: ' ' }, {}],
    [404, 'nowhere', { priority: 1 }, {}],
    [404, '%C3%84', { priority: 1 }, {}],
    [412, 'annex', { priority: 1 }, { 'if-match': '"7"' }],
  ])('answers %i for %s and %j', async (status, code, body, headers) => {
    const answer = await change(code, body, headers)
    expect([answer.status, answer.headers['content-type']]).toEqual([
      status,
      'application/problem+json; charset=utf-8',
    ])
  })
})

describe('reservations', () => {
  it('are filtered by SKU and state, in pages', async () => {
    const sku = await inventory.stocked(2)
    // Made within one millisecond, ids do not show which was first.
    const orders = [1, 1, 1].map(() => anOrder({ [sku]: 1 })).sort((a, b) => (a.orderId < b.orderId ? -1 : 1))
    for (const order of orders) await inventory.deliver(order.placed())
    const url = `/v1/reservations?sku=${sku.toLowerCase()}&state=held&limit=1`
    const first = await inventory.send('GET', url, { as: 'reader' })
    const cursor = String(first.body['nextCursor'])
    const second = await inventory.send('GET', `${url}&cursor=${cursor}`, { as: 'reader' })
    expect([first, second].flatMap(({ body }) => body['items'])).toMatchObject([
      { orderId: orders[1]?.orderId, state: 'held' },
      { orderId: orders[0]?.orderId, state: 'held' },
    ])
    expect(second.body['nextCursor']).toBeNull()
    const rejected = await inventory.send('GET', '/v1/reservations?state=rejected&limit=1', { as: 'reader' })
    expect(rejected.body).toMatchObject({ items: [{ orderId: orders[2]?.orderId, lines: [] }] })
  })
})
