import fc from 'fast-check'
import { expect, it } from 'vitest'
import { anyHistory, createWorld, endOf, expectedEnd, play, type World } from './histories.ts'
import type { StockLevel } from '../src/stock/stock.ts'

const HISTORIES = 5_000
const AMPLE = 100
const SCARCE = 2

it('ends the same with ample stock, in whatever order and however often the events of orders come', () =>
  fc.assert(
    fc.property(anyHistory, ({ plans, steps }) => {
      const world = createWorld(AMPLE)
      expect(play(world, steps)).toEqual([])
      expect(endOf(world)).toEqual(expectedEnd(plans, AMPLE))
    }),
    { numRuns: HISTORIES },
  ))

const sumOf = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0)

const requireInvariants = ({ levels, reservations, movements }: World, wanted: readonly number[]) => {
  const lines = [...reservations.values()].flatMap((reservation) => reservation.lines)
  const ofLevel = <T extends { sku: string; locationId: number }>(
    rows: T[],
    { sku, locationId }: StockLevel,
  ) => rows.filter((row) => row.sku === sku && row.locationId === locationId)
  for (const level of levels()) {
    const moved = ofLevel(movements, level)
    const broken =
      level.reserved < 0 ||
      level.reserved > level.onHand ||
      level.reserved !== sumOf(ofLevel(lines, level).map(({ held }) => held)) ||
      level.onHand !== SCARCE + sumOf(moved.map(({ delta }) => delta)) ||
      level.onHand !== (moved.at(-1)?.balance ?? SCARCE)
    if (broken) throw new Error(`${level.sku} at ${level.locationId} does not add up`)
  }
  for (const [order, { state, lines: of }] of reservations) {
    const had = sumOf(of.map(({ held, shipped }) => held + shipped))
    if (had > (state === 'rejected' ? 0 : wanted[order]!))
      throw new Error(`order ${order} is ${state} with ${had} of ${wanted[order]}`)
    const isOver = state !== 'held' && state !== 'confirmed'
    if (isOver && of.some(({ held }) => held > 0))
      throw new Error(`order ${order} holds stock and is ${state}`)
  }
}

it('keeps every invariant at every step where stock is scarce', () =>
  fc.assert(
    fc.property(anyHistory, ({ plans, steps }) => {
      const world = createWorld(SCARCE)
      const wanted = plans.map(({ units }) => units.length)
      play(world, steps, () => requireInvariants(world, wanted))
    }),
    { numRuns: HISTORIES },
  ))
