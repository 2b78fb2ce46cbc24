import { PromotionChanged } from '@storewright/contracts'
import { insertRows, newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { couponInvariants } from '../src/invariants/coupon-invariant-queries.ts'
import { useOrder } from './harness.ts'
import type { OrderBody, ProblemBody } from './shapes.ts'

const shop = useOrder({ MUG: 1000 }, { workers: false })

/** A coupon that takes a tenth off, as the catalogue announces it. */
const announce = async (code: string, limits: Partial<PromotionChanged['limits']>) => {
  const promotionId = newId()
  const data: PromotionChanged = {
    promotionId,
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
    limits: { total: null, perCustomer: null, ...limits },
    priority: 0,
    exclusive: false,
    deleted: false,
  }
  await shop.deliver(anEvent(PromotionChanged, data, { aggregateVersion: 1 }))
  return promotionId
}

/** Guests' carts with one MUG and these codes, put straight into the database because there are many. */
const cartsWithCodes = async (count: number, codes: string[]) => {
  const now = new Date()
  const rows = Array.from({ length: count }, () => ({
    id: newId(),
    user_id: null,
    currency: 'GBP',
    lines: JSON.stringify([{ sku: 'MUG', quantity: 1, seenPriceMinor: 1000 }]),
    codes: JSON.stringify(codes),
    created_at: now,
    updated_at: now,
  }))
  await insertRows(shop.db, 'carts', rows)
  return rows.map(({ id }) => id)
}
const cartWithCode = async (code: string) => (await cartsWithCodes(1, [code]))[0] ?? ''

const guest = () => ({ email: `${newId()}@example.com` })
const totalOf = (order: OrderBody) => {
  if (!('totals' in order)) throw new Error(`not ordered: ${JSON.stringify(order)}`)
  return order.totals.total.amount
}

const usedOf = async (promotionId: string) => {
  const uses = await shop.db
    .selectFrom('promotion_uses')
    .select('used')
    .where('promotion_id', '=', promotionId)
    .executeTakeFirst()
  const redemptions = await shop.db
    .selectFrom('coupon_redemptions')
    .select('order_id')
    .where('promotion_id', '=', promotionId)
    .execute()
  expect(Number(uses?.used ?? 0)).toBe(redemptions.length)
  return redemptions.length
}

describe('a coupon that may be used a hundred times', () => {
  it('is not beaten by five hundred checkouts at once: 100 discounts, the others refused or full price as they chose', async () => {
    const promotionId = await announce('HUNDRED', { total: 100 })
    const carts = await cartsWithCodes(500, ['HUNDRED'])
    const replicas = [shop.replicas[0], await shop.startReplica()]
    const answers = await Promise.all(
      carts.map((id, index) => {
        const expectedTotal = { amount: 900, currency: 'GBP' }
        const more = { ...guest(), ...(index % 4 < 2 && { expectedTotal }) }
        return shop.checkout(id, { more }, replicas[index % 2])
      }),
    )
    const placed = answers.filter(({ status }) => status === 201).map(({ body }) => body)
    expect(placed.filter((order) => totalOf(order) === 900)).toHaveLength(100)
    const discounted = placed.find((order) => totalOf(order) === 900)
    expect(discounted?.discounts).toEqual([
      { promotionId, name: 'HUNDRED', code: 'HUNDRED', amount: { amount: 100, currency: 'GBP' } },
    ])
    expect(new Set(placed.map(totalOf))).toEqual(new Set([900, 1000]))
    const refused = answers.filter(({ status }) => status !== 201)
    expect(placed.length + refused.length).toBe(500)
    expect(refused.length).toBeGreaterThanOrEqual(150)
    for (const { status, body } of refused) {
      expect({ status, body }).toMatchObject({
        status: 409,
        body: {
          type: 'urn:storewright:problem:total-changed',
          totals: { total: { amount: 1000 } },
          notApplied: [{ code: 'HUNDRED', reason: 'exhausted' }],
        },
      })
    }
    expect(await usedOf(promotionId)).toBe(100)
  })

  it('is given back once by an order that is rejected or cancelled, and can be used again', async () => {
    const promotionId = await announce('THREE', { total: 3 })
    const order = async () => (await shop.checkout(await cartWithCode('THREE'), { more: guest() })).body
    const [rejected, cancelled, kept] = [await order(), await order(), await order()]
    expect(totalOf(await order())).toBe(1000)
    for (const event of [shop.rejectedEvent(rejected), shop.rejectedEvent(rejected)])
      await shop.deliver(event)
    await Promise.all([shop.cancel(cancelled), shop.cancel(cancelled)])
    expect(await usedOf(promotionId)).toBe(1)
    expect([totalOf(kept), totalOf(await order()), totalOf(await order()), totalOf(await order())]).toEqual([
      900, 900, 900, 1000,
    ])
  })
})

describe('a coupon that each customer may use once', () => {
  it('is not beaten by concurrency: an account uses it once on two devices at the same moment', async () => {
    const promotionId = await announce('ONCE', { perCustomer: 1 })
    const token = await shop.jwks.tokenFor()
    const carts = await cartsWithCodes(6, ['ONCE'])
    const other = await shop.startReplica()
    const answers = await Promise.all(
      carts.map((id, index) =>
        shop.checkout(id, { as: token, more: guest() }, index % 2 ? other : undefined),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201))
    expect(answers.filter(({ body }) => totalOf(body) === 900)).toHaveLength(1)
    expect(await usedOf(promotionId)).toBe(1)
  })

  it('is used once by a guest however the e-mail address is spelled, and by the next guest', async () => {
    await announce('GUESTS', { perCustomer: 1 })
    const totals = []
    for (const email of ['ann@example.com', 'Ann@Example.com', 'bob@example.com']) {
      const placed = await shop.checkout(await cartWithCode('GUESTS'), { more: { email } })
      totals.push(totalOf(placed.body))
    }
    expect(totals).toEqual([900, 1000, 900])
  })
})

it('a coupon that ended or was used up in between does not apply, and the answer names why where the total was expected', async () => {
  await announce('LAST', { total: 1 })
  const [first, second] = [await cartWithCode('LAST'), await cartWithCode('LAST')]
  expect(totalOf((await shop.checkout(first, { more: guest() })).body)).toBe(900)
  const expectedTotal = { amount: 900, currency: 'GBP' }
  const { status, body } = await shop.checkout(second, { more: { ...guest(), expectedTotal } })
  expect({ status, body: body as unknown as ProblemBody }).toMatchObject({
    status: 409,
    body: { notApplied: [{ code: 'LAST', reason: 'exhausted', message: expect.any(String) as string }] },
  })
})

it('the audit finds nothing after all of these redemptions, and one that its customer’s counter does not know', async () => {
  const promotionId = await announce('COUNTED', { perCustomer: 2 })
  for (const _ of [1, 2])
    await shop.checkout(await cartWithCode('COUNTED'), { more: { email: 'eve@example.com' } })
  expect(await usedOf(promotionId)).toBe(2)
  const breaches = async () => {
    const found = []
    for (const { what, breaches: rows } of couponInvariants(shop.db))
      found.push(...(await rows.execute()).map(({ id }) => `${what}: ${id}`))
    return found
  }
  expect(await breaches()).toEqual([])
  await shop.db.deleteFrom('promotion_customer_uses').where('promotion_id', '=', promotionId).execute()
  const lost = `what is redeemed is counted, and no order that was rejected or cancelled keeps it: ${promotionId}`
  expect(await breaches()).toEqual([lost, lost])
})
