import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { customer, guest, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => shop.close())

describe('a customer', () => {
  it('registers, browses, fills a cart, checks out, and reads the order and its timeline', async () => {
    const mug = await keeper.listProduct({ stock: 10, priceMinor: 1_299 })
    const ada = await customer(shop)

    expect(await shop.product(mug.id)).toMatchObject({ status: 'published', variants: [{ sku: mug.sku }] })
    const newest = async () => (await shop.listProducts({ limit: 100, sort: 'newest' })).items
    await expect.poll(async () => (await newest()).map(({ id }) => id)).toContain(mug.id)

    const cart = await ada.fill([{ sku: mug.sku, quantity: 2 }])
    expect(cart.totals.subtotal).toEqual({ amount: 2_598, currency: 'GBP' })

    const placed = await ada.order(cart.id, { waitSeconds: 10 })
    expect(placed.status).toBe(201)
    expect(placed.headers['location']).toBe(`/v1/orders/${placed.body.id}`)
    expect(placed.body).toMatchObject({ status: 'confirmed', payment: { status: 'authorized' } })
    expect(placed.body.totals.subtotal.amount).toBe(2 * mug.priceMinor)

    expect(await ada.read(placed.body.id)).toMatchObject({ status: 'confirmed', number: placed.body.number })
    const known = (await ada.timeline(placed.body.id)).map(({ type }) => type)
    expect(known).toContain('order.order-placed.v1')
    expect(known).toContain('order.order-confirmed.v1')
    expect(await keeper.stock(mug.sku)).toMatchObject({ available: 8, onHand: 10, reserved: 2 })
  })

  it('sees an order that another customer cannot see', async () => {
    const mug = await keeper.listProduct()
    const [ada, bob] = [await customer(shop), await customer(shop)]
    const { id } = await ada.checkout([{ sku: mug.sku, quantity: 1 }], { waitSeconds: 10 })

    await expect(bob.read(id)).rejects.toMatchObject({ status: 404 })
    await expect(guest(shop).read(id)).rejects.toMatchObject({ status: 404 })
    expect(await shop.order(id, { token: keeper.token })).toMatchObject({ id })
  })
})

describe('a guest', () => {
  it('checks out without an account and reads the order with its access token alone', async () => {
    const mug = await keeper.listProduct({ stock: 3 })
    const visitor = guest(shop)
    const { id, accessToken } = await visitor.checkout([{ sku: mug.sku, quantity: 1 }])

    expect(accessToken).toBeTruthy()
    expect(await visitor.until(id, ['confirmed'])).toMatchObject({ payment: { status: 'authorized' } })
    await expect(shop.order(id, { orderToken: 'another secret' })).rejects.toMatchObject({ status: 404 })
  })
})

describe('insufficient stock', () => {
  it('rejects the whole order when one line is short, and reserves nothing', async () => {
    const plenty = await keeper.listProduct({ stock: 10 })
    const scarce = await keeper.listProduct({ stock: 2 })
    const visitor = guest(shop)
    const cart = await visitor.fill([
      { sku: plenty.sku, quantity: 1 },
      { sku: scarce.sku, quantity: 2 },
    ])
    // Somebody is quicker.
    const rival = await guest(shop).checkout([{ sku: scarce.sku, quantity: 1 }], { waitSeconds: 10 })
    expect(rival.status).toBe('confirmed')

    const { body } = await visitor.order(cart.id)
    expect(await visitor.until(body.id, ['rejected'])).toMatchObject({
      reason: 'insufficient-stock',
      shortages: [{ sku: scarce.sku, wanted: 2, available: 1 }],
    })
    expect(await keeper.stock(plenty.sku)).toMatchObject({ available: 10, reserved: 0 })
    expect(await keeper.stock(scarce.sku)).toMatchObject({ available: 1, reserved: 1 })
  })

  it('is refused by the cart with the available quantity', async () => {
    const scarce = await keeper.listProduct({ stock: 1 })
    const cart = await shop.createCart()
    const answer = await shop.fillCart(cart.id, [{ sku: scarce.sku, quantity: 2 }])
    expect(answer.status).toBe(409)
    expect(JSON.stringify(answer.body)).toContain(scarce.sku)
    expect(await shop.cart(cart.id)).toMatchObject({ items: [] })
  })
})

describe('payment', () => {
  it('can be tried again with another card after a decline', async () => {
    const mug = await keeper.listProduct({ stock: 5 })
    const ada = await customer(shop)
    if ((await shop.testPayment()).provider !== 'sandbox') {
      // Nobody declines there.
      const order = await ada.checkout([{ sku: mug.sku, quantity: 1 }], { waitSeconds: 10 })
      return expect(order).toMatchObject({ status: 'confirmed', payment: { status: 'authorized' } })
    }
    const declined = await ada.checkout([{ sku: mug.sku, quantity: 1 }], {
      pay: 'tok_declined',
      waitSeconds: 10,
    })
    expect(declined).toMatchObject({ status: 'awaiting_payment', payment: { status: 'declined' } })
    expect(await keeper.stock(mug.sku)).toMatchObject({ reserved: 1 })

    await ada.pay(declined.id, 'tok_ok')
    expect(await ada.until(declined.id, ['confirmed'])).toMatchObject({ payment: { status: 'authorized' } })
  })
})

describe('cancelling', () => {
  it('returns stock and money once, however often it is requested', async () => {
    const mug = await keeper.listProduct({ stock: 5 })
    const ada = await customer(shop)
    const { id } = await ada.checkout([{ sku: mug.sku, quantity: 3 }], { waitSeconds: 10 })
    expect(await keeper.stock(mug.sku)).toMatchObject({ available: 2 })

    await ada.cancel(id)
    expect(await ada.cancel(id)).toMatchObject({ status: 'cancelled' })
    await expect
      .poll(() => keeper.stock(mug.sku), { timeout: 10_000 })
      .toMatchObject({ available: 5, reserved: 0 })
    await expect
      .poll(() => ada.read(id), { timeout: 10_000 })
      .toMatchObject({ status: 'cancelled', payment: { status: 'voided' } })
  })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
