import { PaymentFailed, PaymentVoided } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { createManualProvider, type Outcome } from '../src/payments/provider.ts'
import { useOrder } from './harness.ts'
import type { OrderBody } from './shapes.ts'

const never = () => new Promise<never>(() => undefined)
const manual = createManualProvider()
const hanging = { aborted: 0, asked: 0 }
const broken = { answer: (): Promise<Outcome> => Promise.reject(new Error('the line is dead')), voids: 0 }

const shop = useOrder(
  { MUG: 1299 },
  {
    env: { PAYMENT_LEASE_MS: '1000', PAYMENT_CONCURRENCY: '2' },
    providers: [
      {
        ...manual,
        name: 'hanging',
        authorize: ({ signal }) => {
          hanging.asked += 1
          signal.addEventListener('abort', () => (hanging.aborted += 1))
          return never()
        },
        find: never,
      },
      {
        ...manual,
        name: 'broken',
        authorize: () => broken.answer(),
        void: () => {
          broken.voids += 1
          return broken.answer()
        },
        find: () => Promise.resolve(null),
      },
    ],
  },
)

const placeBy = (provider: string) =>
  shop.place({ MUG: 1 }, { more: { payment: { provider, token: 'tok_ok' } } })
const reservedBy = async (...providers: string[]) => {
  const orders: OrderBody[] = []
  for (const provider of providers) orders.push(await placeBy(provider))
  await shop.deliverAll(orders.map(shop.reservedEvent))
  return orders
}
const attemptsOf = (order: OrderBody) =>
  shop.db
    .selectFrom('payment_attempts')
    .select(['id', 'kind', 'state', 'tries', 'stuck_at as stuckAt', 'token'])
    .where('order_id', '=', order.id)
    .orderBy('id')
    .execute()
const tryAgain = async (order: OrderBody, tries: number) => {
  const { id } = (await attemptsOf(order)).at(-1)!
  const again = { tries, due_at: new Date(0) }
  await shop.db.updateTable('payment_attempts').set(again).where('id', '=', id).execute()
}
const lastAttempt = (order: OrderBody) => async () => (await attemptsOf(order)).at(-1)

describe('a payment provider that hangs', () => {
  it('holds up no payment of another provider, and its calls are aborted at their time-out', async () => {
    const [, , third, other] = await reservedBy('hanging', 'hanging', 'hanging', 'sandbox')
    await shop.until(other!, 'confirmed')
    expect(hanging.asked).toBe(2)
    expect(await shop.order(third!)).toMatchObject({ status: 'reserved' })
    await expect.poll(() => hanging.aborted).toBeGreaterThanOrEqual(2)
  })
})

describe('a payment that the provider never answers', () => {
  it('ends after some tries as declined, can be paid otherwise, and what may have come of it is withdrawn', async () => {
    const [order] = (await reservedBy('broken')) as [OrderBody]
    await expect.poll(lastAttempt(order)).toMatchObject({ state: 'open', tries: 1 })
    await tryAgain(order, 7)
    expect(await shop.until(order, 'awaiting_payment')).toMatchObject({
      payment: { status: 'declined', reason: 'provider-unavailable' },
    })
    expect((await shop.emitted(PaymentFailed, order.id)).map(({ data }) => data)).toMatchObject([
      { kind: 'authorize', reason: 'provider-unavailable' },
    ])
    expect((await attemptsOf(order)).map(({ kind, state, token }) => [kind, state, token])).toEqual([
      ['authorize', 'failed', null],
      ['cancel', 'open', null],
    ])
    await tryAgain(order, 0)
    await expect.poll(lastAttempt(order)).toMatchObject({ kind: 'cancel', state: 'succeeded' })
    expect((await attemptsOf(order))[0]).toMatchObject({ state: 'voided', stuckAt: null })
    await shop.pay(order, 'tok_ok')
    await shop.until(order, 'confirmed')
  })

  it('holds up no other outcome of its batch where its answer cannot be recorded', async () => {
    broken.answer = () => Promise.resolve({ result: 'declined', reason: Object } as unknown as Outcome)
    const [odd, ...others] = (await reservedBy('broken', 'sandbox', 'sandbox', 'sandbox')) as [OrderBody]
    for (const order of others) await shop.until(order, 'confirmed')
    expect(await shop.order(odd)).toMatchObject({ status: 'reserved' })
    await expect.poll(lastAttempt(odd)).toMatchObject({ state: 'open', tries: 1 })
  })
})

it('tries a refused void until it succeeds, and reports once that it was refused', async () => {
  broken.answer = () => Promise.resolve({ result: 'succeeded', reference: 'r' })
  const [order] = (await reservedBy('broken')) as [OrderBody]
  await shop.until(order, 'confirmed')
  broken.answer = () => Promise.resolve({ result: 'declined', reason: 'not-now' })
  await shop.cancel(order)
  await expect
    .poll(lastAttempt(order))
    .toMatchObject({ kind: 'void', state: 'open', stuckAt: expect.any(Date) })
  const earlier = broken.voids
  await tryAgain(order, 1)
  await expect.poll(() => broken.voids).toBeGreaterThan(earlier)
  expect(await shop.order(order)).toMatchObject({ status: 'cancelled', payment: { status: 'authorized' } })
  broken.answer = () => Promise.resolve({ result: 'succeeded', reference: 'r' })
  await expect.poll(lastAttempt(order)).toMatchObject({ state: 'open' })
  await tryAgain(order, 2)
  await expect.poll(async () => (await shop.order(order)).payment.status).toBe('voided')
  expect(await lastAttempt(order)()).toMatchObject({ state: 'succeeded', stuckAt: null })
  const failures = await shop.emitted(PaymentFailed, order.id)
  expect(failures.map(({ data }) => [data.kind, data.reason])).toEqual([['void', 'not-now']])
  expect(await shop.emitted(PaymentVoided, order.id)).toHaveLength(1)
})
