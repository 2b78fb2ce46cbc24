import { OrderCancelled, OrderPlaced } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { anEvent } from '@storewright/testing'
import { expect, it } from 'vitest'
import { recordPlacedOrders } from '../src/audit-log/record-orders.ts'
import { setUpUser } from './harness.ts'

const user = setUpUser()

const zero = { amount: 0, currency: 'GBP' }
const rest = { discount: zero, tax: zero, total: zero }
const placed = (userId: string | null, orderId: string) =>
  anEvent(OrderPlaced, {
    orderId,
    number: 'SW-100042',
    userId,
    country: 'GB',
    lines: [{ lineId: newId(), sku: 'MUG', name: 'Mug', quantity: 1, unitPrice: zero, ...rest }],
    totals: { subtotal: zero, discount: zero, shipping: zero, tax: zero, total: zero },
    placedAt: new Date().toISOString(),
  })
const cancelled = (userId: string | null | undefined, orderId: string) =>
  anEvent(OrderCancelled, {
    orderId,
    reason: 'expired',
    by: 'system',
    lines: [],
    number: 'SW-100042',
    ...(userId === undefined ? {} : { userId }),
  })
const timeline = async (token: string) => {
  const { body } = await user.get<{ items: { type: string; details: unknown }[] }>('/v1/me/activity', token)
  return body.items.filter(({ type }) => type.startsWith('order-'))
}

it.each([['in order'], ['in the wrong order']])(
  'orders are on their customer’s timeline, delivered %s',
  async (how) => {
    const { body } = await user.register()
    const [userId, orderId] = [body.user.id, newId()]
    const events = [placed(userId, orderId), cancelled(userId, orderId)]
    for (const event of how === 'in order' ? events : events.toReversed())
      expect(await user.deliver(event)).toBe('applied')

    const items = await timeline(body.tokens.accessToken)
    expect(items.map(({ type }) => type).sort()).toEqual(['order-cancelled', 'order-placed'])
    for (const { details } of items) expect(details).toMatchObject({ orderId, number: 'SW-100042' })
  },
)

it('is not recorded when it is repeated for those who keep copies', async () => {
  const { body } = await user.register()
  for (const event of [placed(body.user.id, newId()), cancelled(body.user.id, newId())])
    await user.deliver({ ...event, replay: true })
  expect(await timeline(body.tokens.accessToken)).toEqual([])
})

it('is recorded once, however often it is delivered', async () => {
  const { body } = await user.register()
  for (const event of [placed(body.user.id, newId()), cancelled(body.user.id, newId())]) {
    await user.deliver(event)
    await user.deliver(event)
    // Also long after the inbox forgot it.
    await user.db
      .deleteFrom('inbox' as never)
      .where('event_id' as never, '=', event.id as never)
      .execute()
    await user.deliver(event)
  }
  expect(await timeline(body.tokens.accessToken)).toHaveLength(2)
})

it('passes by guests, strangers and orders of nobody known', async () => {
  const before = await user.db.selectFrom('activity').select('id').execute()
  for (const event of [
    placed(null, newId()),
    placed(newId(), newId()),
    cancelled(null, newId()),
    cancelled(undefined, newId()),
    cancelled(newId(), newId()),
  ])
    expect(await user.deliver(event)).toBe('applied')
  expect(await user.db.selectFrom('activity').select('id').execute()).toEqual(before)
})

it('records of a mixed batch only the orders of active accounts', async () => {
  const [active, erased] = [(await user.register()).body.user.id, (await user.register()).body.user.id]
  await user.db.updateTable('users').set({ status: 'erased' }).where('id', '=', erased).execute()
  const batch = [
    placed(erased, newId()),
    placed(active, newId()),
    placed(null, newId()),
    placed(newId(), newId()),
  ]
  const recorded = async () => {
    const rows = await user.db
      .selectFrom('activity')
      .select('user_id')
      .where(
        'id',
        'in',
        batch.map(({ id }) => id),
      )
      .execute()
    return rows.map((row) => row.user_id)
  }
  await inTransaction(user.db, (trx) => recordPlacedOrders(trx, batch))
  expect(await recorded()).toEqual([active])
  // The same events again, of which some are recorded already.
  await inTransaction(user.db, (trx) => recordPlacedOrders(trx, batch.toReversed()))
  expect(await recorded()).toEqual([active])
})
