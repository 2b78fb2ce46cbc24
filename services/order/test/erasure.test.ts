import { OrderCancelled, OrderContactSet, UserErased } from '@storewright/contracts'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { useOrder } from './harness.ts'
import { peopleOf, RECOGNISABLE, TRACES, userErased } from './people.ts'

const shop = useOrder({ MUG: 1000 })
const { person, receipts, everything, ordersOf, cartsOf } = peopleOf(shop)

describe('erasing a person', () => {
  it('removes them from every table, and keeps the state of their orders', async () => {
    const { userId, token, place } = await person()
    const confirmed = await shop.confirmed({ MUG: 2 }, { as: token, more: RECOGNISABLE })
    const cancelled = await place()
    const words = { as: token, body: { reason: 'Ada Lovelace moves house' } }
    expect((await shop.cancel(cancelled, words)).status).toBe(200)
    await shop.cartWith({ MUG: 3 }, { as: token })
    // The relay would empty the outbox; events have the reason of the cancellation, and whom to write to.
    await sql`delete from outbox where type in (${OrderCancelled.type}, ${OrderContactSet.type})`.execute(
      shop.db,
    )
    expect(await everything()).toMatch(TRACES)

    const event = userErased(userId)
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
    await shop.deliver(userErased(userId))
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
    await shop.deliver(userErased(one.userId))
    expect(await shop.order(theirs, { as: other.token })).toMatchObject({ email: RECOGNISABLE.email })
    expect(await shop.order(guest)).toMatchObject({ email: RECOGNISABLE.email })
  })

  it('happens once, however often UserErased is delivered', async () => {
    const { userId, place } = await person()
    const placed = await place()
    const event = userErased(userId)
    await shop.deliver(event)
    await shop.deliver(event)
    expect(await receipts(event)).toHaveLength(1)

    await shop.deliver(userErased(userId, event.data.erasureId))
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

    const event = userErased(userId)
    await shop.deliver(event)
    expect(await receipts(event)).toMatchObject([{ records: count + 1 }])
    expect(await ordersOf(userId)).toEqual([])
  })
})
