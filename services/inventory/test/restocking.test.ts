import { StockLow } from '@storewright/contracts'
import { insertRows, newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { settingsFrom } from '../src/config.ts'
import { applySuggestions } from '../src/reorder/set-rule.ts'
import { settleAll } from '../src/stock/settle-signals.ts'
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

const ruleUrl = (sku: string, location = 'main') => `/v1/stock/${sku}/reorder-rule?location=${location}`
const anySuggestion = {
  ...{
    window_days: 90,
    units_sold: 0,
    per_day: 0,
    deviation: 0,
    on_hand: 0,
    available: 0,
    days_of_cover: null,
  },
  ...{ lead_time_days: 7, safety_stock: 0, economic_quantity: null, yearly_value: 0, abc: 'C' as const },
  ...{ stock_state: null, slow: 0 },
}
const reorderStates = async (sku: string) => {
  const rows = await inventory.db.selectFrom('stock').select('reorder_state').where('sku', '=', sku).execute()
  return rows.map((row) => row.reorder_state)
}

describe('a reorder rule', () => {
  const rule = { reorderPoint: 10, reorderQuantity: 24, automatic: true }

  it('is made and replaced under its version, per location, and deleted', async () => {
    const sku = await inventory.stocked(50)
    const made = await call('PUT', ruleUrl(sku), { ...rule, lowStockThreshold: 60 })
    expect([made.status, made.headers['etag'], made.body]).toMatchObject([
      201,
      '"1"',
      { sku, location: 'main', policy: 'fixed', ...rule, supplier: null, upTo: null, lowStockThreshold: 60 },
    ])
    expect(await inventory.emittedFor(StockLow, sku)).toMatchObject([{ level: 'low', threshold: 60 }])
    const next = { policy: 'up_to', reorderPoint: 50, upTo: 80, automatic: true, location: 'main' }
    expect((await call('PUT', ruleUrl(sku), next, { 'if-match': '"2"' })).status).toBe(412)
    expect((await call('PUT', ruleUrl(sku), next, { 'if-match': '"1"' })).body).toMatchObject({
      ...next,
      reorderQuantity: null,
      version: 2,
    })
    expect(await reorderStates(sku)).toEqual(['due'])
    expect((await call('GET', ruleUrl(sku, 'annex'))).status).toBe(404)
    expect((await call('DELETE', ruleUrl(sku), undefined, { 'if-match': '"2"' })).status).toBe(204)
    for (const method of ['GET', 'DELETE'] as const) {
      expect((await call(method, ruleUrl(sku))).status).toBe(404)
    }
    expect(await reorderStates(sku)).toEqual([null])
  })

  it('is due from the change that reaches its point on, where it is automatic', async () => {
    const sku = await inventory.stocked(12)
    await call('PUT', ruleUrl(sku), rule)
    expect(await reorderStates(sku)).toEqual([null])
    await inventory.deliver(anOrder({ [sku]: 2 }).placed())
    expect(await reorderStates(sku)).toEqual(['due'])
    await call('PUT', ruleUrl(sku), { ...rule, automatic: false })
    expect(await reorderStates(sku)).toEqual([null])
  })

  it('follows the suggestions where its policy is computed, and no others', async () => {
    const [computed, fixed] = [await inventory.stocked(12), await inventory.stocked(12)]
    await call('PUT', ruleUrl(computed), { policy: 'computed', automatic: true })
    await call('PUT', ruleUrl(fixed), rule)
    const suggestions = [computed, fixed, inventory.nextSku()].map((sku) => ({
      ...{ sku, locationId: 1, reorderPoint: 12, reorderQuantity: 40 },
    }))
    await inventory.inTransaction((trx, settings) => applySuggestions(trx, suggestions, settings))
    expect((await call('GET', ruleUrl(computed))).body).toMatchObject({
      ...{ reorderPoint: 12, reorderQuantity: 40, version: 1 },
    })
    expect((await call('GET', ruleUrl(fixed))).body).toMatchObject(rule)
    const found = {
      sku: fixed,
      location_id: 1,
      reorder_point: 7,
      reorder_quantity: 9,
      computed_at: new Date(),
    }
    await insertRows(inventory.db, 'suggestions', [{ ...anySuggestion, ...found }])
    const again = await call('PUT', ruleUrl(fixed), { policy: 'computed', automatic: true })
    expect(again.body).toMatchObject({ reorderPoint: 7, reorderQuantity: 9 })
    expect([await reorderStates(computed), await reorderStates(fixed)]).toEqual([['due'], [null]])
  })

  it('that is computed orders nothing before a suggestion, nor while nothing sells', async () => {
    const [unknown, unsold] = [await inventory.stocked(0), await inventory.stocked(0)]
    const none = { sku: unsold, location_id: 1, reorder_point: 0, reorder_quantity: 0 }
    await insertRows(inventory.db, 'suggestions', [{ ...anySuggestion, ...none, computed_at: new Date() }])
    for (const sku of [unknown, unsold]) {
      const { body } = await call('PUT', ruleUrl(sku), { ...rule, policy: 'computed' })
      expect(body).toMatchObject({ reorderPoint: null, reorderQuantity: null })
      expect(await reorderStates(sku)).toEqual([null])
    }
  })

  it.each([
    [400, 'automatic', { automatic: undefined }],
    [400, 'reorderPoint', { reorderPoint: -1 }],
    [400, 'reorderQuantity', { reorderQuantity: 0 }],
    [400, 'policy', { policy: 'often' }],
    [422, 'reorderPoint', { reorderPoint: null }],
    [422, 'reorderQuantity', { reorderQuantity: undefined }],
    [422, 'reorderPoint', { policy: 'up_to', reorderPoint: 31, upTo: 30 }],
    [422, 'reorderPoint', { policy: 'up_to', reorderPoint: 30, upTo: 30 }],
    [422, 'upTo', { policy: 'up_to' }],
    [422, 'upTo', { policy: 'computed', upTo: 30 }],
    [422, 'supplier', { supplier: newId() }],
    [422, 'location', { location: 'annex' }],
  ])('is refused with %i for %s in %j', async (status, path, wrong) => {
    await inventory.setStock({ MUG: 1 })
    const refused = await call('PUT', ruleUrl('MUG'), { ...rule, ...wrong })
    expect([refused.status, [...new Set(pathsOf(refused))]]).toEqual([status, [path]])
  })

  it('of a SKU or location that is not there is refused', async () => {
    expect((await call('PUT', ruleUrl('NOWHERE'), rule)).status).toBe(404)
    expect((await call('PUT', ruleUrl('MUG', 'moon'), rule)).status).toBe(422)
    expect((await call('GET', ruleUrl('MUG', 'moon'))).status).toBe(404)
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

describe('alerts', () => {
  const alerts = async (query: string) => {
    const { status, body } = await inventory.send('GET', `/v1/stock/alerts?${query}`, { as: 'reader' })
    expect(status).toBe(200)
    return { items: body['items'] as Record<string, unknown>[], next: body['nextCursor'] }
  }

  it('show what is low or out with the order under way, until it is received', async () => {
    const sku = await inventory.stocked(50)
    await call('PUT', ruleUrl(sku), { ...{ reorderPoint: 3, reorderQuantity: 24 }, automatic: true })
    await inventory.adjust(sku, -47)
    await inventory.reorder()
    const [alert] = (await alerts('limit=1')).items
    expect(alert).toMatchObject({ sku, location: 'main', level: 'low', available: 3, threshold: 5 })
    const [order] = alert?.['purchaseOrders'] as { id: string }[]
    expect(order).toMatchObject({ status: 'draft', outstanding: 24, expectedAt: null })

    await inventory.adjust(sku, -3)
    expect((await alerts('level=out&limit=1')).items).toMatchObject([{ sku, level: 'out', available: 0 }])
    await call('POST', `/v1/purchase-orders/${order?.id}/submit`)
    await call('POST', `/v1/purchase-orders/${order?.id}/receive`, undefined, { 'idempotency-key': sku })
    expect((await alerts('limit=100')).items.map((shown) => shown['sku'])).not.toContain(sku)
  })

  it('are listed in pages, the latest first, each once', async () => {
    const sku = inventory.nextSku()
    const skus = ['A', 'B', 'C', 'D', 'E'].map((letter) => `${sku}-${letter}`)
    await inventory.setStock(Object.fromEntries(skus.map((each) => [each, 1])))
    const seen: unknown[] = []
    for (let cursor = ''; seen.length < 5;) {
      const page = await alerts(`limit=2${cursor && `&cursor=${cursor}`}`)
      seen.push(...page.items.map((alert) => alert['sku']))
      cursor = String(page.next)
    }
    expect(seen.slice(0, 5)).toEqual(skus.toReversed())
  })

  it('open once also for what another version left without alert and need, in however many replicas', async () => {
    const [low, enough] = [await inventory.stocked(3), await inventory.stocked(9)]
    const rule = { reorderPoint: 8, reorderQuantity: 24, automatic: true }
    for (const sku of [low, enough]) await call('PUT', ruleUrl(sku), rule)
    const old = { alert: null, alerted_at: null, reorder_state: null }
    await inventory.db.updateTable('stock').set(old).where('sku', '=', low).execute()
    await inventory.clearOutbox()

    const settings = settingsFrom(inventory.config, inventory.clock)
    const replicas = Array.from({ length: 4 }, () => settleAll({ db: inventory.db, settings }))
    expect((await Promise.all(replicas)).toSorted()).toEqual([0, 0, 0, 1])
    expect(await inventory.emitted(StockLow)).toMatchObject([{ data: { sku: low, level: 'low' } }])
    expect((await alerts('limit=1')).items).toMatchObject([{ sku: low, available: 3 }])
    expect([await reorderStates(low), await reorderStates(enough)]).toEqual([['due'], [null]])
  })

  it('are refused with a cursor that names no SKU', async () => {
    const cursor = Buffer.from(JSON.stringify(['stock alerts', 0, 'Å', 1])).toString('base64url')
    const refused = await inventory.send('GET', `/v1/stock/alerts?cursor=${cursor}`, { as: 'reader' })
    expect(refused.status).toBe(400)
  })
})
