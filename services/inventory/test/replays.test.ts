import { StockReserved, StockStatusChanged, type Envelope } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settingsFrom } from '../src/config.ts'
import { orderSubscriptions } from '../src/consumers.ts'
import { expireReservations } from '../src/reservations/cancel-reservations.ts'
import { statusRebuilder } from '../src/stock/repeat-statuses.ts'
import { setUpInventory } from './harness.ts'
import { anyHistory, createWorld, endOf, type History, type Step } from './histories.ts'
import { auditBreaches } from './invariants.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const repeat = (page: { after: string; limit: number; skus: string[] | null }) =>
  inTransaction(inventory.db, (trx) =>
    statusRebuilder(settingsFrom(inventory.config, inventory.clock)).emitPage(trx, page),
  )

it('emits the status of every SKU once more, with the number of its last event', async () => {
  const full = await inventory.stocked(50)
  const split = await inventory.stocked(1)
  await inventory.setStock({ [split]: 2 }, 'annex')
  const empty = await inventory.stocked(0)
  const before = await inventory.emitted(StockStatusChanged)
  const skus = [full, split, empty].sort()

  const first = await repeat({ after: '', limit: 2, skus })
  expect([...first, ...(await repeat({ after: first[1]!, limit: 2, skus }))]).toEqual(skus)
  const repeated = (await inventory.emitted(StockStatusChanged)).slice(before.length)
  const shown = new Map(repeated.map((event) => [event.subject, event]))
  expect(shown.get(full)).toMatchObject({ replay: true, data: { status: 'in_stock', available: 50 } })
  expect(shown.get(split)).toMatchObject({ replay: true, data: { status: 'low_stock', available: 3 } })
  expect(shown.get(empty)).toMatchObject({ replay: true, data: { status: 'out_of_stock', available: 0 } })
  // The receipts took the first numbers; a SKU that never emitted anything begins with its repeat.
  await inventory.adjust(full, -50)
  const [sold] = (await inventory.emitted(StockStatusChanged, full)).slice(-1)
  expect(sold?.aggregateVersion).toBeGreaterThan(shown.get(full)?.aggregateVersion ?? Infinity)
})

it('reserves nothing for an order that is repeated', async () => {
  const sku = await inventory.stocked(5)
  const order = anOrder({ [sku]: 2 })
  await inventory.deliver({ ...order.placed(), replay: true })
  expect(await inventory.stock(sku)).toMatchObject({ available: 5 })
  expect(await inventory.emitted(StockReserved, order.orderId)).toEqual([])
  await inventory.deliver(order.placed())
  expect(await inventory.stock(sku)).toMatchObject({ available: 3 })
})

