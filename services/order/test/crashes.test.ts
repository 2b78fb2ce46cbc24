import { OrderConfirmed, OrderPlaced, PaymentAuthorized } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { eventually } from '@storewright/testing'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { useOrder, type OrderService } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const shop = useOrder({ MUG: 1299 }, { env: { PAYMENT_LEASE_MS: '1500' } })

type Replica = OrderService['replicas'][number]

/** From now on it writes nothing and takes no events; requests that wait at it are never answered. */
const die = async (replica: Replica) => {
  await replica.kill()
  const parts = [...replica.consumers, ...replica.workers, replica.broker]
  await Promise.all(parts.map((part) => part.stop().catch(() => undefined)))
}
/** A replica that answers requests and leaves all other work to the first. */
const startFront = async () => {
  const front = await shop.startReplica()
  shop.replicas.pop()
  await Promise.all([...front.consumers, ...front.workers].map((part) => part.stop()))
  return front
}

const reserved = async (token = 'tok_ok') => {
  const order = await shop.place({ MUG: 1 }, { token })
  await shop.deliver(shop.reservedEvent(order))
  return order
}
const declined = async () => {
  const order = await reserved('tok_declined')
  await shop.until(order, 'awaiting_payment')
  return order
}
/** A checkout that its client may repeat. */
const aCheckout = async () => {
  const [cart, key] = [await shop.cartWith({ MUG: 1 }), newId()]
  return { cartId: cart.id, send: (at?: Replica) => shop.checkout(cart.id, { key, wait: 20 }, at) }
}
/** Another try to pay that its client may repeat. */
const aRetry = async () => {
  const [order, key] = [await declined(), newId()]
  const call = { key, headers: { prefer: 'wait=20' } }
  return { order, send: (at?: Replica) => shop.pay(order, 'tok_ok', call, at) }
}

const ordersOf = (cartId: string) =>
  shop.db.selectFrom('orders').select('id').where('cart_id', '=', cartId).execute()
