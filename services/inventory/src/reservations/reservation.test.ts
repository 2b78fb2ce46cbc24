import { expect, it } from 'vitest'
import { cancelHold, expireHold, linesOf, shipHold, type Reservation } from './reservation.ts'

type Cell = [sku: string, locationId: number, held: number]

const reservation = (...cells: Cell[]): Reservation => ({
  orderId: 'o',
  state: 'confirmed',
  lines: cells.map(([sku, locationId, held]) => ({
    orderId: 'o',
    sku,
    locationId,
    quantity: held,
    held,
    shipped: 0,
  })),
})
const cells = ({ lines }: Reservation) => lines.map(({ held, shipped }) => [held, shipped])

it('is committed once everything is shipped', () => {
  const order = reservation(['MUG', 1, 2], ['PAN', 1, 1])
  shipHold(order, [{ sku: 'MUG', quantity: 2 }])
  expect(order.state).toBe('confirmed')
  shipHold(order, [{ sku: 'PAN', quantity: 1 }])
  expect(order.state).toBe('committed')
})

it('ships nothing at all when a part of the shipment is not held', () => {
  const order = reservation(['MUG', 1, 2], ['PAN', 1, 1])
  const tooMuch = [
    { sku: 'MUG', quantity: 1 },
    { sku: 'PAN', quantity: 2 },
  ]
  expect(shipHold(order, tooMuch)).toBeNull()
  expect(cells(order)).toEqual([
    [2, 0],
    [1, 0],
  ])
})

it('ends the same whether the shipment or the cancellation of the rest comes first', () => {
  const shipped = [{ sku: 'MUG', quantity: 3 }]
  const rest = [{ sku: 'MUG', quantity: 2 }]
  const [first, second] = [
    reservation(['MUG', 1, 2], ['MUG', 2, 3]),
    reservation(['MUG', 1, 2], ['MUG', 2, 3]),
  ]

  shipHold(first, shipped)
  cancelHold(first, rest)
  cancelHold(second, rest)
  expect(second.state).toBe('confirmed')
  shipHold(second, shipped)

  expect(first).toEqual(second)
  expect(first.state).toBe('committed')
  expect(cells(first)).toEqual([
    [0, 2],
    [0, 1],
  ])
})

it('frees everything on a cancellation that names no lines', () => {
  const order = reservation(['MUG', 1, 2], ['PAN', 1, 1])
  expect(linesOf(cancelHold(order, []))).toHaveLength(2)
  expect(order.state).toBe('cancelled')
})

it('frees no more than is held', () => {
  expect(cancelHold(reservation(['MUG', 1, 2]), [{ sku: 'MUG', quantity: 9 }])).toMatchObject([
    { quantity: 2 },
  ])
})

it('frees everything when it expires, and leaves nothing to cancel', () => {
  const order = reservation(['MUG', 1, 2])
  expect(expireHold(order)).toHaveLength(1)
  expect(order.state).toBe('expired')
  expect(cancelHold(order, [{ sku: 'MUG', quantity: 2 }])).toEqual([])
  expect(order.state).toBe('cancelled')
})

it('returns one line per SKU for goods at several locations', () => {
  const allocations = [
    { sku: 'MUG', locationId: 1, quantity: 2 },
    { sku: 'MUG', locationId: 2, quantity: 1 },
  ]
  expect(linesOf(allocations)).toEqual([{ sku: 'MUG', quantity: 3 }])
})
