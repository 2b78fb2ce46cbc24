import { OrderConfirmed, OrderPlaced, OrderRejected, PaymentAuthorized } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { ProblemBody } from './shapes.ts'
import { ADDRESS, CONFIRMED_STEPS } from './shop-actions.ts'

const shop = useOrder({ MUG: 1299, CUP: 250, PEN: 100, INK: 600 })

describe('placing an order', () => {
  it('answers 201 with a pending order at the prices of the own copy, and emits OrderPlaced', async () => {
    const cart = await shop.cartWith({ MUG: 2, CUP: 3 })
    const placed = await shop.checkout(cart.id, { headers: { 'x-request-id': 'req-1' } })

    expect(placed.status).toBe(201)
    expect(placed.headers).toMatchObject({ location: `/v1/orders/${placed.body.id}`, etag: '"1"' })
    expect(placed.body).toMatchObject({
      number: expect.stringMatching(/^SW-\d{6}$/) as string,
      status: 'pending',
      reason: null,
      shortages: [],
      payment: { status: 'pending', provider: 'sandbox' },
      totals: { subtotal: { amount: 3348, currency: 'GBP' }, total: { amount: 3348, currency: 'GBP' } },
      version: 1,
    })
    expect(placed.body.lines.map(({ sku, quantity, total }) => [sku, quantity, total.amount])).toEqual([
      ['MUG', 2, 2598],
      ['CUP', 3, 750],
    ])
    const [event, ...others] = await shop.emitted(OrderPlaced, placed.body.id)
    expect(others).toEqual([])
    expect(event).toMatchObject({
      aggregateVersion: 1,
      correlationId: 'req-1',
      data: { orderId: placed.body.id, number: placed.body.number, userId: null, country: 'GB' },
    })
    expect(await shop.timeline(placed.body)).toMatchObject([
      { type: 'order.order-placed.v1', by: 'customer', correlationId: 'req-1' },
    ])
  })

  it('adds the shipping cost as a total of its own', async () => {
    const cart = await shop.cartWith({ CUP: 1 })
    const placed = await shop.checkout(cart.id, { more: { shippingMethod: 'express' } })
    expect(placed.body.totals).toMatchObject({
      subtotal: { amount: 250 },
      shipping: { amount: 599 },
      total: { amount: 849 },
    })
  })

  it('answers with the settled order to a client that prefers to wait', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const answer = shop.checkout(cart.id, { wait: 10 })
    const { data } = await eventually(async () => {
      const events = await shop.emitted(OrderPlaced)
      return events.find((event) => event.data.totals.total.amount === 1299)
    })
    await shop.deliver(shop.reservedEvent({ id: data.orderId, lines: data.lines } as never))
    const placed = await answer

    expect(placed.headers['preference-applied']).toBe('wait=10')
    expect(placed.body).toMatchObject({ status: 'confirmed', payment: { status: 'authorized' } })
    expect(await shop.emitted(PaymentAuthorized, placed.body.id)).toHaveLength(1)
    expect((await shop.emitted(OrderConfirmed, placed.body.id))[0]?.data).toMatchObject({
      lines: [{ sku: 'MUG', quantity: 1 }],
      total: { amount: 1299, currency: 'GBP' },
    })
    const steps = await shop.timeline(placed.body)
    expect(steps.map(({ type }) => type)).toEqual(CONFIRMED_STEPS)
    expect(steps.find(({ type }) => type === PaymentAuthorized.type)).toMatchObject({
      summary: 'The payment was authorized: 12.99 GBP.',
      data: { kind: 'authorize', provider: 'sandbox', amount: { amount: 1299, currency: 'GBP' } },
    })
  })

  it('answers with a pending order when the time to wait is over', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const placed = await shop.checkout(cart.id, { wait: 1 })
    expect(placed).toMatchObject({ status: 201, body: { status: 'pending' } })
  })

  it('rejects the order when stock is short, with each shortage', async () => {
    const placed = await shop.place({ MUG: 2 })
    await shop.deliver(shop.rejectedEvent(placed))
    expect(await shop.order(placed)).toMatchObject({
      status: 'rejected',
      reason: 'insufficient-stock',
      shortages: [{ sku: 'MUG', wanted: 2, available: 0 }],
      expiresAt: null,
    })
    expect(await shop.emitted(OrderRejected, placed.id)).toHaveLength(1)
  })
})

