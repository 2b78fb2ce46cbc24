import { setTimeout as pause } from 'node:timers/promises'
import { openHttp, type ResponseBody } from '@storewright/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { customer, openShopkeeper, visit, type Shopkeeper } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let keeper: Shopkeeper

beforeAll(async () => void (keeper = await openShopkeeper(shop, underTest.admin)))
afterAll(() => shop.close())

const http = openHttp({ gateways: [underTest.gatewayUrl], retryForMs: 10_000 })
afterAll(() => http.close())

const until = async <T>(
  look: () => Promise<T>,
  isRight: (found: T) => boolean,
  withinMs = 20_000,
): Promise<T> => {
  for (const deadline = Date.now() + withinMs; ; await pause(50)) {
    const found = await look()
    if (isRight(found)) return found
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(found)}`)
  }
}

const ADDRESS = {
  name: 'Ada Lovelace',
  line1: '12 Analytical Row',
  city: 'London',
  postalCode: 'W1U 6AB',
  country: 'GB',
  isDefaultShipping: true,
}

describe('the export of personal data', () => {
  it('contains the addresses, preferences, activity and orders of a customer', async () => {
    const mug = await keeper.listProduct({ stock: 10 })
    const ada = await customer(shop)
    const { accessToken: token } = ada.tokens

    const added = await http.call('POST', '/v1/me/addresses', { token, body: ADDRESS })
    expect(added).toMatchObject({ status: 201, body: ADDRESS })
    const preferences = { locale: 'en-GB', currency: 'GBP', trackingConsent: true, custom: { theme: 'dark' } }
    const set = await http.call('PUT', '/v1/me/preferences', { token, body: preferences })
    expect(set).toMatchObject({ status: 200, body: preferences })
    const order = await ada.checkout([{ sku: mug.sku, quantity: 2 }], { waitSeconds: 10 })

    const timeline = await until(
      () => http.call('GET', '/v1/me/activity', { token }),
      ({ body }) => body.items.some(({ type }) => type === 'order-placed'),
    )
    expect(timeline.body.items.find(({ type }) => type === 'order-placed')?.details).toMatchObject({
      orderId: order.id,
      number: order.number,
    })

    // The mail to prove the mailbox is queued by another service, in its own time.
    const { headers, body } = await until(
      () => http.call('GET', '/v1/me/export', { token }),
      (answer) => (answer.body.messages ?? []).length > 0,
    )
    expect(headers['content-disposition']).toContain('attachment')
    expect(body).toMatchObject({
      account: { id: ada.user.id, email: ada.login.email },
      preferences,
      addresses: [ADDRESS],
      orders: [{ id: order.id, number: order.number, lines: [{ sku: mug.sku, quantity: 2 }] }],
      carts: [{ status: 'ordered' }],
      messages: [{ to: ada.login.email }],
    })
  })
})

describe('the erasure of an account', () => {
  type Erasure = ResponseBody<'GET', '/v1/erasures/{id}'>

  it('removes the person from every service, keeps the order, and frees the address', async () => {
    const mug = await keeper.listProduct({ stock: 10 })
    const ada = await customer(shop)
    const { accessToken: token } = ada.tokens
    await http.call('POST', '/v1/me/addresses', { token, body: ADDRESS })
    const order = await ada.checkout([{ sku: mug.sku, quantity: 2 }], { waitSeconds: 10 })
    await ada.fill([{ sku: mug.sku, quantity: 1 }])

    const wrong = await http.call('DELETE', '/v1/me', { token, body: { password: 'another long secret' } })
    expect(wrong.status).toBe(403)
    const { password } = ada.login
    const begun = await http.call('DELETE', '/v1/me', { token, body: { password } })
    expect(begun.status).toBe(202)

    const path = String(begun.headers['location'])
    const done = await until(
      () => http.send<Erasure>('GET', path),
      ({ body }) => body.status === 'completed',
    )
    expect(done.body.receipts.map(({ service, status }) => `${service} ${status}`)).toEqual([
      'notification erased',
      'order erased',
      'user erased',
    ])
    await until(
      () => http.call('GET', '/v1/orders', { token }),
      ({ status }) => status === 401,
      1_000,
    )

    const kept = await shop.order(order.id, { token: keeper.token })
    expect(kept).toMatchObject({
      status: 'confirmed',
      number: order.number,
      totals: order.totals,
      email: null,
    })
    expect(JSON.stringify(kept)).not.toMatch(/Ada|High Street|Leeds|LS1/)
    expect((await shop.timeline(order.id, { token: keeper.token })).at(-1)?.type).toBe('user.user-erased.v1')

    const again = await shop.register(ada.login.email, password)
    expect(again.user.id).not.toBe(ada.user.id)
    await expectCleanAudit(underTest)
  })
})
