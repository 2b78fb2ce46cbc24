import {
  OrderCancelled,
  OrderPersonalDataErased,
  OrderPlaced,
  UserErased,
  type Envelope,
} from '@storewright/contracts'
import { inTransaction, newId, parseJson } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { leaveTombstone } from '../src/erased-users/erased-users.ts'
import { startOrder, type OrderService } from './harness.ts'
import type { OrderBody } from './shapes.ts'

let shop: OrderService
beforeAll(async () => {
  shop = await startOrder()
  shop.inventory.setStock({ MUG: 100_000 })
  await shop.offer('MUG', { price: 1000 })
})
afterAll(() => shop.stop())

const person = async () => {
  const userId = newId()
  const token = await shop.jwks.tokenFor({ userId })
  return { userId, token, place: () => shop.place({ MUG: 1 }, { as: token, more: RECOGNISABLE }) }
}
const RECOGNISABLE = {
  email: 'ada@lovelace.example',
  shippingAddress: {
    name: 'Ada Lovelace',
    line1: '12 Analytical Row',
    city: 'Marylebone',
    region: 'Middlesex',
    postalCode: 'W1U 6AB',
    country: 'GB',
    phone: '+44 20 7946 0000',
  },
  billingAddress: {
    name: 'Ada King',
    line1: '1 Countess Way',
    city: 'Ockham',
    postalCode: '',
    country: 'FR',
  },
}
const TRACES = /lovelace|analytical|marylebone|middlesex|W1U|7946|King|Countess|Ockham/i

const erased = (userId: string, erasureId: string = newId()) =>
  anEvent(UserErased, { userId, erasureId, erasedAt: new Date().toISOString() })
const receipts = async (event: Envelope<UserErased>) =>
  (await shop.emitted(OrderPersonalDataErased, event.data.erasureId)).map(({ data }) => data)

/** Every row of every table of the service, as text. */
const everything = async () => {
  const { rows } = await sql<{ name: string }>`select table_name as name from information_schema.tables
    where table_schema = database()`.execute(shop.db)
  const texts = await Promise.all(
    rows.map(async ({ name }) =>
      JSON.stringify((await sql`select * from ${sql.table(name)}`.execute(shop.db)).rows),
    ),
  )
  return texts.join('\n')
}
const ordersOf = (userId: string) =>
  shop.db.selectFrom('orders').select('id').where('user_id', '=', userId).execute()
const cartsOf = (userId: string) =>
  shop.db.selectFrom('carts').select('id').where('user_id', '=', userId).execute()

describe('erasing a person', () => {
  it('removes them from every table, and keeps the state of their orders', async () => {
    const { userId, token, place } = await person()
    const confirmed = await shop.confirmed({ MUG: 2 }, { as: token, more: RECOGNISABLE })
    const cancelled = await place()
    const words = { as: token, body: { reason: 'Ada Lovelace moves house' } }
    expect((await shop.cancel(cancelled, words)).status).toBe(200)
    await shop.cartWith({ MUG: 3 }, { as: token })
    // The relay would empty the outbox; an event of the cancellation has its reason.
    await sql`delete from outbox where type = ${OrderCancelled.type}`.execute(shop.db)
    expect(await everything()).toMatch(TRACES)

    const event = erased(userId)
    expect(await shop.deliver(event)).toBe('applied')
    expect(await everything()).not.toMatch(TRACES)
    // 2 orders, their 2 carts, and one that was open.
    expect(await receipts(event)).toMatchObject([{ userId, records: 5 }])
    expect([...(await ordersOf(userId)), ...(await cartsOf(userId))]).toEqual([])

    const staff = { as: shop.admin }
    const after = await shop.order(confirmed, staff)
    expect(after).toMatchObject({
      status: 'confirmed',
      number: confirmed.number,
      totals: confirmed.totals,
      lines: confirmed.lines,
      userId: null,
      email: null,
      shippingAddress: { name: 'Erased', country: 'GB' },
      billingAddress: null,
    })
    expect(after.version).toBeGreaterThan(confirmed.version)
    expect((await shop.timeline(confirmed, staff)).at(-1)).toMatchObject({
      type: UserErased.type,
      by: 'system',
    })
    expect(await shop.order(cancelled, staff)).toMatchObject({ reason: 'cancelled-on-request' })
    expect((await shop.send('GET', `/v1/orders/${confirmed.id}`, { as: token })).status).toBe(404)
  })

  it('lets their open orders go on to be reserved, paid and shipped', async () => {
    const { userId, place } = await person()
    const placed = await place()
    await shop.deliver(erased(userId))
    await shop.deliver(shop.reservedEvent(placed))
    const staff = { as: shop.admin }
    await shop.until(placed, 'confirmed', staff)
    expect((await shop.ship(placed)).status).toBe(201)
    await shop.until(placed, 'shipped', staff)
    const { rows } = await sql<{ tokens: number }>`select count(*) as tokens from payment_attempts p
      join orders o on o.id = p.order_id where o.id = ${placed.id}
        and (p.token is not null or o.payment_token is not null)`.execute(shop.db)
    expect(Number(rows[0]?.tokens)).toBe(0)
  })

  it('changes nothing of other users', async () => {
    const [one, other] = [await person(), await person()]
    await one.place()
    const theirs = await other.place()
    const guest = await shop.place({ MUG: 1 }, { more: RECOGNISABLE })
    await shop.deliver(erased(one.userId))
    expect(await shop.order(theirs, { as: other.token })).toMatchObject({ email: RECOGNISABLE.email })
    expect(await shop.order(guest)).toMatchObject({ email: RECOGNISABLE.email })
  })

  it('happens once, however often UserErased is delivered', async () => {
    const { userId, place } = await person()
    const placed = await place()
    const event = erased(userId)
    await shop.deliver(event)
    await shop.deliver(event)
    expect(await receipts(event)).toHaveLength(1)

    await shop.deliver(erased(userId, event.data.erasureId))
    expect(await receipts(event)).toMatchObject([{ records: 2 }, { records: 2 }])
    const steps = await shop.timeline(placed, { as: shop.admin })
    expect(steps.filter(({ type }) => type === UserErased.type)).toHaveLength(1)
  })

  it('works for more than a thousand orders', async () => {
    const { userId, place } = await person()
    const { id } = await place()
    await sql`insert into orders (id, cart_id, user_id, email, status, currency, shipping_address, shipping_method,
        subtotal_minor, total_minor, payment_provider, correlation_id, placed_at)
      with recursive n as (select 1 as i union all select i + 1 from n where i < 35)
      select uuid(), uuid(), user_id, email, 'cancelled', currency, shipping_address, shipping_method, subtotal_minor,
        total_minor, payment_provider, correlation_id, placed_at
      from orders join n as a join n as b where id = ${id}`.execute(shop.db)
    const count = (await ordersOf(userId)).length
    expect(count).toBeGreaterThan(1_000)

    const event = erased(userId)
    await shop.deliver(event)
    expect(await receipts(event)).toMatchObject([{ records: count + 1 }])
    expect(await ordersOf(userId)).toEqual([])
  })
})

