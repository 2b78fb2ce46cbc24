import { StockRejected, StockReleased, StockReserved, type EventContract } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory()

type Order = ReturnType<typeof anOrder>

/** How many events about these orders were emitted. */
const countEmitted = async (contract: EventContract, orders: readonly Order[]) => {
  const ids = new Set(orders.map(({ orderId }) => orderId))
  return (await inventory.emitted(contract)).filter(({ subject }) => ids.has(subject)).length
}
const outcomes = async (orders: readonly Order[]) => ({
  reserved: await countEmitted(StockReserved, orders),
  rejected: await countEmitted(StockRejected, orders),
})
const some = (howMany: number, wanted: () => Record<string, number>) =>
  Array.from({ length: howMany }, () => anOrder(wanted()))
const placed = (orders: readonly Order[]) => orders.map((order) => order.placed())
const timesAtOnce = <T>(count: number, act: () => Promise<T>) =>
  Promise.all(Array.from({ length: count }, act))

describe('200 orders for the last 50 units', () => {
  it.each<[string, (orders: Order[]) => Promise<unknown>]>([
    ['in one batch', (orders) => inventory.reserve(placed(orders))],
    [
      'in 200 transactions at once',
      (orders) => Promise.all(orders.map((order) => inventory.reserve([order.placed()]))),
    ],
    [
      'through three replicas on one queue',
      async (orders) => {
        await inventory.startReplica()
        await inventory.startReplica()
        await inventory.deliverAll(placed(orders))
      },
    ],
  ])('end with 50 holds when they are decided %s', async (_how, decide) => {
    const sku = await inventory.stocked(50)
    const orders = some(200, () => ({ [sku]: 1 }))
    await decide(orders)
    expect(await outcomes(orders)).toEqual({ reserved: 50, rejected: 150 })
    expect(await inventory.stock(sku)).toMatchObject({ onHand: 50, reserved: 50, available: 0 })
  })
})

it('orders that share SKUs in any order neither deadlock for good nor reserve in part', async () => {
  const sku = inventory.nextSku()
  const skus = Array.from({ length: 20 }, (_, index) => `${sku}-${index}`)
  await inventory.setStock(Object.fromEntries(skus.map((each) => [each, 30])))
  const orders = some(200, () =>
    Object.fromEntries(
      Array.from({ length: 4 }, () => [skus[Math.floor(Math.random() * skus.length)] ?? sku, 1] as const),
    ),
  )
  await Promise.all(
    Array.from({ length: 20 }, (_, slice) =>
      inventory.reserve(placed(orders.slice(slice * 10, slice * 10 + 10))),
    ),
  )
  const { reserved, rejected } = await outcomes(orders)
  expect(reserved + rejected).toBe(200)
})

it('adjustments that race with orders never take reserved stock', async () => {
  const sku = await inventory.stocked(60)
  const orders = some(60, () => ({ [sku]: 1 }))
  const [answers] = await Promise.all([
    timesAtOnce(40, () => inventory.adjust(sku, -1)),
    inventory.deliverAll(placed(orders)),
  ])
  const adjusted = answers.filter(({ status }) => status === 200).length
  expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true)
  const { reserved, rejected } = await outcomes(orders)
  expect(reserved + rejected).toBe(60)
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 60 - adjusted, reserved })
})

it('the same adjustment sent 20 times at once with one key moves stock once', async () => {
  const sku = await inventory.stocked(5)
  const answers = await timesAtOnce(20, () => inventory.adjust(sku, 7, `key-of-${sku}`))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(19)
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 12 })
})

it('a confirmation that races with the expiry ends with the order holding its stock', async () => {
  const sku = await inventory.stocked(40)
  const orders = some(40, () => ({ [sku]: 1 }))
  await inventory.deliverAll(placed(orders))
  await inventory.endHolds()
  await Promise.all([
    inventory.deliverAll(orders.map((order) => order.confirmed())),
    timesAtOnce(5, () => inventory.expireOverdue()),
  ])
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 40, reserved: 40 })
})

it('two expiry jobs at once expire each hold once', async () => {
  const sku = await inventory.stocked(300)
  const orders = some(300, () => ({ [sku]: 1 }))
  await inventory.reserve(placed(orders))
  await inventory.endHolds()
  await timesAtOnce(4, () => inventory.expireOverdue())
  expect(await countEmitted(StockReleased, orders)).toBe(300)
  expect(await inventory.stock(sku)).toMatchObject({ available: 300, reserved: 0 })
})

it('an order and its cancellation end with nothing reserved in either order', async () => {
  const sku = await inventory.stocked(100)
  const orders = some(60, () => ({ [sku]: 1 }))
  await inventory.deliverAll(
    orders.flatMap((order, index) =>
      index % 2 === 0 ? [order.placed(), order.cancelled()] : [order.cancelled(), order.placed()],
    ),
  )
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 100, reserved: 0 })
})

it('a shipment and the cancellation of the rest end the same in either order', async () => {
  const sku = await inventory.stocked(90)
  const orders = some(30, () => ({ [sku]: 3 }))
  await inventory.deliverAll(placed(orders))
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
  const sku = inventory.nextSku()
  const skus = Array.from({ length: 300 }, (_, index) => `${sku}-${index}`)
  for (const each of skus) inventory.catalog.skus.add(each)
  const csv = `sku,onHand\n${skus.map((each) => `${each},7`).join('\n')}\n`
  const reports = await timesAtOnce(4, () => inventory.importCsv(csv))
  const sum = (field: string) => reports.reduce((total, { body }) => total + Number(body[field]), 0)
  expect([sum('created'), sum('updated'), sum('unchanged'), sum('rejectedCount')]).toEqual([300, 0, 900, 0])
  expect(await inventory.stock(`${sku}-299`)).toMatchObject({ onHand: 7 })
})

it('stocktakes that race with orders are refused below the reserved quantity', async () => {
  const sku = await inventory.stocked(50)
  const orders = some(50, () => ({ [sku]: 1 }))
  const [, ...reports] = await Promise.all([
    inventory.deliverAll(placed(orders)),
    ...[20, 40, 10, 30].map((onHand) => inventory.importCsv(`sku,onHand\n${sku},${onHand}\n`)),
  ])
  expect(reports.every(({ status }) => status === 200)).toBe(true)
})
