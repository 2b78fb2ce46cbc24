import { PurchaseOrderCreated, PurchaseOrderReceived, StockAdjusted } from '@storewright/contracts'
import { insertRows, newId } from '@storewright/database'
import { sql } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import { findUse } from '../src/suppliers/queries.ts'
import { setUpInventory } from './harness.ts'
import { auditBreaches } from './invariants.ts'

const inventory = setUpInventory({ locations: ['annex'] })
afterEach(async () => expect(await auditBreaches(inventory.db)).toEqual([]))

type Line = { sku: string; ordered: number; location?: string }

const call = (method: 'GET' | 'POST' | 'DELETE', url: string, body?: unknown, key?: string) =>
  inventory.send(method, url, { as: 'staff', body, headers: key ? { 'idempotency-key': key } : {} })
const pathsOf = ({ body }: { body: Record<string, unknown> }) =>
  ((body['errors'] ?? []) as { path: string }[]).map(({ path }) => path)

const makeSupplier = async () =>
  String(
    (await call('POST', '/v1/suppliers', { name: 'Potters', leadTimeDays: 5, packSizes: [6] })).body['id'],
  )
const draft = async (lines: Line[], supplierId: string | null = null) => {
  const { status, body } = await call('POST', '/v1/purchase-orders', { supplierId, lines })
  expect(status).toBe(201)
  return { id: String(body['id']), url: `/v1/purchase-orders/${String(body['id'])}`, body }
}
const submitted = async (lines: Line[], supplierId?: string) => {
  const order = await draft(lines, supplierId)
  expect((await call('POST', `${order.url}/submit`)).body).toMatchObject({ status: 'submitted' })
  return order
}
const receive = (url: string, lines?: object[], key: string = newId()) =>
  call('POST', `${url}/receive`, lines && { lines }, key)