describe('idempotency of placing an order', () => {
  const TOTAL = { amount: 1299, currency: 'GBP' }
  it('places one order for twenty concurrent requests with one key, and answers all with it', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.checkout(cart.id, { key })))

    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
    expect(new Set(answers.map(({ body }) => body.accessToken)).size).toBe(1)
    const replayed = answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')
    expect(replayed).toHaveLength(19)
    expect(await shop.emitted(OrderPlaced, answers[0]?.body.id)).toHaveLength(1)
  })

  it('places one order for concurrent checkouts of one cart, whatever the keys, and answers the others with its id', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const answers = await Promise.all(Array.from({ length: 8 }, () => shop.checkout(cart.id)))
    const placed = answers.filter(({ status }) => status === 201)
    expect(placed).toHaveLength(1)
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(answer).toMatchObject({
        status: 409,
        body: { type: 'urn:storewright:problem:cart-ordered', orderId: placed[0]?.body.id },
      })
    }
    const { body } = await shop.send('GET', `/v1/carts/${cart.id}`)
    expect(body).toMatchObject({ status: 'ordered', orderId: placed[0]?.body.id })
  })

  it('answers a repeated request with the order as it is now', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const placed = await shop.checkout(cart.id, { key })
    await shop.deliver(shop.reservedEvent(placed.body))
    await shop.until(placed.body, 'confirmed')
    const again = await shop.checkout(cart.id, { key })
    expect(again).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true' },
      body: { id: placed.body.id, status: 'confirmed', accessToken: placed.body.accessToken },
    })
  })

  it('refuses another body under the same key', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    await shop.checkout(cart.id, { key })
    const other = await shop.checkout(cart.id, { key, token: 'tok_declined' })
    expect(other).toMatchObject({
      status: 422,
      body: { type: 'urn:storewright:problem:idempotency-mismatch' },
    })
  })

  it.each([
    ['an address', { shippingAddress: { ...ADDRESS, city: 'York' } }],
    ['a further field of an address', { shippingAddress: { ...ADDRESS, line2: 'Flat 2' } }],
    ['the payment', { payment: { provider: 'manual' } }],
    ['the expected total', { expectedTotal: { ...TOTAL, amount: 1300 } }],
  ])('refuses a body under the same key that differs only within %s', async (_where, change) => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const first = await shop.checkout(cart.id, { key, more: { expectedTotal: TOTAL } })
    expect(first.status).toBe(201)
    const more = { expectedTotal: TOTAL, ...change }
    expect(await shop.checkout(cart.id, { key, more })).toMatchObject({
      status: 422,
      body: { type: 'urn:storewright:problem:idempotency-mismatch' },
    })
    expect(await shop.emitted(OrderPlaced, first.body.id)).toHaveLength(1)
  })

  it('takes the same body with its fields in another sequence as a repeat', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const first = await shop.checkout(cart.id, { key })
    const turned = Object.fromEntries(Object.entries(ADDRESS).reverse())
    expect(await shop.checkout(cart.id, { key, more: { shippingAddress: turned } })).toMatchObject({
      status: 201,
      headers: { 'idempotency-replayed': 'true' },
      body: { id: first.body.id },
    })
  })

  it('places separate orders for two guests with the same key', async () => {
    const [one, two] = [await shop.cartWith({ MUG: 1 }), await shop.cartWith({ MUG: 1 })]
    const key = newId()
    const [first, second] = [await shop.checkout(one.id, { key }), await shop.checkout(two.id, { key })]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body.id).not.toBe(first.body.id)
  })
})

describe('a refused order leaves cart and key unused', () => {
  const refused = async (cartId: string, more: Record<string, unknown>) => {
    const key = newId()
    const answer = await shop.checkout(cartId, { key, more })
    const { body } = await shop.send('GET', `/v1/carts/${cartId}`)
    expect(body).toMatchObject({ status: 'open', orderId: null })
    return { ...answer, key, body: answer.body as unknown as ProblemBody }
  }

  it.each([
    ['rose', 700, 2],
    ['fell', 500, 3],
  ])(
    'when a price %s after it was put into the cart; the answer has the new total',
    async (_how, price, version) => {
      const cart = await shop.cartWith({ INK: 2 })
      await shop.offer('INK', { price, version })
      const { status, body, key } = await refused(cart.id, { expectedTotal: cart.totals.total })
      const total = { amount: 2 * price, currency: 'GBP' }
      expect({ status, body }).toMatchObject({
        status: 409,
        body: { type: 'urn:storewright:problem:total-changed', totals: { total } },
      })
      // The key was not used up by the refusal.
      const good = await shop.checkout(cart.id, { key, more: { expectedTotal: total } })
      expect(good.status).toBe(201)
    },
  )

  it('when a product was archived after it was put into the cart', async () => {
    const cart = await shop.cartWith({ PEN: 1, MUG: 1 })
    await shop.offer('PEN', { price: 100, status: 'archived', version: 2 })
    const { status, body } = await refused(cart.id, {})
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'urn:storewright:problem:product-unavailable', skus: ['PEN'] },
    })
  })

  it('when the cart is empty', async () => {
    const cart = await shop.cartWith({})
    const { status, body } = await refused(cart.id, {})
    expect({ status, body }).toMatchObject({
      status: 422,
      body: { type: 'urn:storewright:problem:cart-empty', errors: [{ path: 'cartId' }] },
    })
  })
})

it('an order by a method that does not serve its country is refused, and its cart can still be ordered', async () => {
  await shop.offer('STAMP', { price: 100, currency: 'SEK' })
  shop.inventory.setStock({ STAMP: 100 })
  const rates = [{ from: 0, price: [{ amount: 900, currency: 'SEK' }] }]
  const zone = {
    name: 'Sweden',
    countries: ['SE'],
    methods: [{ id: 'sparv', name: 'Sparv', minDays: 1, maxDays: 2, rates }],
  }
  expect((await shop.send('POST', '/v1/shipping-zones', { as: shop.admin, body: zone })).status).toBe(201)
  const { id } = await shop.cartWith({ STAMP: 1 }, { currency: 'SEK' })
  const order = (shippingMethod: string, country: string, postalCode: string) =>
    shop.checkout(id, { more: { shippingMethod, shippingAddress: { ...ADDRESS, country, postalCode } } })
  const refused = {
    status: 422,
    body: { type: 'urn:storewright:problem:unknown-shipping-method', errors: [{ path: 'shippingMethod' }] },
  }
  expect(await order('sparv', 'GB', 'LS1 1AA')).toMatchObject(refused)
  expect(await order('standard', 'SE', '111 22')).toMatchObject(refused)
  expect(await order('sparv', 'SE', '111 22')).toMatchObject({
    status: 201,
    body: { totals: { shipping: { amount: 900, currency: 'SEK' } } },
  })
})
