import type { Db } from '../database.ts'
import { readOrders } from '../orders/read-orders.ts'
import { money } from '../pricing/totals.ts'
import { stepData } from '../timeline/timeline.ts'
import { listCartsOf, listPaymentsOf, listStepsOf } from './queries.ts'

/** Where a reading goes on: within the orders, newest first, or in the carts that come after them. */
export type Position =
  { type: 'order'; after: { placedAt: Date; id: string } | undefined } | { type: 'cart'; after: string }

interface Page {
  items: object[]
  next: Position | null
}

const readOrderPage = async (
  db: Db,
  userId: string,
  after: { placedAt: Date; id: string } | undefined,
  limit: number,
): Promise<Page> => {
  const everything = { status: undefined, from: undefined, to: undefined }
  const found = await readOrders(db, { userId, ...everything, after, limit: limit + 1 })
  const orders = found.slice(0, limit)
  const ids = orders.map(({ id }) => id)
  const [steps, payments] =
    ids.length > 0 ? await Promise.all([listStepsOf(db, ids), listPaymentsOf(db, ids)]) : [[], []]
  const stepsOf = Map.groupBy(steps, ({ orderId }) => orderId)
  const paymentsOf = Map.groupBy(payments, ({ orderId }) => orderId)
  const items = orders.map((order) => ({
    type: 'order',
    ...order,
    payments: (paymentsOf.get(order.id) ?? []).map(
      ({ orderId: _order, amountMinor, currency, createdAt, resolvedAt, ...payment }) => ({
        ...payment,
        amount: money(amountMinor, currency),
        createdAt: createdAt.toISOString(),
        resolvedAt: resolvedAt?.toISOString() ?? null,
      }),
    ),
    timeline: (stepsOf.get(order.id) ?? []).map(({ orderId: _order, at, data, ...step }) => ({
      at: at.toISOString(),
      ...step,
      data: stepData(data),
    })),
  }))
  const last = orders.at(-1)
  return {
    items,
    next:
      found.length > limit && last
        ? { type: 'order', after: { placedAt: new Date(last.placedAt), id: last.id } }
        : { type: 'cart', after: '' },
  }
}

const readCartPage = async (db: Db, userId: string, after: string, limit: number): Promise<Page> => {
  const found = await listCartsOf(db, { userId, after, limit: limit + 1 })
  const carts = found.slice(0, limit)
  const last = carts.at(-1)
  return {
    items: carts.map(({ createdAt, updatedAt, lines, ...cart }) => ({
      type: 'cart',
      ...cart,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
      items: lines.map(({ sku, quantity }) => ({ sku, quantity })),
    })),
    next: found.length > limit && last ? { type: 'cart', after: last.id } : null,
  }
}

/** One page of all that is kept about a person: their orders, then their carts. */
export const readPersonalData = (db: Db, userId: string, position: Position, limit: number): Promise<Page> =>
  position.type === 'order'
    ? readOrderPage(db, userId, position.after, limit)
    : readCartPage(db, userId, position.after, limit)