describe('a purchase order', () => {
  it('is drafted, submitted and received in parts, and stands in the ledger by its number', async () => {
    const sku = await inventory.stocked(1)
    const supplierId = await makeSupplier()
    const { id, url, body } = await draft([{ sku: sku.toLowerCase(), ordered: 10 }], supplierId)
    expect(body).toMatchObject({
      number: expect.stringMatching(/^PO-\d{6}$/),
      ...{ status: 'draft', automatic: false, supplierId, supplierName: 'Potters' },
      lines: [{ sku, location: 'main', ordered: 10, received: 0 }],
    })
    expect((await receive(url)).status).toBe(409)

    const { body: after } = await call('POST', `${url}/submit`)
    const days = Date.parse(String(after['expectedAt'])) - Date.parse(String(after['submittedAt']))
    expect([after['status'], days / 86_400_000]).toEqual(['submitted', 5])

    const part = await receive(url, [{ sku, quantity: 4 }], id)
    expect(part).toMatchObject({ status: 200, body: { status: 'partly_received', lines: [{ received: 4 }] } })
    const again = await receive(url, [{ sku, quantity: 4 }], id)
    expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true'])
    expect((await receive(url)).body).toMatchObject({ status: 'received', endedAt: expect.any(String) })
    expect((await receive(url)).status).toBe(409)

    expect(await inventory.stock(sku)).toMatchObject({ onHand: 11 })
    const movements = await inventory.send('GET', `/v1/stock/${sku}/movements?limit=2`, { as: 'reader' })
    const reference = body['number']
    expect(movements.body['items']).toMatchObject([
      { kind: 'receipt', delta: 6, balance: 11, reference },
      { kind: 'receipt', delta: 4, balance: 5, reference },
    ])
    expect((await inventory.emittedFor(StockAdjusted, sku)).slice(-2)).toMatchObject([
      { kind: 'receipt', delta: 4 },
      { kind: 'receipt', delta: 6 },
    ])
    expect(await inventory.emittedFor(PurchaseOrderCreated, id)).toMatchObject([
      { number: reference, status: 'draft', supplierId, lines: [{ sku, location: 'main', ordered: 10 }] },
    ])
    expect(await inventory.emittedFor(PurchaseOrderReceived, id)).toMatchObject([
      { status: 'partly_received', lines: [{ sku, quantity: 4 }] },
      { status: 'received', lines: [{ sku, quantity: 6 }] },
    ])
  })

  it('refuses what does not fit it by line, and then receives nothing', async () => {
    const sku = await inventory.stocked(0)
    const twice = await inventory.stocked(0)
    const { url } = await submitted([
      { sku, ordered: 5 },
      { sku: twice, ordered: 5 },
      { sku: twice, ordered: 5, location: 'annex' },
    ])
    const refused = await receive(url, [
      { sku, quantity: 6 },
      { sku: 'NOWHERE', quantity: 1 },
      { sku: twice, quantity: 1 },
      { sku: twice, quantity: 1, location: 'annex' },
      { sku: twice, quantity: 1, location: 'annex' },
    ])
    expect([refused.status, pathsOf(refused)]).toEqual([
      422,
      ['lines.0.quantity', 'lines.1.sku', 'lines.2.location', 'lines.4.sku'],
    ])
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 0 })
    expect((await call('POST', `${url}/receive`, {})).status).toBe(400)
  })

  it('is cancelled for what is still to come, as often as one likes', async () => {
    const sku = await inventory.stocked(0)
    const { url } = await submitted([{ sku, ordered: 5 }])
    await receive(url, [{ sku, quantity: 2 }])
    for (const _ of [1, 2]) {
      const { status, body } = await call('POST', `${url}/cancel`)
      expect([status, body]).toMatchObject([
        200,
        { status: 'cancelled', lines: [{ received: 2 }], version: 4 },
      ])
    }
    expect((await receive(url, [{ sku, quantity: 1 }])).status).toBe(409)
    expect((await call('POST', `${url}/submit`)).status).toBe(409)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 2 })
  })

  it('is listed by status, supplier and SKU, the newest first', async () => {
    const sku = await inventory.stocked(0)
    const supplierId = await makeSupplier()
    const ids = []
    for (const ordered of [1, 2, 3]) ids.push((await draft([{ sku, ordered }], supplierId)).id)
    await call('POST', `/v1/purchase-orders/${ids[1]}/submit`)
    const idsOf = async (query: string) => {
      const { body } = await call('GET', `/v1/purchase-orders?${query}`)
      return { ids: (body['items'] as { id: string }[]).map(({ id }) => id), cursor: body['nextCursor'] }
    }
    const first = await idsOf(`supplier=${supplierId}&limit=2`)
    const rest = await idsOf(`supplier=${supplierId}&limit=2&cursor=${String(first.cursor)}`)
    expect([...first.ids, ...rest.ids]).toEqual(ids.toReversed())
    expect((await idsOf(`sku=${sku}&status=submitted`)).ids).toEqual([ids[1]])
    expect((await call('DELETE', `/v1/suppliers/${supplierId}`)).status).toBe(409)
    for (const id of ids) await call('POST', `/v1/purchase-orders/${id}/cancel`)
    expect((await call('DELETE', `/v1/suppliers/${supplierId}`)).status).toBe(204)
    expect((await call('GET', `/v1/purchase-orders/${ids[0]}`)).body).toMatchObject({
      supplierName: 'Potters',
    })
  })

  it('is looked for without reading what ended, where its supplier is to be deleted', async () => {
    const supplier = newId()
    const at = new Date()
    const times = { created_at: at, ended_at: at, updated_at: at }
    const ended = Array.from({ length: 500 }, () => ({
      ...{ id: newId(), status: 'cancelled' as const, automatic: 0, supplier_id: supplier, ...times },
    }))
    await insertRows(inventory.db, 'purchase_orders', ended)
    const reads = await inventory.inTransaction(async (trx) => {
      const read = async () => {
        const { rows } = await sql<{ Value: string }>`show session status like 'Handler_read%'`.execute(trx)
        return rows.reduce((sum, { Value }) => sum + Number(Value), 0)
      }
      const before = await read()
      expect(await findUse(trx, supplier)).toEqual({ openOrder: undefined, ruleOf: undefined })
      return (await read()) - before
    })
    expect(reads).toBeLessThan(50)
    await inventory.db.deleteFrom('purchase_orders').where('supplier_id', '=', supplier).execute()
  })

  it.each([
    [400, 'lines', { lines: [] }],
    [400, 'lines', { lines: Array.from({ length: 201 }, (_, index) => ({ sku: `X-${index}`, ordered: 1 })) }],
    [400, 'lines.0.ordered', { lines: [{ sku: 'X', ordered: 0 }] }],
    [400, 'lines.0.ordered', { lines: [{ sku: 'X', ordered: 1_000_001 }] }],
    [422, 'lines.0.sku', { lines: [{ sku: 'NOWHERE', ordered: 1 }] }],
    [422, 'lines.0.location', { lines: [{ sku: 'MUG', ordered: 1, location: 'moon' }] }],
    [422, 'lines.1.sku', { lines: [1, 2].map((ordered) => ({ sku: 'MUG', ordered })) }],
    [422, 'supplierId', { supplierId: newId(), lines: [{ sku: 'MUG', ordered: 1 }] }],
  ])('is refused with %i for %s', async (status, path, body) => {
    await inventory.setStock({ MUG: 1 })
    const refused = await call('POST', '/v1/purchase-orders', body)
    expect([refused.status, pathsOf(refused)]).toEqual([status, [path]])
  })
})

describe('at once', () => {
  const atOnce = <T>(count: number, act: (index: number) => Promise<T>) =>
    Promise.all(Array.from({ length: count }, (_, index) => act(index)))

  it('receipts, adjustments and a cancellation of an order never receive more than was ordered', async () => {
    const sku = await inventory.stocked(3)
    const { id, url } = await submitted([{ sku, ordered: 10 }])
    const [receipts, cancelled] = await Promise.all([
      atOnce(12, () => receive(url, [{ sku, quantity: 1 }])),
      call('POST', `${url}/cancel`),
      atOnce(3, () => inventory.adjust(sku, -1)),
    ])
    const { body } = await call('GET', url)
    const done = receipts.filter(({ status }) => status === 200).length
    expect(receipts.every(({ status }) => [200, 409, 422].includes(status))).toBe(true)
    expect(body).toMatchObject({
      status: cancelled.status === 200 ? 'cancelled' : 'received',
      lines: [{ received: done }],
    })
    expect(await inventory.stock(sku)).toMatchObject({ onHand: done })
    expect(await inventory.emittedFor(PurchaseOrderReceived, id)).toHaveLength(done)
  })

  it('one receipt with one key is taken into stock once', async () => {
    const sku = await inventory.stocked(0)
    const { url } = await submitted([{ sku, ordered: 10 }])
    const answers = await atOnce(10, () => receive(url, [{ sku, quantity: 4 }], sku))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 4 })
  })
})
