import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { customer, guest, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => shop.close())

const tally = (values: string[]) =>
  Object.fromEntries(
    [...new Set(values)].map((value) => [value, values.filter((each) => each === value).length]),
  )

it('sells the last 50 units to exactly 50 of 200 shoppers who come at once', async () => {
  const last = await keeper.listProduct({ stock: 50 })
  const shoppers = Array.from({ length: 200 }, () => guest(shop))
  const carts = await Promise.all(
    shoppers.map(async (shopper) => ({
      shopper,
      cart: await shopper.fill([{ sku: last.sku, quantity: 1 }]),
    })),
  )

  const placed = await Promise.all(
    carts.map(({ shopper, cart }) => shopper.order(cart.id, { waitSeconds: 10 })),
  )
  expect(tally(placed.map(({ status }) => String(status)))).toEqual({ 201: 200 })

  const settled = await Promise.all(
    carts.map(({ shopper }, at) =>
      shopper.until(placed[at]?.body.id ?? '', ['confirmed', 'rejected'], 60_000),
    ),
  )
  expect(tally(settled.map(({ status }) => status))).toEqual({ confirmed: 50, rejected: 150 })
  expect(await keeper.stock(last.sku)).toMatchObject({ available: 0, onHand: 50, reserved: 50 })
})

it('places one order when the same request is sent 20 times at once with one key', async () => {
  const mug = await keeper.listProduct({ stock: 100 })
  const ada = await customer(shop)
  const cart = await ada.fill([{ sku: mug.sku, quantity: 1 }])
  const idempotencyKey = randomUUID()

  // A repeat may be answered that the first is still running; it then tries again, as a client would.
  const patient = visit(underTest.gatewayUrl, { retryForMs: 30_000 })
  const payment = await shop.testPayment()
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      patient.placeOrder(
        {
          cartId: cart.id,
          shippingAddress: {
            name: 'Ada',
            line1: '1 High St',
            city: 'Leeds',
            postalCode: 'LS1 1AA',
            country: 'GB',
          },
          shippingMethod: 'standard',
          payment,
        },
        idempotencyKey,
        { token: ada.token },
      ),
    ),
  )
  await patient.close()

  expect(tally(answers.map(({ status }) => String(status)))).toEqual({ 201: 20 })
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1)
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19)

  const id = answers[0]?.body.id ?? ''
  await ada.until(id, ['confirmed'])
  expect(await keeper.stock(mug.sku)).toMatchObject({ available: 99, reserved: 1 })
})

it('places one order when one cart is ordered many times at once with different keys', async () => {
  const mug = await keeper.listProduct({ stock: 100 })
  const visitor = guest(shop)
  const cart = await visitor.fill([{ sku: mug.sku, quantity: 1 }])
  const answers = await Promise.all(Array.from({ length: 10 }, () => visitor.order(cart.id)))

  expect(tally(answers.map(({ status }) => String(status)))).toEqual({ 201: 1, 409: 9 })
  const id = answers.find(({ status }) => status === 201)?.body.id ?? ''
  await visitor.until(id, ['confirmed'])
  expect(await keeper.stock(mug.sku)).toMatchObject({ available: 99 })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
