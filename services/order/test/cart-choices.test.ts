import { PromotionChanged } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import type { CartBody, ProblemBody } from './shapes.ts'

const shop = useOrder({ MUG: 1000, CUP: 250 })

const coupon = async (code: string, change: Partial<PromotionChanged> = {}) => {
  const promotion: PromotionChanged = {
    promotionId: newId(),
    name: code,
    kind: 'percentage',
    basisPoints: 1_000,
    amounts: [],
    per: 'order',
    buy: null,
    get: null,
    productIds: [],
    categoryIds: [],
    code,
    enabled: true,
    startsAt: null,
    endsAt: null,
    minimums: [],
    minimumQuantity: null,
    limits: { total: null, perCustomer: null },
    priority: 0,
    exclusive: false,
    deleted: false,
    ...change,
  }
  await shop.deliver(anEvent(PromotionChanged, promotion))
  return promotion.promotionId
}
const enter = <Body = CartBody>(id: string, code: string, headers: Record<string, string> = {}) =>
  shop.send<Body>('POST', `/v1/carts/${id}/coupons`, { body: { code }, headers })
const remove = (id: string, code: string) =>
  shop.send<CartBody>('DELETE', `/v1/carts/${id}/coupons/${encodeURIComponent(code)}`)
const choose = <Body = CartBody>(id: string, body: object) =>
  shop.send<Body>('PUT', `/v1/carts/${id}/shipping`, { body })
const cart = async (id: string) => (await shop.send<CartBody>('GET', `/v1/carts/${id}`)).body
const inAnHour = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString()

describe('a coupon code', () => {
  it('takes its discount off, is entered once however often, and can be taken out', async () => {
    const promotionId = await coupon('TEN')
    const { id } = await shop.cartWith({ MUG: 2, CUP: 1 })
    const [first, second] = [await enter(id, ' ten '), await enter(id, 'TEN')]
    expect(first).toMatchObject({ status: 200, headers: { etag: '"3"' } })
    expect(second.body).toEqual(first.body)
    expect(second.body).toMatchObject({
      coupons: [{ code: 'TEN' }],
      discounts: [{ promotionId, code: 'TEN', amount: { amount: 225 } }],
      notApplied: [],
      items: [{ discount: { amount: 200 }, total: { amount: 1800 } }, { total: { amount: 225 } }],
      totals: { subtotal: { amount: 2250 }, discount: { amount: 225 }, total: { amount: 2025 } },
    })
    expect((await remove(id, 'ten')).body).toMatchObject({
      coupons: [],
      version: 4,
      totals: { total: { amount: 2250 } },
    })
    expect((await remove(id, 'ten')).body.version).toBe(4)
    expect((await remove(id, '!!')).status).toBe(200)
  })

  it('that no other articles would make apply is refused with its reason', async () => {
    await coupon('OVER', { endsAt: inAnHour(-1) })
    await coupon('SOON', { startsAt: inAnHour(1) })
    await coupon('OFF', { enabled: false })
    await coupon('EUROS', { kind: 'amount', basisPoints: null, amounts: [{ amount: 100, currency: 'EUR' }] })
    const { id, version } = await shop.cartWith({ MUG: 1 })
    for (const [code, reason] of [
      ['NOBODYS', 'unknown-code'],
      ['%%', 'unknown-code'],
      ['OVER', 'ended'],
      ['SOON', 'not-started'],
      ['OFF', 'disabled'],
      ['EUROS', 'wrong-currency'],
    ] as const) {
      const { status, body } = await enter<ProblemBody>(id, code)
      expect([status, body.type, body.reason]).toEqual([
        422,
        'urn:storewright:problem:coupon-not-applicable',
        reason,
      ])
      expect(body.errors).toMatchObject([{ path: 'code' }])
    }
    expect(await cart(id)).toMatchObject({ version, coupons: [] })
  })

  it('that only the lines stand against stays, with its reason, until they do not', async () => {
    await coupon('FIFTY', { minimums: [{ amount: 5000, currency: 'GBP' }] })
    const { id } = await shop.cartWith({ MUG: 4 })
    expect((await enter(id, 'FIFTY')).body).toMatchObject({
      coupons: [{ code: 'FIFTY' }],
      discounts: [],
      notApplied: [{ code: 'FIFTY', reason: 'minimum-not-reached' }],
    })
    const more = await shop.send<CartBody>('PUT', `/v1/carts/${id}/items/MUG`, { body: { quantity: 5 } })
    expect(more.body).toMatchObject({ notApplied: [], totals: { discount: { amount: 500 } } })
  })

  it('that ended since it was entered is shown with its reason', async () => {
    const promotionId = await coupon('BRIEF')
    const { id } = await shop.cartWith({ MUG: 1 })
    await enter(id, 'BRIEF')
    await shop.deliver(
      anEvent(
        PromotionChanged,
        { ...(await copyOf(promotionId)), deleted: false, endsAt: inAnHour(-1) },
        { aggregateVersion: 2 },
      ),
    )
    expect(await cart(id)).toMatchObject({ notApplied: [{ code: 'BRIEF', reason: 'ended' }], discounts: [] })
  })

  it('that is used up, by all or by this customer, is refused, and shown with its reason where it was entered before', async () => {
    await coupon('ONCE', { limits: { total: 1, perCustomer: null } })
    await coupon('EACH', { limits: { total: null, perCustomer: 1 } })
    const [as, other] = [await shop.jwks.tokenFor(), await shop.jwks.tokenFor()]
    const enterAs = (token: string, id: string, code: string) =>
      shop.send<ProblemBody>('POST', `/v1/carts/${id}/coupons`, { as: token, body: { code } })
    const waiting = await shop.cartWith({ MUG: 1 })
    await enter(waiting.id, 'ONCE')
    const first = await shop.cartWith({ MUG: 1 }, { as })
    for (const code of ['ONCE', 'EACH']) expect((await enterAs(as, first.id, code)).status).toBe(200)
    expect((await shop.checkout(first.id, { as })).status).toBe(201)
    const second = await shop.cartWith({ MUG: 1 }, { as })
    expect((await enterAs(as, second.id, 'ONCE')).body.reason).toBe('exhausted')
    expect((await enterAs(as, second.id, 'EACH')).body.reason).toBe('used-by-customer')
    expect((await enterAs(other, (await shop.cartWith({ MUG: 1 }, { as: other })).id, 'EACH')).status).toBe(
      200,
    )
    expect(await cart(waiting.id)).toMatchObject({
      discounts: [],
      notApplied: [{ code: 'ONCE', reason: 'exhausted' }],
    })
  })

  it('is one of at most twenty in a cart', async () => {
    const { id } = await shop.cartWith({ MUG: 1 })
    const codes = Array.from({ length: 21 }, (_, at) => `MANY-${at}`)
    await Promise.all(codes.map((code) => coupon(code)))
    const entered = []
    for (const code of codes) entered.push((await enter(id, code)).status)
    expect(entered).toEqual([...Array<number>(20).fill(200), 422])
    expect((await cart(id)).coupons).toHaveLength(20)
  })
})

