import { OrderCancelled, OrderConfirmed, PaymentAuthorized } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { handleStockRejected } from '../src/orders/handle-stock-rejected.ts'
import { handleStockReleased } from '../src/orders/handle-stock-released.ts'
import { useStepwise, BAD, GOOD, PRICE } from './stepwise.ts'

const step = useStepwise()

describe('outcomes that are recorded in one batch', () => {
  it('void the authorization of the order that was cancelled meanwhile, and of no other', async () => {
    const [wanted, cancelled] = [await step.reserved(), await step.reserved()]
    await step.shop.cancel(cancelled)
    await step.succeed(wanted, cancelled)
    expect(await step.statuses(wanted, cancelled)).toEqual([
      ['confirmed', 'authorized'],
      ['cancelled', 'authorized'],
    ])
    expect(await step.attempts(wanted)).toMatchObject([{ kind: 'authorize', state: 'succeeded' }])
    expect(await step.attempts(cancelled)).toMatchObject([
      { kind: 'authorize', state: 'succeeded' },
      { kind: 'void', state: 'open', amount: PRICE },
    ])
    expect(await step.shop.emitted(OrderConfirmed, cancelled.id)).toEqual([])
    await step.succeed(cancelled)
    expect(await step.statuses(cancelled)).toEqual([['cancelled', 'voided']])
  })

  it('move each order on by its own outcome: authorized, declined, captured, not captured', async () => {
    const [authorized, declined] = [await step.reserved(), await step.reserved()]
    const [captured, refused] = [await step.confirmed(), await step.confirmed()]
    await step.ship(captured, 1)
    await step.ship(refused, 1)
    const [a, b, c, d] = await step.lease(authorized, declined, captured, refused)
    await step.record([d, BAD], [a, GOOD], [b, BAD], [c, GOOD])
    expect(await step.statuses(authorized, declined, captured, refused)).toEqual([
      ['confirmed', 'authorized'],
      ['awaiting_payment', 'declined'],
      ['shipped', 'captured'],
      ['confirmed', 'authorized'],
    ])
    expect((await step.shop.order(refused)).lines).toMatchObject([{ shippedQuantity: 0 }])
    expect((await step.shop.order(refused)).shipments).toMatchObject([
      { status: 'failed', reason: 'card-declined' },
    ])
  })

  it('void one authorization as a whole, and of a partly captured one only the rest', async () => {
    const [whole, part] = [await step.confirmed(), await step.partlyShipped(3)]
    await step.shop.cancel(whole)
    await step.shop.cancel(part)
    expect((await step.lease(whole, part)).map(({ kind, amountMinor }) => [kind, amountMinor])).toEqual([
      ['void', PRICE],
      ['void', 2 * PRICE],
    ])
    await step.succeed(whole, part)
    expect(await step.statuses(whole, part)).toEqual([
      ['cancelled', 'voided'],
      ['shipped', 'captured'],
    ])
    expect(await step.money(whole)).toEqual({ authorized: 0, captured: 0 })
    expect(await step.money(part)).toEqual({ authorized: 3 * PRICE, captured: PRICE })
    expect((await step.attempts(whole))[0]).toMatchObject({ kind: 'authorize', state: 'voided' })
    expect((await step.attempts(part))[0]).toMatchObject({ kind: 'authorize', state: 'succeeded' })
  })

  it('are rolled back when another worker recorded one of them, and then count once each', async () => {
    const [early, late] = [await step.reserved(), await step.reserved()]
    const [a, b] = await step.lease(early, late)
    await step.record([a, GOOD])
    await expect(step.record([a, GOOD], [b, GOOD])).rejects.toThrow('another worker')
    expect(await step.statuses(early, late)).toEqual([
      ['confirmed', 'authorized'],
      ['reserved', 'pending'],
    ])
    await step.record([a, GOOD])
    await step.record([b, GOOD])
    expect(await step.statuses(late)).toEqual([['confirmed', 'authorized']])
    for (const order of [early, late]) {
      expect(await step.shop.emitted(PaymentAuthorized, order.id)).toHaveLength(1)
      expect(await step.shop.emitted(OrderConfirmed, order.id)).toHaveLength(1)
    }
  })

  it('decline an order that was cancelled meanwhile without opening it again', async () => {
    const [waiting, cancelled] = [await step.reserved(), await step.reserved()]
    await step.shop.cancel(cancelled)
    const [a, b] = await step.lease(waiting, cancelled)
    await step.record([a, BAD], [b, BAD])
    expect(await step.statuses(waiting, cancelled)).toEqual([
      ['awaiting_payment', 'declined'],
      ['cancelled', 'declined'],
    ])
  })
})

describe('events of inventory in one batch', () => {
  it('reject a pending order, cancel a reserved, a confirmed and a partly shipped one, and leave the rest', async () => {
    const [pending, open, paid] = [
      await step.shop.place({ MUG: 1 }),
      await step.reserved(),
      await step.confirmed(),
    ]
    const [part, shipped] = [await step.partlyShipped(3), await step.partlyShipped(1)]
    const all = [shipped, part, paid, open, pending]
    await step.transact((trx) =>
      handleStockRejected(trx, all.map(step.shop.rejectedEvent), step.contextIn(0)),
    )
    expect(await step.statuses(...all)).toEqual([
      ['shipped', 'captured'],
      ['shipped', 'partly_captured'],
      ['cancelled', 'authorized'],
      ['cancelled', 'pending'],
      ['rejected', 'pending'],
    ])
    const voids = []
    for (const order of all) voids.push((await step.attempts(order)).filter(({ kind }) => kind === 'void'))
    expect(voids.map((some) => some.map(({ amount }) => amount))).toEqual([[], [2 * PRICE], [PRICE], [], []])
    expect((await step.shop.emitted(OrderCancelled, part.id)).map(({ data }) => data.lines)).toEqual([
      [{ sku: 'MUG', quantity: 2 }],
    ])
    expect(await step.shop.emitted(OrderCancelled, shipped.id)).toEqual([])
  })

  it('cancel nothing of a partly shipped order while another shipment is being paid', async () => {
    const order = await step.partlyShipped(3)
    await step.ship(order, 1)
    const reject = () =>
      step.transact((trx) => handleStockRejected(trx, [step.shop.rejectedEvent(order)], step.contextIn(0)))
    await expect(reject()).rejects.toThrow('under way')
    expect(await step.shop.emitted(OrderCancelled, order.id)).toEqual([])
    await step.succeed(order)
    await reject()
    expect((await step.shop.emitted(OrderCancelled, order.id)).map(({ data }) => data.lines)).toEqual([
      [{ sku: 'MUG', quantity: 1 }],
    ])
    expect(await step.money(order)).toMatchObject({ captured: 2 * PRICE })
  })

  it('cancel an unpaid order whose hold expired, but no paid one, and none after our own release', async () => {
    const [unpaid, paid, other] = [await step.reserved(), await step.confirmed(), await step.reserved()]
    const events = [
      step.shop.releasedEvent(other, 'cancelled'),
      step.shop.releasedEvent(paid, 'expired'),
      step.shop.releasedEvent(unpaid, 'expired'),
    ]
    await step.transact((trx) => handleStockReleased(trx, events, step.contextIn(0)))
    expect(await step.statuses(unpaid, paid, other)).toEqual([
      ['cancelled', 'pending'],
      ['confirmed', 'authorized'],
      ['reserved', 'pending'],
    ])
  })
})
