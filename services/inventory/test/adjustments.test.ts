import { StockAdjusted, StockStatusChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'

const inventory = setUpInventory({ locations: ['annex'] })

describe('an adjustment', () => {
  it('returns the stock afterwards, emits StockAdjusted and is in the ledger', async () => {
    const sku = await inventory.stocked(5)
    const { status, body } = await inventory.adjust(sku, 3, undefined, { reason: 'found', reference: 'R-1' })
    expect([status, body]).toMatchObject([
      200,
      { sku, status: 'in_stock', available: 8, onHand: 8, reserved: 0 },
    ])

    const movements = await inventory.send('GET', `/v1/stock/${sku}/movements`, { as: 'reader' })
    const [movement] = movements.body['items'] as Record<string, unknown>[]
    expect(movement).toMatchObject({
      kind: 'adjustment',
      delta: 3,
      balance: 8,
      location: 'main',
      reason: 'found',
      reference: 'R-1',
    })
    const emitted = (await inventory.emitted(StockAdjusted)).filter(({ data }) => data.sku === sku)
    expect(emitted.at(-1)?.data).toEqual({
      sku,
      location: 'main',
      kind: 'adjustment',
      delta: 3,
      onHand: 8,
      reason: 'found',
      movementId: movement?.['id'],
    })
    const changes = (await inventory.emitted(StockStatusChanged)).filter(({ data }) => data.sku === sku)
    expect(changes.map(({ data }) => data.status)).toEqual(['low_stock', 'in_stock'])
  })

  it('carries the correlation id of its request in its event and in the ledger', async () => {
    const sku = await inventory.stocked(5)
    await inventory.send('POST', `/v1/stock/${sku}/adjustments`, {
      as: 'staff',
      headers: { 'idempotency-key': sku, 'x-request-id': `request-of-${sku}` },
      body: { delta: 1, reason: 'found' },
    })
    const emitted = await inventory.emitted(StockAdjusted)
    expect(emitted.at(-1)).toMatchObject({ correlationId: `request-of-${sku}` })
    const { body } = await inventory.send('GET', `/v1/stock/${sku}/movements?limit=1`, { as: 'reader' })
    expect(body).toMatchObject({ items: [{ correlationId: `request-of-${sku}` }] })
  })

  it('is applied once per idempotency key, and refused with another body', async () => {
    const sku = await inventory.stocked(5)
    expect((await inventory.adjust(sku, 1, sku)).headers['idempotency-replayed']).toBeUndefined()
    await inventory.adjust(sku, 2)
    const again = await inventory.adjust(sku, 1, sku)
    expect([again.status, again.headers['idempotency-replayed'], again.body['onHand']]).toEqual([
      200,
      'true',
      8,
    ])
    expect(await inventory.adjust(sku, 2, sku)).toMatchObject({ status: 422 })
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 8 })
  })

  it.each([-3, -1_000_000_000])(
    'of %i is refused where orders hold the stock, and keeps no key',
    async (delta) => {
      const { sku } = await inventory.placedOrder({ onHand: 5, quantity: 3 })
      const refused = await inventory.adjust(sku, delta, sku)
      expect([refused.status, refused.body]).toMatchObject([
        409,
        { type: 'urn:storewright:problem:insufficient-stock', onHand: 5, reserved: 3 },
      ])
      expect((await inventory.adjust(sku, -2, sku)).status).toBe(200)
      expect(await inventory.stock(sku)).toMatchObject({ onHand: 3, available: 0 })
    },
  )

  it('is refused when only another location has enough stock', async () => {
    const sku = await inventory.stocked(5)
    expect((await inventory.adjust(sku, -1, undefined, { location: 'annex' })).status).toBe(409)
    expect((await inventory.adjust(sku, 1, undefined, { location: 'annex' })).status).toBe(200)
    expect((await inventory.adjust(sku, 1, undefined, { location: 'nowhere' })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'location' }],
    })
  })

  it('is refused beyond the maximum of a location', async () => {
    const sku = await inventory.stocked(999_999_999)
    expect((await inventory.adjust(sku, 2)).status).toBe(422)
    expect((await inventory.adjust(sku, 1)).status).toBe(200)
  })

  it('looks up a SKU in the catalog that inventory does not know yet', async () => {
    const sku = inventory.nextSku()
    inventory.catalog.skus.add(sku)
    expect(await inventory.adjust(sku, 4)).toMatchObject({ status: 200, body: { onHand: 4 } })
    expect(inventory.catalog.requests.at(-1)).toMatchObject({ skus: [sku] })
  })

  it('of an unknown SKU is 404, and 503 while the catalog is down', async () => {
    const sku = inventory.nextSku()
    expect((await inventory.adjust(sku, 4)).status).toBe(404)
    inventory.catalog.setMode('failing')
    const refused = await inventory.adjust(sku, 4)
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '2'])
    expect((await inventory.send('GET', `/v1/stock/${sku}`)).status).toBe(404)
  })
})
