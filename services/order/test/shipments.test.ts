import { OrderCancelled, OrderShipped, PaymentCaptured, PaymentVoided } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299, CUP: 250, FREE: 0 })

const books = (order: OrderBody) =>
  shop.db
    .selectFrom('orders')
    .select(['authorized_minor as authorized', 'captured_minor as captured', 'total_minor as total'])
    .where('id', '=', order.id)
    .executeTakeFirstOrThrow()

describe('shipping', () => {
  it('everything captures the whole total and emits OrderShipped', async () => {
    const order = await shop.confirmed({ MUG: 2, CUP: 1 }, { more: { shippingMethod: 'express' } })
    const shipment = await shop.ship(order)
    expect(shipment).toMatchObject({
      status: 201,
      body: {
        status: 'shipped',
        carrier: 'Royal Mail',
        lines: [
          { sku: 'MUG', quantity: 2 },
          { sku: 'CUP', quantity: 1 },
        ],
      },
    })
    expect(await shop.order(order)).toMatchObject({
      status: 'shipped',
      payment: { status: 'captured' },
      shipments: [{ id: shipment.body.id, status: 'shipped' }],
      lines: [{ shippedQuantity: 2 }, { shippedQuantity: 1 }],
    })
    expect(await books(order)).toEqual({ authorized: 3447, captured: 3447, total: 3447 })
    expect((await shop.emitted(OrderShipped, order.id)).map(({ data }) => data)).toMatchObject([
      {
        shipmentId: shipment.body.id,
        complete: true,
        lines: [
          { sku: 'CUP', quantity: 1 },
          { sku: 'MUG', quantity: 2 },
        ],
      },
    ])
  })

  it('in parts captures in parts, to the penny', async () => {
    const order = await shop.confirmed({ MUG: 3, CUP: 2 }, { more: { shippingMethod: 'express' } })
    await shop.ship(order, { MUG: 1 })
    expect(await shop.order(order)).toMatchObject({
      status: 'partly_shipped',
      payment: { status: 'partly_captured' },
    })
    expect(await books(order)).toMatchObject({ captured: 599 + 1299 })
    await shop.ship(order, { MUG: 1, CUP: 2 })
    await shop.ship(order)
    expect(await shop.order(order)).toMatchObject({ status: 'shipped', payment: { status: 'captured' } })
    expect(await books(order)).toEqual({ authorized: 4996, captured: 4996, total: 4996 })
    const captured = await shop.emitted(PaymentCaptured, order.id)
    expect(captured.map(({ data }) => data.amount.amount)).toEqual([1898, 1799, 1299])
    expect((await shop.emitted(OrderShipped, order.id)).map(({ data }) => data.complete)).toEqual([
      false,
      false,
      true,
    ])
  })

  it('never ships more than was ordered, however many requests are concurrent', async () => {
    const order = await shop.confirmed({ MUG: 3 })
    const answers = await Promise.all(Array.from({ length: 5 }, () => shop.ship(order, { MUG: 1 })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 409, 409])
    expect(await shop.order(order)).toMatchObject({ status: 'shipped', lines: [{ shippedQuantity: 3 }] })
    expect(await books(order)).toMatchObject({ captured: 3897 })
    expect(await shop.emitted(OrderShipped, order.id)).toHaveLength(3)
  })

  it('happens once for one key', async () => {
    const order = await shop.confirmed({ MUG: 2 })
    const key = newId()
    const answers = await Promise.all([1, 2, 3].map(() => shop.ship(order, { MUG: 1 }, { key })))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(2)
    expect(await books(order)).toMatchObject({ captured: 1299 })
  })

  it('free goods needs no capture', async () => {
    const order = await shop.confirmed({ FREE: 1 })
    expect(await shop.ship(order)).toMatchObject({ status: 201, body: { status: 'shipped' } })
    expect(await shop.emitted(PaymentCaptured, order.id)).toEqual([])
  })

  it('fails when the capture is refused, and a later shipment captures the amount', async () => {
    const order = await shop.confirmed({ MUG: 2 }, { more: { shippingMethod: 'express' } })
    shop.gate.refuseCaptures(true)
    expect(await shop.ship(order, { MUG: 1 })).toMatchObject({
      status: 201,
      body: { status: 'failed', reason: 'account-closed' },
    })
    shop.gate.refuseCaptures(false)
    expect(await shop.order(order)).toMatchObject({ status: 'confirmed', lines: [{ shippedQuantity: 0 }] })
    expect(await shop.emitted(OrderShipped, order.id)).toEqual([])
    await shop.ship(order)
    expect(await books(order)).toMatchObject({ captured: 3197 })
  })

  it('is refused before confirmation, for more than was ordered, and for SKUs that were not', async () => {
    const pending = await shop.place({ MUG: 1 })
    expect(await shop.ship(pending)).toMatchObject({ status: 409, body: { orderStatus: 'pending' } })
    const order = await shop.confirmed({ MUG: 1 })
    expect(await shop.ship(order, { MUG: 2 })).toMatchObject({
      status: 409,
      body: { errors: [{ path: 'lines' }] },
    })
    expect(await shop.ship(order, { CUP: 1 })).toMatchObject({ status: 409 })
    expect((await shop.ship(order)).status).toBe(201)
    expect(await shop.ship(order)).toMatchObject({ status: 409, body: { orderStatus: 'shipped' } })
  })

  it('is refused to anybody but staff', async () => {
    const ann = await shop.jwks.tokenFor()
    const order = await shop.confirmed({ MUG: 1 })
    expect((await shop.ship(order, undefined, { as: undefined })).status).toBe(401)
    expect((await shop.ship(order, undefined, { as: ann })).status).toBe(403)
    const nobody = { ...order, id: newId() }
    expect((await shop.ship(nobody)).status).toBe(404)
  })
})