const copyOf = async (id: string) => {
  const { state } = await shop.db
    .selectFrom('promotions')
    .select('state')
    .where('promotion_id', '=', id)
    .executeTakeFirstOrThrow()
  return (typeof state === 'string' ? JSON.parse(state) : state) as Omit<PromotionChanged, 'deleted'>
}

describe('the shipping of a cart', () => {
  it('is in its totals once a method is chosen', async () => {
    const { id, shipping } = await shop.cartWith({ MUG: 1 })
    expect(shipping).toBeNull()
    expect((await choose(id, { country: 'GB' })).body.shipping).toMatchObject({
      country: 'GB',
      method: null,
      price: null,
    })
    const chosen = await choose(id, { country: 'GB', postalCode: 'LS1 1AA', method: 'express' })
    expect(chosen).toMatchObject({
      status: 200,
      body: {
        shipping: {
          method: 'express',
          postalCode: 'LS1 1AA',
          price: { amount: 599 },
          minDays: 1,
          refusal: null,
        },
        totals: { shipping: { amount: 599 }, total: { amount: 1599 } },
      },
    })
    expect(await cart(id)).toEqual(chosen.body)
  })

  it('is free with a coupon for it, and the cart adds up', async () => {
    await coupon('FREE', { kind: 'free_shipping', basisPoints: null })
    const { id } = await shop.cartWith({ MUG: 1 })
    await choose(id, { country: 'GB', method: 'express' })
    expect((await enter(id, 'FREE')).body).toMatchObject({
      discounts: [{ code: 'FREE', amount: { amount: 599 } }],
      shipping: { price: { amount: 599 }, discount: { amount: 599 } },
      totals: { shipping: { amount: 0 }, total: { amount: 1000 } },
    })
  })

  it('is refused by the name of the field where it makes no sense', async () => {
    const { id, version } = await shop.cartWith({ MUG: 1 })
    for (const [body, status, path] of [
      [{ country: 'GB', method: 'pigeon' }, 422, 'method'],
      [{ country: 'UK' }, 422, 'country'],
      [{ country: 'gb' }, 400, 'country'],
      [{ method: 'standard' }, 400, 'country'],
      [{ country: 'GB', postalCode: '' }, 400, 'postalCode'],
      [{ country: 'GB', price: 0 }, 400, 'price'],
    ] as const) {
      const refused = await choose<ProblemBody>(id, body)
      expect([body, refused.status, refused.body.errors?.[0]?.path]).toEqual([body, status, path])
    }
    expect((await cart(id)).version).toBe(version)
  })
})

it('another’s cart takes no coupon and no shipping, and a stale version is refused', async () => {
  await coupon('MINE')
  const mine = await shop.cartWith({ MUG: 1 }, { as: await shop.jwks.tokenFor() })
  expect((await enter(mine.id, 'MINE')).status).toBe(404)
  expect((await remove(mine.id, 'MINE')).status).toBe(404)
  expect((await choose(mine.id, { country: 'GB' })).status).toBe(404)
  const { id } = await shop.cartWith({ MUG: 1 })
  expect((await enter(id, 'MINE', { 'if-match': '"1"' })).status).toBe(412)
})
