import { StockLow } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const call = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
) => inventory.send(method, url, { as: 'staff', body, headers })
const pathsOf = ({ body }: { body: Record<string, unknown> }) =>
  ((body['errors'] ?? []) as { path: string }[]).map(({ path }) => path)

describe('suppliers', () => {
  const make = async (more: object = {}) => {
    const { status, body, headers } = await call('POST', '/v1/suppliers', {
      name: 'Potters',
      leadTimeDays: 5,
      packSizes: [24, 6, 24],
      ...more,
    })
    expect([status, headers['location'], headers['etag']]).toEqual([
      201,
      `/v1/suppliers/${String(body['id'])}`,
      '"1"',
    ])
    return { id: String(body['id']), url: `/v1/suppliers/${String(body['id'])}`, body }
  }

  it('are created with their packs in order, listed in pages and changed under their version', async () => {
    const first = await make()
    const second = await make({ packSizes: undefined })
    expect([first.body['packSizes'], second.body['packSizes']]).toEqual([[6, 24], []])
    const page = await call('GET', '/v1/suppliers?limit=1')
    expect(page.body['items']).toMatchObject([{ id: first.id, name: 'Potters', leadTimeDays: 5 }])
    const next = await call('GET', `/v1/suppliers?cursor=${String(page.body['nextCursor'])}`)
    expect(next.body).toMatchObject({ items: [{ id: second.id }], nextCursor: null })

    const change = { leadTimeDays: 7 }
    expect(await call('PATCH', first.url, change, { 'if-match': '"2"' })).toMatchObject({ status: 412 })
    const changed = await call('PATCH', first.url, change, { 'if-match': '"1"' })
    expect([changed.status, changed.headers['etag']]).toEqual([200, '"2"'])
    expect((await call('GET', first.url)).body).toMatchObject({ ...change, name: 'Potters', version: 2 })
  })

  it('are deleted, unless the version is another', async () => {
    const { url } = await make()
    expect((await call('DELETE', url, undefined, { 'if-match': '"7"' })).status).toBe(412)
    expect((await call('DELETE', url)).status).toBe(204)
    for (const method of ['GET', 'DELETE'] as const) expect((await call(method, url)).status).toBe(404)
  })

  it.each([
    [{ packSizes: [0] }, 'packSizes.0'],
    [{ packSizes: [1.5] }, 'packSizes.0'],
    [{ packSizes: Array.from({ length: 21 }, () => 1) }, 'packSizes'],
    [{ leadTimeDays: -1 }, 'leadTimeDays'],
    [{ leadTimeDays: undefined }, 'leadTimeDays'],
    [{ name: ' ' }, 'name'],
    [{ phone: '1' }, 'phone'],
  ])('are refused with %j', async (wrong, path) => {
    const body = { name: 'Potters', leadTimeDays: 5, packSizes: [], ...wrong }
    const refused = await call('POST', '/v1/suppliers', body)
    expect([refused.status, pathsOf(refused)]).toEqual([400, [path]])
  })
})

describe('StockLow', () => {
  const lowEvents = async (sku: string) => await inventory.emittedFor(StockLow, sku)

  it('is emitted once per crossing at a location, in the transaction of the change', async () => {
    const sku = await inventory.stocked(8)
    expect(await lowEvents(sku)).toEqual([])
    const order = anOrder({ [sku]: 3 })
    await inventory.deliver(order.placed())
    await inventory.deliver(order.placed())
    await inventory.adjust(sku, 1)
    await inventory.adjust(sku, -1)
    await inventory.adjust(sku, -5)
    expect(await lowEvents(sku)).toMatchObject([
      { sku, location: 'main', level: 'low', available: 5, threshold: 5 },
      { sku, location: 'main', level: 'out', available: 0, threshold: 5 },
    ])
  })

  it('is not emitted for places where the SKU never was', async () => {
    const sku = await inventory.stocked(8)
    await inventory.adjust(sku, 2, undefined, { location: 'annex' })
    expect(await lowEvents(sku)).toMatchObject([{ location: 'annex', level: 'low' }])
  })
})