describe('cancelling', () => {
  it('the rest of a partly shipped order releases and voids it, and ends in shipped', async () => {
    const order = await shop.confirmed({ MUG: 3 })
    await shop.ship(order, { MUG: 1 })
    const cancelled = await shop.cancel(order, { as: shop.admin, orderToken: undefined })
    expect(cancelled).toMatchObject({ status: 200, body: { status: 'shipped' } })
    expect(await shop.emitted(OrderCancelled, order.id)).toMatchObject([
      { data: { by: 'staff', lines: [{ sku: 'MUG', quantity: 2 }] } },
    ])
    await expect.poll(async () => (await shop.order(order)).payment.status).toBe('captured')
    expect(await books(order)).toMatchObject({ captured: 1299, authorized: 3897 })
    expect((await shop.emitted(PaymentVoided, order.id)).map(({ data }) => data.amount.amount)).toEqual([
      2598,
    ])
    expect(await shop.cancel(order)).toMatchObject({ status: 200, body: { status: 'shipped' } })
    expect(await shop.ship(order)).toMatchObject({ status: 409 })
  })

  it('the rest of a partly shipped order is 409 with Retry-After while another capture is under way', async () => {
    const order = await shop.confirmed({ MUG: 3 })
    await shop.ship(order, { MUG: 1 })
    shop.gate.close()
    const shipping = shop.ship(order, { MUG: 1 })
    await expect
      .poll(async () => (await shop.order(order)).shipments.map(({ status }) => status))
      .toEqual(['shipped', 'capturing'])
    expect(await shop.cancel(order)).toMatchObject({
      status: 409,
      headers: { 'retry-after': '1' },
      body: { type: 'urn:storewright:problem:wrong-state', orderStatus: 'partly_shipped' },
    })
    expect(await shop.emitted(OrderCancelled, order.id)).toEqual([])
    shop.gate.open()
    expect((await shipping).body).toMatchObject({ status: 'shipped' })
    expect(await shop.cancel(order)).toMatchObject({ status: 200, body: { status: 'shipped' } })
    expect(await shop.emitted(OrderCancelled, order.id)).toMatchObject([
      { data: { lines: [{ sku: 'MUG', quantity: 1 }] } },
    ])
  })

  it('an order is 409 with Retry-After while its first capture is under way', async () => {
    const order = await shop.confirmed({ MUG: 1 })
    shop.gate.close()
    const shipping = shop.ship(order)
    await expect.poll(async () => (await shop.order(order)).shipments.length).toBe(1)
    expect(await shop.cancel(order)).toMatchObject({ status: 409, headers: { 'retry-after': '1' } })
    shop.gate.open()
    expect((await shipping).body).toMatchObject({ status: 'shipped' })
  })

  it('is too late once everything was shipped', async () => {
    const order = await shop.confirmed({ MUG: 1 })
    await shop.ship(order)
    expect(await shop.cancel(order)).toMatchObject({ status: 409, body: { orderStatus: 'shipped' } })
  })

  it('concurrently with a shipment ends as one of both', async () => {
    const orders = await Promise.all(Array.from({ length: 6 }, () => shop.confirmed({ MUG: 1 })))
    await Promise.all(orders.flatMap((order) => [shop.ship(order), shop.cancel(order)]))
    for (const order of orders) {
      await expect
        .poll(async () => (await shop.order(order)).payment.status, { timeout: 10_000 })
        .toMatch(/^(captured|voided)$/)
      const { status, payment } = await shop.order(order)
      expect([status, payment.status]).toEqual(
        status === 'shipped' ? ['shipped', 'captured'] : ['cancelled', 'voided'],
      )
      const events = [
        ...(await shop.emitted(OrderShipped, order.id)),
        ...(await shop.emitted(OrderCancelled, order.id)),
      ]
      expect(events).toHaveLength(1)
    }
  })
})