describe('an erased user with a token that is still valid', () => {
  it('cannot place an order, not even from a guest’s cart', async () => {
    const { userId, token } = await person()
    const guestCart = await shop.cartWith({ MUG: 1 })
    const own = await shop.cartWith({ MUG: 1 }, { as: token })
    await shop.deliver(erased(userId))

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
    await shop.deliver(erased(userId))
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
    await eventually(async () => {
      const { rows } = await sql<{
        info: string | null
      }>`select info from information_schema.processlist`.execute(shop.db)
      return rows.some(
        ({ info }) => info?.includes('erased_users') && info.includes('insert into `order_lines`'),
      )
    })
    gate.resolve()
    await erasure
    expect((await ordering).status).toBe(401)
  })

  it('leaves no data behind by ordering during the erasure', async () => {
    for (let round = 0; round < 5; round++) {
      const { userId, token, place } = await person()
      await place()
      let over = false
      const erasing = shop.deliver(erased(userId)).finally(() => {
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
      for (const status of statuses) expect([201, 401, 404, 422]).toContain(status)
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

describe('the personal data of a user', () => {
  type Page = { items: { type: string; id: string; [field: string]: unknown }[]; nextCursor: string | null }
  const read = (userId: string, query = '', token = shop.internalToken) =>
    shop.send<Page>('GET', `/internal/users/${userId}/personal-data${query}`, {
      headers: { 'x-internal-token': token },
    })
  const readAll = async (userId: string, limit: number) => {
    const items: Page['items'] = []
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { body: Page } = await read(userId, `?limit=${limit}${cursor && `&cursor=${cursor}`}`)
      expect(page.body.items.length).toBeLessThanOrEqual(limit)
      items.push(...page.body.items)
      cursor = page.body.nextCursor
    }
    return items
  }

  it('is listed whole, page by page, and without other users’', async () => {
    const [one, other] = [await person(), await person()]
    const orders: OrderBody[] = []
    for (let count = 0; count < 5; count++) orders.push(await one.place())
    await other.place()
    const cart = await shop.cartWith({ MUG: 7 }, { as: one.token })

    for (const limit of [2, 5, 100]) {
      const items = await readAll(one.userId, limit)
      const of = (type: string) => items.filter((item) => item.type === type)
      expect(of('order').map(({ id }) => id)).toEqual(orders.map(({ id }) => id).reverse())
      expect(of('cart').map(({ id }) => id)).toContain(cart.id)
      expect(of('cart')).toHaveLength(6)
      expect(items).toHaveLength(11)
    }
    const [order] = await readAll(one.userId, 1)
    expect(order).toMatchObject({
      ...RECOGNISABLE,
      lines: [{ sku: 'MUG', quantity: 1 }],
      timeline: [{ type: OrderPlaced.type }],
      payments: [],
    })
  })

  it('is empty for an unknown user', async () => {
    expect(await readAll(newId(), 20)).toEqual([])
  })

  it('is served to other services only, and refuses invalid cursors', async () => {
    expect((await read(newId(), '', 'guessed')).status).toBe(403)
    expect((await read('nobody')).status).toBe(400)
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    for (const cursor of [
      'x',
      encoded(['order', 1e99, newId()]),
      encoded(['cart', 0, 'é']),
      encoded(['user', 0, '']),
    ])
      expect(await read(newId(), `?cursor=${cursor}`)).toMatchObject({ status: 400 })
  })
})

it('emits OrderCancelled with the user and the order number', async () => {
  const { userId, token, place } = await person()
  const placed = await place()
  await shop.cancel(placed, { as: token })
  expect(await shop.emitted(OrderCancelled, placed.id)).toMatchObject([
    { data: { userId, number: placed.number } },
  ])
})
