import { OrderPlaced } from '@storewright/contracts'
import { inTransaction, newId, parseJson } from '@storewright/database'
import { describe, expect, it } from 'vitest'
import { leaveTombstone } from '../src/erased-users/erased-users.ts'
import { useOrder } from './harness.ts'
import { peopleOf, RECOGNISABLE, userErased } from './people.ts'

const shop = useOrder({ MUG: 1000 })
const { person, ordersOf, cartsOf } = peopleOf(shop)

describe('an erased user with a token that is still valid', () => {
  it('cannot place an order, not even from a guest’s cart', async () => {
    const { userId, token } = await person()
    const guestCart = await shop.cartWith({ MUG: 1 })
    const own = await shop.cartWith({ MUG: 1 }, { as: token })
    await shop.deliver(userErased(userId))

    expect((await shop.checkout(own.id, { as: token })).status).toBe(404)
    const before = await shop.db.selectFrom('orders').select('id').execute()
    expect(await shop.checkout(guestCart.id, { as: token, more: RECOGNISABLE })).toMatchObject({
      status: 401,
      body: { type: 'urn:storewright:problem:invalid-token' },
    })
    expect(await shop.db.selectFrom('orders').select('id').execute()).toEqual(before)
    expect((await shop.emitted(OrderPlaced)).filter(({ data }) => data.userId === userId)).toEqual([])
    // It was rolled back: the cart is still there for a guest.
    expect((await shop.checkout(guestCart.id)).status).toBe(201)
  })

  it('creates carts without an owner', async () => {
    const { userId, token } = await person()
    await shop.deliver(userErased(userId))
    const cart = await shop.cartWith({ MUG: 1 }, { as: token })
    const guestCart = await shop.cartWith({ MUG: 1 })
    await shop.send('POST', `/v1/carts/${guestCart.id}/claim`, { as: token, body: {} })
    expect(await cartsOf(userId)).toEqual([])
    expect((await shop.send('GET', `/v1/carts/${cart.id}`)).status).toBe(200)
  })

  it('waits with an order for the erasure that is under way, and is then refused', async () => {
    const { userId, token } = await person()
    const cart = await shop.cartWith({ MUG: 1 })
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const erasure = inTransaction(shop.db, async (trx) => {
      await leaveTombstone(trx, { userId, erasureId: newId() }, new Date())
      begun.resolve()
      await gate.promise
    })
    await begun.promise
    const ordering = shop.checkout(cart.id, { as: token })
    await shop.lockAwaited('erased_users')
    gate.resolve()
    await erasure
    expect((await ordering).status).toBe(401)
  })

  it('leaves no data behind by ordering during the erasure', async () => {
    for (let round = 0; round < 5; round++) {
      const { userId, token, place } = await person()
      await place()
      let over = false
      const erasing = shop.deliver(userErased(userId)).finally(() => {
        over = true
      })
      const statuses = new Set<number>()
      const orderOn = async () => {
        while (!over) {
          const [guests, own] = await Promise.all([
            shop.cartWith({ MUG: 1 }),
            shop.send<{ id: string }>('POST', '/v1/carts', { as: token, body: {} }),
          ])
          statuses.add((await shop.checkout(guests.id, { as: token, more: RECOGNISABLE })).status)
          const body = { quantity: 1 }
          await shop.send('PUT', `/v1/carts/${own.body.id}/items/MUG`, { as: token, body })
          statuses.add((await shop.checkout(own.body.id, { as: token, more: RECOGNISABLE })).status)
        }
      }
      await Promise.all([erasing, orderOn(), orderOn(), orderOn()])
      for (const status of statuses) expect([201, 401, 404, 409, 422]).toContain(status)
      expect([...(await ordersOf(userId)), ...(await cartsOf(userId))]).toEqual([])
    }
    const rows = await shop.db
      .selectFrom('orders')
      .select(['id', 'shipping_address as address'])
      .where('erased_at', 'is not', null)
      .execute()
    const names = rows.map(({ address }) => (parseJson(address) as { name: string }).name)
    expect([...new Set(names)]).toEqual(['Erased'])
  })
})
