import { inTransaction } from '@storewright/database'
import { INTERNAL_TOKEN } from '@storewright/testing/service'
import { describe, expect, it } from 'vitest'
import { createCartReader, createCartWriter, type CartAccess } from '../src/carts/cart-reader.ts'
import { createGuestCarts } from '../src/carts/change-cart.ts'
import { createInventoryClient } from '../src/carts/inventory-client.ts'
import { priceCart } from '../src/carts/price-cart.ts'
import { setItems } from '../src/carts/set-items.ts'
import type { Db } from '../src/database.ts'
import { createOfferReader } from '../src/offers/offer-reader.ts'
import { createRates } from '../src/rates/rates.ts'
import { useOrder } from './harness.ts'
import type { CartBody } from './shapes.ts'

const shop = useOrder({ MUG: 1000, CUP: 250, HAT: 4000 })

const put = (id: string, sku: string, quantity: number, as?: string) =>
  shop.send<CartBody>('PUT', `/v1/carts/${id}/items/${sku}`, { as, body: { quantity } })
const claim = (id: string, as: string) => shop.send<CartBody>('POST', `/v1/carts/${id}/claim`, { as })
const quantities = ({ items }: CartBody) =>
  Object.fromEntries(items.map(({ sku, quantity }) => [sku, quantity]))
const activeOf = async (as: string) => (await shop.send<CartBody>('GET', '/v1/me/cart', { as })).body

it('a change of a cart is two statements, and no call to inventory, once its SKUs were asked for; reading it is one', async () => {
  let statements = 0
  const db: Db = shop.db.withPlugin({
    transformQuery: ({ node }) => node,
    transformResult: ({ result }) => {
      statements += 1
      return Promise.resolve(result)
    },
  })
  const onFailure = (error: unknown) => {
    throw error
  }
  const stock = createInventoryClient({
    urls: shop.inventory.url,
    token: INTERNAL_TOKEN,
    timeoutMs: 5_000,
    onFailure,
  })
  const times = { ttlDays: 30, abandonedAfterMinutes: 60 }
  const carts: CartAccess = {
    db,
    readCart: createCartReader(db),
    openGuestCart: createGuestCarts(db),
    writeCart: createCartWriter(db, times),
    readOffers: createOfferReader(db).read,
    readExhausted: () => Promise.resolve(new Map()),
    rates: createRates(db, { currency: 'GBP', clock: () => new Date() }),
    times,
  }
  const { id: cartId } = await shop.cartWith({ MUG: 1, CUP: 1 })
  const now = new Date()
  const change = async (quantity: number) => {
    const items = [{ sku: 'MUG', quantity }]
    const command = { cartId, userId: null, check: () => undefined, now, items, scope: 'one' as const }
    return priceCart(carts, await setItems(carts, stock.read, command), now)
  }
  try {
    await change(2)
    const calls = shop.inventory.calls
    statements = 0
    await change(3)
    expect([statements, shop.inventory.calls - calls]).toEqual([2, 0])
    statements = 0
    // Reads of many at once share a statement.
    await Promise.all([1, 2, 3, 4].map(() => carts.readCart(cartId)))
    expect(statements).toBe(1)
  } finally {
    await stock.close()
  }
})

describe('a cart that two devices use at once', () => {
  it('takes one of two changes of the same version, however many carts change, and waits for no other cart', async () => {
    const carts = await Promise.all(Array.from({ length: 30 }, () => shop.cartWith({ MUG: 1 })))
    const held = carts[0]?.id ?? ''
    const released = Promise.withResolvers<void>()
    const holding = inTransaction(shop.db, async (trx) => {
      await trx.updateTable('carts').set({ status: 'open' }).where('id', '=', held).execute()
      await released.promise
    })
    const setTo = (id: string, quantity: number) =>
      shop.send<CartBody>('PUT', `/v1/carts/${id}/items/CUP`, {
        body: { quantity },
        headers: { 'if-match': '"2"' },
      })
    const pairs = carts.map(({ id }) => Promise.all([setTo(id, 2), setTo(id, 3)]))
    const outcomes = await Promise.all(pairs.slice(1))
    released.resolve()
    await holding
    for (const pair of [...outcomes, await pairs[0]])
      expect(pair?.map(({ status }) => status).sort()).toEqual([200, 412])
    const read = await Promise.all(carts.map(({ id }) => shop.send<CartBody>('GET', `/v1/carts/${id}`)))
    for (const { body } of read) expect(body).toMatchObject({ version: 3, items: [{}, { sku: 'CUP' }] })
  })

  it('two guest carts that are claimed at once by a user without one become one, with all of both', async () => {
    for (let round = 0; round < 3; round++) {
      const as = await shop.jwks.tokenFor()
      const [one, two] = [await shop.cartWith({ MUG: 1, CUP: 1 }), await shop.cartWith({ MUG: 2, HAT: 1 })]
      const claimed = await Promise.all([claim(one.id, as), claim(two.id, as), claim(one.id, as)])
      expect(claimed.map(({ status }) => status)).toEqual([200, 200, 200])
      expect(quantities(await activeOf(as))).toEqual({ MUG: 3, CUP: 1, HAT: 1 })
    }
  })

  it('a change of a guest’s cart that races its claim is in the user’s cart, or refused, and never lost', async () => {
    for (let round = 0; round < 5; round++) {
      const as = await shop.jwks.tokenFor()
      await shop.cartWith({ CUP: 1 }, { as })
      const guest = await shop.cartWith({ MUG: 1 })
      const [changed, claimed] = await Promise.all([put(guest.id, 'HAT', 2), claim(guest.id, as)])
      expect(claimed.status).toBe(200)
      expect([200, 404]).toContain(changed.status)
      expect(quantities(await activeOf(as))).toEqual({
        CUP: 1,
        MUG: 1,
        ...(changed.status === 200 && { HAT: 2 }),
      })
    }
  })

  it('a change that races the checkout is in the order, or refused with the order', async () => {
    for (let round = 0; round < 5; round++) {
      const { id } = await shop.cartWith({ MUG: 1 })
      const [changed, placed] = await Promise.all([put(id, 'CUP', 4), shop.checkout(id)])
      expect(placed.status).toBe(201)
      expect([200, 409]).toContain(changed.status)
      const ordered = placed.body.lines.map(({ sku, quantity }) => [sku, quantity])
      expect(ordered).toEqual(
        changed.status === 200
          ? [
              ['MUG', 1],
              ['CUP', 4],
            ]
          : [['MUG', 1]],
      )
      expect((await put(id, 'CUP', 5)).body).toMatchObject({ status: 409, orderId: placed.body.id })
    }
  })

  it('a change of a version that another device changed meanwhile is refused, one of the two', async () => {
    const as = await shop.jwks.tokenFor()
    const { id, version } = await shop.cartWith({ MUG: 1 }, { as })
    const change = (quantity: number) =>
      shop.send('PUT', `/v1/carts/${id}/items/MUG`, {
        as,
        headers: { 'if-match': `"${version}"` },
        body: { quantity },
      })
    const answers = await Promise.all([2, 3, 4, 5].map(change))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412])
  })
})
