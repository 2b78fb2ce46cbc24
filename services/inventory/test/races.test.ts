import { StockRejected, StockReleased, StockReserved, type EventContract } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { reserveStock } from '../src/reservations/reserve-stock.ts'
import { expireAllOverdue } from '../src/reservations/expire-reservations.ts'
import { startInventory, type Inventory } from './harness.ts'
import { expectStockAddsUp } from './invariants.ts'
import { anOrder } from './orders.ts'

let inventory: Inventory
let sku: string
let count = 0

const outcomes = async (orderIds: string[]) => {
  const ids = new Set(orderIds)
  const of = async (contract: EventContract) =>
    (await inventory.emitted(contract)).filter(({ data }) => ids.has(data['orderId'] as string)).length
  return { reserved: await of(StockReserved), rejected: await of(StockRejected) }
}
const some = (howMany: number, wanted: () => Record<string, number>) =>
  Array.from({ length: howMany }, () => anOrder(wanted()))

beforeAll(async () => {
  inventory = await startInventory()
})
afterAll(() => inventory.stop())
beforeEach(() => {
  sku = `HOT-${++count}`
})
afterEach(() => expectStockAddsUp(inventory.db))

describe('200 orders for the last 50 units', () => {
  const expectExactly50 = async (orderIds: string[]) => {
    expect(await outcomes(orderIds)).toEqual({ reserved: 50, rejected: 150 })
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 50, reserved: 50, available: 0 })
  }

  it('end with 50 holds when they come in one batch', async () => {
    await inventory.setStock({ [sku]: 50 })
    const orders = some(200, () => ({ [sku]: 1 }))
    const events = orders.map((order) => order.placed())
    await inTransaction(inventory.db, (trx) => reserveStock(trx, events, inventory.settings))
    await expectExactly50(orders.map(({ orderId }) => orderId))
  })

  it('end with 50 holds in 200 transactions at once', async () => {
    await inventory.setStock({ [sku]: 50 })
    const orders = some(200, () => ({ [sku]: 1 }))
    await Promise.all(
      orders.map((order) =>
        inTransaction(inventory.db, (trx) => reserveStock(trx, [order.placed()], inventory.settings)),
      ),
    )
    await expectExactly50(orders.map(({ orderId }) => orderId))
  })

  it('end with 50 holds through three replicas on one queue', async () => {
    await inventory.setStock({ [sku]: 50 })
    await inventory.startReplica()
    await inventory.startReplica()
    const orders = some(200, () => ({ [sku]: 1 }))
    await inventory.deliverAll(orders.map((order) => order.placed()))
    await expectExactly50(orders.map(({ orderId }) => orderId))
  })
})

it('orders that share SKUs in any order neither deadlock for good nor reserve in part', async () => {
  const skus = Array.from({ length: 20 }, (_, index) => `${sku}-${index}`)
  await inventory.setStock(Object.fromEntries(skus.map((each) => [each, 30])))
  const orders = some(200, () =>
    Object.fromEntries(
      Array.from({ length: 4 }, () => [skus[Math.floor(Math.random() * skus.length)] ?? sku, 1] as const),
    ),
  )
  await Promise.all(
    Array.from({ length: 20 }, (_, slice) => {
      const events = orders.slice(slice * 10, slice * 10 + 10).map((order) => order.placed())
      return inTransaction(inventory.db, (trx) => reserveStock(trx, events, inventory.settings))
    }),
  )
  const { reserved, rejected } = await outcomes(orders.map(({ orderId }) => orderId))
  expect(reserved + rejected).toBe(200)
})

it('adjustments that race with orders never take reserved stock', async () => {
  await inventory.setStock({ [sku]: 60 })
  const orders = some(60, () => ({ [sku]: 1 }))
  const [answers] = await Promise.all([
    Promise.all(Array.from({ length: 40 }, () => inventory.adjust(sku, -1))),
    inventory.deliverAll(orders.map((order) => order.placed())),
  ])
  const adjusted = answers.filter(({ status }) => status === 200).length
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  const { reserved, rejected } = await outcomes(orders.map(({ orderId }) => orderId))
  expect(reserved + rejected).toBe(60)
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 60 - adjusted, reserved })
})