describe('generated histories of orders, delivered in random order and repeatedly', () => {
  const settings = () => settingsFrom(inventory.config, inventory.clock)

  /** A history on SKUs and with orders of its own, beside what the pure rules make of it. */
  const start = ({ plans, steps }: History, onHand: number) => {
    const prefix = inventory.nextSku()
    const named = <Line extends { sku: string }>(lines: Line[]) =>
      lines.map((line) => ({ ...line, sku: `${prefix}-${line.sku}` }))
    const orders = plans.map((_, order) => ({
      ...anOrder(named(steps.find((step) => step.order === order && step.kind === 'placed')!.lines)),
      shipments: [newId(), newId()],
    }))
    const eventOf = ({ order, kind, lines, shipment }: Step): Envelope | null => {
      const { placed, confirmed, cancelled, shipped, shipments } = orders[order]!
      if (kind === 'placed') return placed()
      if (kind === 'confirmed') return confirmed()
      if (kind === 'cancelled') return cancelled(named(lines))
      return kind === 'shipped' ? shipped(named(lines), shipments[shipment]) : null
    }
    return {
      prefix,
      onHand,
      orders,
      eventOf,
      world: createWorld(onHand),
      waiting: [...steps],
      late: [] as Step[],
    }
  }
  type Running = ReturnType<typeof start>

  const apply = (events: readonly Envelope[]) =>
    inTransaction(inventory.db, async (trx) => {
      for (const { contract, handle } of orderSubscriptions(settings())) {
        const some = events.filter(({ type }) => type === contract.type)
        if (some.length > 0) await handle(trx, some)
      }
    })
  const expire = async (orderIds: string[]) => {
    if (orderIds.length === 0) return
    await inventory.endHolds(orderIds)
    const which = { limit: orderIds.length, orderIds }
    await inTransaction(inventory.db, (trx) => expireReservations(trx, settings(), which))
  }

  /** One step of each history, together in one transaction; returns the events that fail: they are refused alone. */
  const advance = async (histories: readonly Running[]) => {
    const events: Envelope[] = []
    const failing: Envelope[] = []
    const over: string[] = []
    for (const { world, waiting, late, orders, eventOf } of histories) {
      const step = waiting.shift() ?? late.shift()
      if (!step) continue
      const event = eventOf(step)
      const outcome = world.apply(step)
      if (outcome === 'applied' && event) events.push(event)
      if (outcome === 'applied' && !event) over.push(orders[step.order]!.orderId)
      if (outcome !== 'failed') continue
      if (event) failing.push(event)
      if (waiting.length > 0) late.push(step)
    }
    await apply(events)
    await expire(over)
    return failing
  }

  const bySku = <Row extends { sku: string }>(rows: Row[], skus: string[]) =>
    rows.filter(({ sku }) => skus.includes(sku)).map((row) => ({ ...row, sku: row.sku.slice(-1) }))

  /** How each history ended in the database, read at once. */
  const readEnds = async (histories: readonly Running[]): Promise<ReturnType<typeof endOf>[]> => {
    const { db } = inventory
    const levels = await db
      .selectFrom('stock')
      .select(['sku', 'location_id as locationId', 'on_hand as onHand', 'reserved'])
      .orderBy('sku')
      .orderBy('location_id')
      .execute()
    const states = await db.selectFrom('reservations').select(['order_id as orderId', 'state']).execute()
    const stateOf = new Map(states.map(({ orderId, state }) => [orderId, state]))
    const lines = await db
      .selectFrom('reservation_lines')
      .select(['order_id as orderId', 'sku', 'location_id as locationId', 'held', 'shipped'])
      .where((eb) => eb(eb('held', '+', eb.ref('shipped')), '>', 0))
      .orderBy('sku')
      .orderBy('location_id')
      .execute()
    const sales = await db.selectFrom('movements').selectAll().where('kind', '=', 'sale').execute()
    return histories.map(({ prefix, orders }) => {
      const skus = ['A', 'B'].map((sku) => `${prefix}-${sku}`)
      const numbers = new Map(
        orders.flatMap(({ shipments }, order) => shipments.map((id, number) => [id, `${order}/${number}`])),
      )
      return {
        levels: bySku(levels, skus),
        orders: orders.map(({ orderId: id }) => ({
          state: stateOf.get(id)!,
          lines: bySku(lines, skus).flatMap(({ orderId, ...line }) => (orderId === id ? [line] : [])),
        })),
        sales: bySku(sales, skus)
          .map((row) => `${numbers.get(row.shipment_id!)} ${row.sku}@${row.location_id} ${row.delta}`)
          .sort(),
      }
    })
  }

  it('end as by the pure rules, with ample and with scarce stock, and keep every invariant at every step', async () => {
    const histories = [100, 2].flatMap((onHand) =>
      fc.sample(anyHistory, 100).map((history) => start(history, onHand)),
    )
    const counts = Object.fromEntries(
      histories.flatMap(({ prefix, onHand }) => ['A', 'B'].map((sku) => [`${prefix}-${sku}`, onHand])),
    )
    await inventory.setStock(counts)
    await inventory.setStock(counts, 'annex')

    let refused = 0
    while (histories.some(({ waiting, late }) => waiting.length + late.length > 0)) {
      const [failing] = await advance(histories)
      if (failing && ++refused <= 5) await expect(apply([failing])).rejects.toThrow('is more than order')
      expect(await auditBreaches(inventory.db)).toEqual([])
    }
    expect(await readEnds(histories)).toEqual(histories.map(({ world }) => endOf(world)))
  })
})
