import { inTransaction } from '@storewright/database'
import { afterAll, beforeAll } from 'vitest'
import type { Trx } from '../src/database.ts'
import { createOrderNotifier } from '../src/order-notifier.ts'
import { createManualProvider, providersByName, type Outcome } from '../src/payments/provider.ts'
import { leaseAttempts, type Attempt } from '../src/payments/queries.ts'
import { recordOutcomes } from '../src/payments/record-outcomes.ts'
import { noQueue } from '../src/payments/attempt-queue.ts'
import { createPaymentStarter } from '../src/payments/start-payments.ts'
import { settleCapture } from '../src/shipments/finish-shipment.ts'
import { shipOrder } from '../src/shipments/ship-order.ts'
import { startOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

export const MINUTE = 60_000
/** What a MUG costs. */
export const PRICE = 1299
export const GOOD: Outcome = { result: 'succeeded', reference: 'ref' }
export const BAD: Outcome = { result: 'declined', reason: 'card-declined' }

/**
 * The service without workers: the test itself records what the provider answered and keeps the deadlines, so that
 * what is half finished stays so, and so that the test decides what comes in one batch.
 */
const startStepwise = async () => {
  const shop = await startOrder({ workers: false })
  const notifier = createOrderNotifier()
  const manual = createManualProvider()
  await shop.offer('MUG', { price: PRICE })
  shop.inventory.setStock({ MUG: 1_000_000 })

  const transact = <T>(work: (trx: Trx) => Promise<T>) => inTransaction(shop.db, work)
  /** The context of a step that is taken at some time. */
  const payments = createPaymentStarter(noQueue)
  const contextAt = (now: Date) => ({ now, notifier, payments, cartTtlDays: 30 })
  const contextIn = (minutes: number) => contextAt(new Date(Date.now() + minutes * MINUTE))

  /** The attempts of these orders that are due, in the sequence of the orders. */
  const lease = async (...orders: OrderBody[]): Promise<Attempt[]> => {
    const { now } = contextIn(0)
    // A lease that is over at once, so that the next call finds all that is still open.
    const due = await transact((trx) =>
      leaseAttempts(trx, { provider: 'sandbox', now, until: now, limit: 1_000 }),
    )
    return orders.flatMap(({ id }) => due.filter(({ orderId }) => orderId === id))
  }
  /** Records the answers in one batch. */
  const record = (...answers: [Attempt | undefined, Outcome][]) =>
    transact((trx) =>
      recordOutcomes(
        trx,
        answers.map(([attempt, outcome]) => ({ attempt: attempt!, outcome, again: new Date() })),
        { ...contextIn(0), settleCapture },
      ),
    )
  /** Whatever is due of these orders succeeds, in one batch. */
  const succeed = async (...orders: OrderBody[]) =>
    record(...(await lease(...orders)).map((attempt): [Attempt, Outcome] => [attempt, GOOD]))

  const reserved = async (quantity = 1) => {
    const order = await shop.place({ MUG: quantity })
    await shop.deliver(shop.reservedEvent(order))
    return order
  }
  const confirmed = async (quantity = 1) => {
    const order = await reserved(quantity)
    await succeed(order)
    return order
  }
  const ship = (order: OrderBody, quantity: number, { inParts = true } = {}) =>
    transact((trx) =>
      shipOrder(
        trx,
        {
          orderId: order.id,
          lines: [{ sku: 'MUG', quantity }],
          carrier: 'Post',
          trackingNumber: '1',
        },
        {
          ...contextIn(0),
          providers: providersByName([{ ...manual, name: 'sandbox', capturesInParts: inParts }]),
        },
      ),
    )

  return {
    shop,
    contextAt,
    contextIn,
    transact,
    lease,
    record,
    succeed,
    reserved,
    confirmed,
    ship,
    /** One MUG was shipped. */
    partlyShipped: async (quantity: number) => {
      const order = await confirmed(quantity)
      await ship(order, 1)
      await succeed(order)
      return order
    },
    /** The status of each order and of its payment. */
    statuses: async (...orders: OrderBody[]) => {
      const found = []
      for (const order of orders) {
        const { status, payment } = await shop.order(order)
        found.push([status, payment.status])
      }
      return found
    },
    attempts: (order: OrderBody) =>
      shop.db
        .selectFrom('payment_attempts')
        .select(['kind', 'state', 'amount_minor as amount'])
        .where('order_id', '=', order.id)
        .orderBy('id')
        .execute(),
    money: (order: OrderBody) =>
      shop.db
        .selectFrom('orders')
        .select(['authorized_minor as authorized', 'captured_minor as captured'])
        .where('id', '=', order.id)
        .executeTakeFirstOrThrow(),
  }
}

type Stepwise = Awaited<ReturnType<typeof startStepwise>>

/** One such service for all tests of a file. */
export const useStepwise = (): Stepwise => {
  const step = {} as Stepwise
  beforeAll(async () => {
    Object.assign(step, await startStepwise())
  })
  afterAll(() => step.shop.stop())
  return step
}