it('the same adjustment sent 20 times at once with one key moves stock once', async () => {
  await inventory.setStock({ [sku]: 5 })
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => inventory.adjust(sku, 7, `key-of-${sku}`)),
  )
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19)
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 12 })
})

it('a confirmation that races with the expiry ends with the order holding its stock', async () => {
  await inventory.setStock({ [sku]: 40 })
  const orders = some(40, () => ({ [sku]: 1 }))
  await inventory.deliverAll(orders.map((order) => order.placed()))
  inventory.pass(2 * 86_400_000)
  await Promise.all([
    inventory.deliverAll(orders.map((order) => order.confirmed())),
    ...Array.from({ length: 5 }, () => expireAllOverdue(inventory.db, inventory.settings)),
  ])
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 40, reserved: 40 })
})

it('two expiry jobs at once expire each hold once', async () => {
  await inventory.setStock({ [sku]: 300 })
  const orders = some(300, () => ({ [sku]: 1 }))
  const events = orders.map((order) => order.placed())
  await inTransaction(inventory.db, (trx) => reserveStock(trx, events, inventory.settings))
  inventory.pass(2 * 86_400_000)
  await Promise.all(Array.from({ length: 4 }, () => expireAllOverdue(inventory.db, inventory.settings)))
  const ids = new Set(orders.map(({ orderId }) => orderId))
  const released = (await inventory.emitted(StockReleased)).filter(({ data }) => ids.has(data.orderId))
  expect(released).toHaveLength(300)
  expect(await inventory.stock(sku)).toMatchObject({ available: 300, reserved: 0 })
})

it('an order and its cancellation end with nothing reserved in either order', async () => {
  await inventory.setStock({ [sku]: 100 })
  const orders = some(60, () => ({ [sku]: 1 }))
  await inventory.deliverAll(
    orders.flatMap((order, index) =>
      index % 2 === 0 ? [order.placed(), order.cancelled()] : [order.cancelled(), order.placed()],
    ),
  )
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 100, reserved: 0 })
})

it('a shipment and the cancellation of the rest end the same in either order', async () => {
  await inventory.setStock({ [sku]: 90 })
  const orders = some(30, () => ({ [sku]: 3 }))
  await inventory.deliverAll(orders.map((order) => order.placed()))
  await inventory.deliverAll(
    orders.flatMap((order) => [
      order.shipped({ [sku]: 1 }),
      order.confirmed(),
      order.cancelled({ [sku]: 2 }),
    ]),
  )
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 60, reserved: 0 })
})

it('the same stocktake imported several times at once is applied once', async () => {
  const skus = Array.from({ length: 300 }, (_, index) => `${sku}-${index}`)
  for (const each of skus) inventory.catalog.skus.add(each)
  const csv = `sku,onHand\n${skus.map((each) => `${each},7`).join('\n')}\n`
  const reports = await Promise.all(Array.from({ length: 4 }, () => inventory.importCsv(csv)))
  const sum = (field: string) => reports.reduce((total, { body }) => total + Number(body[field]), 0)
  expect([sum('created'), sum('updated'), sum('unchanged'), sum('rejectedCount')]).toEqual([300, 0, 900, 0])
  expect(await inventory.stock(`${sku}-299`)).toMatchObject({ onHand: 7 })
})

it('stocktakes that race with orders are refused below the reserved quantity', async () => {
  await inventory.setStock({ [sku]: 50 })
  const orders = some(50, () => ({ [sku]: 1 }))
  const [, ...reports] = await Promise.all([
    inventory.deliverAll(orders.map((order) => order.placed())),
    ...[20, 40, 10, 30].map((onHand) => inventory.importCsv(`sku,onHand\n${sku},${onHand}\n`)),
  ])
  expect(reports.every(({ status }) => status === 200)).toBe(true)
})
