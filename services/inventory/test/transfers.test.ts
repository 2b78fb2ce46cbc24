import { StockAdjusted, StockStatusChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { auditBreaches } from './invariants.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const onHand = async (sku: string) =>
  Object.fromEntries(
    ((await inventory.stock(sku))['locations'] as { location: string; onHand: number }[]).map((level) => [
      level.location,
      level.onHand,
    ]),
  )

describe('a transfer', () => {
  it('moves every line at once and writes both sides to the ledger under one reference', async () => {
    const [mug, pan] = [await inventory.stocked(9), await inventory.stocked(4)]
    const lines = [
      { sku: mug.toLowerCase(), quantity: 2 },
      { sku: pan, quantity: 4 },
      { sku: mug, quantity: 3 },
    ]
    const key = `transfer-of-${mug}`
    const moved = await inventory.transfer({ lines, reason: 'nearer', reference: 'truck-17' }, key)
    expect([moved.status, moved.body]).toMatchObject([
      201,
      { from: 'main', to: 'annex', reason: 'nearer', reference: 'truck-17', lines: [{ sku: mug }, {}, {}] },
    ])
    expect([await onHand(mug), await onHand(pan)]).toEqual([
      { main: 4, annex: 5 },
      { main: 0, annex: 4 },
    ])
    const { body } = await inventory.send('GET', `/v1/stock/${mug}/movements?limit=2`, { as: 'reader' })
    expect(body['items']).toMatchObject([
      { kind: 'transfer', location: 'annex', delta: 5, balance: 5, reference: 'truck-17', reason: 'nearer' },
      { kind: 'transfer', location: 'main', delta: -5, balance: 4, reference: 'truck-17', reason: 'nearer' },
    ])
    const emitted = await inventory.emittedFor(StockAdjusted, pan)
    expect(emitted.slice(-2)).toMatchObject([{ delta: -4 }, { delta: 4, location: 'annex' }])
    expect(await inventory.emittedFor(StockStatusChanged, pan)).toHaveLength(1)

    const again = await inventory.transfer({ lines, reason: 'nearer', reference: 'truck-17' }, key)
    expect([again.headers['idempotency-replayed'], again.body]).toEqual(['true', moved.body])
    expect((await inventory.transfer({ lines }, key)).status).toBe(422)
    expect(await onHand(mug)).toEqual({ main: 4, annex: 5 })
  })

  it('takes no stock that orders hold, names every line that is short, and moves none', async () => {
    const { sku } = await inventory.placedOrder({ onHand: 5, quantity: 3 })
    const other = await inventory.stocked(5)
    const lines = [
      { sku: other, quantity: 5 },
      { sku, quantity: 2 },
      { sku, quantity: 1 },
    ]
    expect((await inventory.transfer({ lines })).body).toMatchObject({
      ...{ status: 409, sku, location: 'main', onHand: 5, reserved: 3 },
      errors: [{ path: 'lines.1.quantity' }, { path: 'lines.2.quantity' }],
    })
    expect(await onHand(other)).toEqual({ main: 5 })
    expect((await inventory.transfer({ lines: lines.slice(0, 2) })).status).toBe(201)
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 5, reserved: 3 })
  })

  const line = { sku: 'MUG-1', quantity: 1 }
  it.each([
    [422, 'to', { to: 'main' }],
    [422, 'to', { to: 'moon' }],
    [422, 'from', { from: 'moon' }],
    [422, 'lines.1.sku', { lines: [line, { sku: 'NOWHERE', quantity: 1 }] }],
    [
      409,
      'lines.0.quantity',
      { from: 'annex', to: 'main', lines: [{ sku: 'MUG-1', quantity: 1_000_000_000 }] },
    ],
    [400, 'lines', { lines: [] }],
    [400, 'lines', { lines: Array.from({ length: 501 }, () => line) }],
    [400, 'lines.0.quantity', { lines: [{ ...line, quantity: 0 }] }],
    [400, 'lines.0.quantity', { lines: [{ ...line, quantity: 1.5 }] }],
    [400, 'lines.0.sku', { lines: [{ ...line, sku: 'a b' }] }],
    [400, 'reason', { reason: ' ' }],
    [400, 'from', { from: 'Ä' }],
    [400, 'colour', { colour: 'red' }],
  ])('is answered %i that names %s of %.60j', async (status, path, change) => {
    const { body } = await inventory.transfer({ lines: [line], ...change })
    expect([body['status'], body['errors']]).toEqual([
      status,
      expect.arrayContaining([expect.objectContaining({ path })]),
    ])
  })

  it('that would make too many at a location is refused', async () => {
    const sku = await inventory.stocked(2)
    await inventory.setStock({ [sku]: 999_999_999 }, 'annex')
    expect((await inventory.transfer({ lines: [{ sku, quantity: 2 }] })).body).toMatchObject({
      status: 422,
      errors: [{ path: 'lines.0.quantity' }],
    })
  })
})

it('opposite transfers that race with orders lose nothing and take nothing reserved', async () => {
  const skus = await Promise.all([1, 2, 3].map(() => inventory.stocked(30)))
  for (const sku of skus) await inventory.setStock({ [sku]: 30 }, 'annex')
  const lines = skus.map((sku) => ({ sku, quantity: 4 }))
  const orders = Array.from({ length: 30 }, () => anOrder(lines.map((each) => ({ ...each, quantity: 2 }))))
  const answers = await Promise.all([
    ...Array.from({ length: 12 }, () => inventory.transfer({ lines })),
    ...Array.from({ length: 12 }, () =>
      inventory.transfer({ from: 'annex', to: 'main', lines: lines.toReversed() }),
    ),
    ...orders.map(async (order) => {
      await inventory.reserve([order.placed()])
      return { status: 201 }
    }),
  ])
  expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([])
  for (const sku of skus) expect(await inventory.stock(sku)).toMatchObject({ onHand: 60, reserved: 60 })
})

it('the audit finds nothing at any moment while orders, adjustments and transfers are under way', async () => {
  const skus = await Promise.all([1, 2, 3].map(() => inventory.stocked(200)))
  const lines = skus.map((sku) => ({ sku, quantity: 1 }))
  const live = async () => {
    for (let round = 0; round < 4; round++) {
      const order = anOrder(lines)
      await inventory.deliver(order.placed())
      await inventory.adjust(skus[round % 3]!, round % 2 === 0 ? 3 : -2)
      await inventory.transfer({ lines })
      await inventory.deliver(round % 2 === 0 ? order.shipped() : order.cancelled())
    }
  }
  let isOver = false
  const audits = async () => {
    let count = 0
    for (; !isOver; count++) expect(await auditBreaches(inventory.db)).toEqual([])
    return count
  }
  const [count] = await Promise.all([
    audits(),
    Promise.all(Array.from({ length: 4 }, live)).finally(() => (isOver = true)),
  ])
  expect(count).toBeGreaterThan(2)
})