/** What the provider did for an order, by its own books. */
const booked = async (order: OrderBody) => {
  const rows = await shop.db
    .selectFrom('sandbox_operations')
    .innerJoin('payment_attempts', 'payment_attempts.id', 'sandbox_operations.idempotency_key')
    .select(['payment_attempts.id', 'sandbox_operations.kind', 'sandbox_operations.outcome'])
    .where('payment_attempts.order_id', '=', order.id)
    .orderBy('payment_attempts.id')
    .execute()
  return rows.map(({ kind, outcome }) => `${kind} ${outcome}`)
}
const askedOf = async (order: OrderBody) => {
  const attempts = await shop.db
    .selectFrom('payment_attempts')
    .select('id')
    .where('order_id', '=', order.id)
    .execute()
  const keys = new Set(attempts.map(({ id }) => id))
  return shop.gate.asked.flatMap(({ what, key }) => (keys.has(key) ? [what] : []))
}
const REPEATED = { status: 201, headers: { 'idempotency-replayed': 'true' } }
const expectPaidOnce = async (order: OrderBody) => {
  expect(await shop.until(order, 'confirmed')).toMatchObject({ payment: { status: 'authorized' } })
  expect((await booked(order)).filter((line) => line === 'authorize succeeded')).toHaveLength(1)
  expect(await shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
  expect(await shop.emitted(OrderConfirmed, order.id)).toHaveLength(1)
}

describe('a process that dies', () => {
  const crash = async () => {
    const front = await startFront()
    const [uncommitted, placed, settled] = [await aCheckout(), await aCheckout(), await aCheckout()]
    const [unpaid, retried, paid] = [await aRetry(), await aRetry(), await aRetry()]
    const request = (sent: Promise<unknown>) => void sent.catch(() => undefined)

    request(settled.send(front))
    request(paid.send(front))
    request(placed.send())
    for (const { cartId } of [settled, placed]) await eventually(async () => (await ordersOf(cartId))[0])
    const [{ id } = { id: '' }] = await ordersOf(settled.cartId)
    await shop.deliver(shop.reservedEvent({ ...paid.order, id }))
    await eventually(async () => (await shop.emitted(OrderConfirmed, id))[0])
    await shop.until(paid.order, 'confirmed')

    shop.gate.lose('answer')
    const answerLost = await reserved()
    await eventually(async () => (await booked(answerLost))[0])
    shop.gate.lose('call')
    let [callLost, deaths, asked]: [OrderBody?, Promise<void>[]?, number?] = []
    await inTransaction(shop.db, async (holder) => {
      await holder.selectFrom('carts').select('id').where('id', '=', uncommitted.cartId).forUpdate().execute()
      await holder.selectFrom('orders').select('id').where('id', '=', unpaid.order.id).forUpdate().execute()
      request(uncommitted.send())
      request(unpaid.send())
      await eventually(async () => {
        const { rows } = await sql`select id from information_schema.processlist where db = database()
          and id <> connection_id() and command = 'Query' and info like '%for update'`.execute(shop.db)
        return rows.length >= 2
      })
      request(retried.send())
      callLost = await reserved()
      const lost = [callLost, retried.order]
      await eventually(async () => (await Promise.all(lost.map(askedOf))).flat().length >= 3)
      deaths = [front, shop.replicas[0]!].map(die)
    })
    shop.gate.lose(null)
    await Promise.all(deaths ?? [])
    shop.replicas.shift()
    asked = (await askedOf(answerLost)).length
    const bookedThen = await Promise.all([callLost!, retried.order].map(booked))
    await shop.startReplica()
    return {
      uncommitted,
      placed,
      settled,
      unpaid,
      retried,
      paid,
      answerLost,
      callLost: callLost!,
      asked,
      bookedThen,
    }
  }
  let left: Awaited<ReturnType<typeof crash>>
  beforeAll(async () => {
    left = await crash()
  })

  it('before the commit has placed no order, and the same request places it then', async () => {
    const { cartId, send } = left.uncommitted
    expect(await ordersOf(cartId)).toEqual([])
    const sent = send()
    const [order] = await eventually(async () => {
      const orders = await ordersOf(cartId)
      return orders.length > 0 && orders
    })
    await shop.deliver(shop.reservedEvent({ ...left.callLost, ...order }))
    const { status, headers, body } = await sent
    expect([status, headers['idempotency-replayed'], body.id]).toEqual([201, undefined, order?.id])
    expect(await shop.emitted(OrderPlaced, body.id)).toHaveLength(1)
  })

  it('after the commit and before the answer has placed the one order that the same request is answered with', async () => {
    const { cartId, send } = left.placed
    const [order] = await ordersOf(cartId)
    await shop.deliver(shop.reservedEvent({ ...left.callLost, ...order }))
    const again = await send()
    expect(again).toMatchObject({ ...REPEATED, body: order })
    expect(await ordersOf(cartId)).toEqual([order])
    expect(await shop.emitted(OrderPlaced, order?.id)).toHaveLength(1)
    await expectPaidOnce(again.body)
  })

  it('after the payment was recorded and before the answer has an order that is confirmed once', async () => {
    const again = await left.settled.send()
    expect(again).toMatchObject({ ...REPEATED, body: { status: 'confirmed' } })
    await expectPaidOnce(again.body)
  })

  it('before it called the provider leaves the payment to another replica when its lease is over', async () => {
    expect(left.bookedThen[0]).toEqual([])
    await expectPaidOnce(left.callLost)
  })

  it('before it recorded the provider’s answer has it looked up by another replica, and never charged twice', async () => {
    await expectPaidOnce(left.answerLost)
    expect(new Set((await askedOf(left.answerLost)).slice(left.asked))).toEqual(new Set(['find']))
  })

  it('before the commit of another try to pay has begun none, and the same request pays then', async () => {
    const { order, send } = left.unpaid
    expect(await booked(order)).toEqual(['authorize declined'])
    const { status, headers, body } = await send()
    expect([status, headers['idempotency-replayed'], body.status]).toEqual([201, undefined, 'confirmed'])
    await expectPaidOnce(order)
  })

  it('after the commit of another try to pay and before the answer has begun one, which the same request waits for', async () => {
    const { order, send } = left.retried
    expect(left.bookedThen[1]).toEqual(['authorize declined'])
    expect(await send()).toMatchObject({ ...REPEATED, body: { status: 'confirmed' } })
    await expectPaidOnce(order)
  })

  it('after another try to pay was recorded and before the answer has an order that is confirmed once', async () => {
    expect(await left.paid.send()).toMatchObject({ ...REPEATED, body: { status: 'confirmed' } })
    await expectPaidOnce(left.paid.order)
  })
})

describe('an Idempotency-Key', () => {
  const pass24Hours = async () => {
    const { rows } = await sql<{ hours: number }>`select distinct
      round(timestampdiff(second, utc_timestamp(6), expires_at) / 3600) as hours
      from idempotency_keys where expires_at > utc_timestamp(6)`.execute(shop.db)
    expect(rows.map(({ hours }) => Number(hours))).toEqual([24])
    await sql`update idempotency_keys set expires_at = expires_at - interval 24 hour`.execute(shop.db)
  }

  it('that was used for an order 24 hours ago places no second order of its cart', async () => {
    const cart = await shop.cartWith({ MUG: 1 })
    const key = newId()
    const { body: placed } = await shop.checkout(cart.id, { key })
    await pass24Hours()
    expect(await shop.checkout(cart.id, { key })).toMatchObject({
      status: 409,
      body: { type: 'urn:storewright:problem:cart-ordered', orderId: placed.id },
    })
    expect(await ordersOf(cart.id)).toEqual([{ id: placed.id }])
  })

  it('that was used for a payment 24 hours ago stands for another try, and never pays what is paid', async () => {
    const order = await declined()
    const key = newId()
    const pay = (token: string) => shop.pay(order, token, { key, headers: { prefer: 'wait=5' } })
    expect((await pay('tok_declined')).body).toMatchObject({ status: 'awaiting_payment' })
    expect(await pay('tok_declined')).toMatchObject(REPEATED)
    await pass24Hours()
    const other = await pay('tok_ok')
    expect([other.status, other.headers['idempotency-replayed']]).toEqual([201, undefined])
    await pass24Hours()
    expect(await pay('tok_ok')).toMatchObject({ status: 409, body: { orderStatus: 'confirmed' } })
    await expectPaidOnce(order)
  })
})
