import type { SkuQuantity } from '@storewright/contracts'
import fc from 'fast-check'
import { allocate } from '../src/reservations/allocate.ts'
import {
  CANCELLED_EARLY,
  cancelHold,
  cancelledEarly,
  expireHold,
  shipHold,
  stillWanted,
  type Reservation,
} from '../src/reservations/reservation.ts'
import { emptyLevel } from '../src/stock/low-stock.ts'
import { Stock, sumPerSku } from '../src/stock/stock.ts'

export interface Step {
  /** The same where an event is delivered again; another one where it is emitted again. */
  id: string
  order: number
  kind: 'placed' | 'confirmed' | 'shipped' | 'cancelled' | 'expired'
  lines: SkuQuantity[]
  shipment: number
}
type Units = { sku: string; fate: number }[]
interface Plan {
  units: Units
  isConfirmed: boolean
  restIsCancelled: boolean
  expires: boolean
  again: number[]
}
export interface History {
  plans: Plan[]
  steps: Step[]
}

const SKUS = ['A', 'B']
const LOCATIONS = [1, 2]
const STAYS = 2

const linesOf = (units: Units): SkuQuantity[] =>
  [...sumPerSku(units.map(({ sku }) => ({ sku, quantity: 1 })))].map(([sku, quantity]) => ({ sku, quantity }))

/** The units of each shipment, and those that stay. */
const partsOf = ({ units, isConfirmed }: Plan) => ({
  shipments: [0, 1].map((number) => linesOf(units.filter(({ fate }) => isConfirmed && fate === number))),
  rest: linesOf(units.filter(({ fate }) => !isConfirmed || fate === STAYS)),
})

/** What happens to an order, some of it delivered or emitted again. */
const stepsOf = (plan: Plan, order: number): Step[] => {
  const { units, isConfirmed, restIsCancelled, expires, again } = plan
  const { shipments, rest } = partsOf(plan)
  const isPart = shipments.some((lines) => lines.length > 0)
  const lines = linesOf(units)
  const step = (kind: Step['kind'], of = lines, shipment = 0) => ({ kind, lines: of, shipment, order })
  const once = [
    step('placed'),
    ...(isConfirmed ? [step('confirmed')] : []),
    ...shipments.flatMap((of, number) => (of.length > 0 ? [step('shipped', of, number)] : [])),
    ...(restIsCancelled && rest.length > 0 ? [step('cancelled', rest)] : []),
    ...(expires && (isConfirmed || restIsCancelled) ? [step('expired')] : []),
  ]
  return once.flatMap((each, index) => {
    const id = `${order}/${index}`
    const repeat = again[index] ?? 0
    if (repeat === 1)
      return [
        { ...each, id },
        { ...each, id },
      ]
    // The order service emits the cancellation of a rest once.
    if (repeat === 2 && !(each.kind === 'cancelled' && isPart))
      return [id, `${id}b`].map((one) => ({ ...each, id: one }))
    return [{ ...each, id }]
  })
}

const plan: fc.Arbitrary<Plan> = fc.record({
  units: fc.array(fc.record({ sku: fc.constantFrom(...SKUS), fate: fc.nat(STAYS) }), {
    minLength: 1,
    maxLength: 4,
  }),
  isConfirmed: fc.boolean(),
  restIsCancelled: fc.boolean(),
  expires: fc.boolean(),
  again: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
})

/** Some orders and all that happens to them, in any order. */
export const anyHistory: fc.Arbitrary<History> = fc
  .array(plan, { minLength: 1, maxLength: 3 })
  .chain((plans) => {
    const steps = plans.flatMap(stepsOf)
    return fc
      .shuffledSubarray(steps, { minLength: steps.length, maxLength: steps.length })
      .map((shuffled) => ({ plans, steps: shuffled }))
  })

const bySkuAndLocation = (a: { sku: string; locationId: number }, b: { sku: string; locationId: number }) =>
  a.sku === b.sku ? a.locationId - b.locationId : a.sku < b.sku ? -1 : 1

/** Stock, reservations and ledger by the pure rules, as the handlers put them together. */
export const createWorld = (onHand: number) => {
  const stock = new Stock(
    SKUS.flatMap((sku) =>
      LOCATIONS.map((locationId) => ({ sku, locationId, priority: locationId, ...emptyLevel(), onHand })),
    ),
  )
  const reservations = new Map<number, Reservation>()
  const movements: { shipment: string; sku: string; locationId: number; delta: number; balance: number }[] =
    []
  const seen = new Set<string>()
  const sold = new Set<string>()

  const reserve = ({ order, lines }: Step, isConfirmed: boolean) => {
    const known = reservations.get(order)
    if (isConfirmed && known?.state === 'held') known.state = 'confirmed'
    const early = known?.lines.filter(({ locationId }) => locationId === CANCELLED_EARLY) ?? []
    const wanted = stillWanted(lines, { ...(known && { state: known.state }), early, isConfirmed })
    if (wanted.length === 0) return
    const [decision] = allocate([{ lines: wanted }], stock)
    const isReserved = decision?.outcome === 'reserved'
    const allocations = isReserved ? decision.allocations : []
    const orderId = String(order)
    reservations.set(order, {
      orderId,
      state: !isReserved ? 'rejected' : isConfirmed ? 'confirmed' : 'held',
      lines: [
        ...early,
        ...allocations.map((allocation) => ({
          ...allocation,
          orderId,
          held: allocation.quantity,
          shipped: 0,
        })),
      ].sort(bySkuAndLocation),
    })
  }
  const ship = ({ order, lines, shipment }: Step) => {
    const key = `${order}/${shipment}`
    if (sold.has(key)) return true
    const reservation = reservations.get(order)
    const shipped = reservation ? shipHold(reservation, lines) : null
    if (!shipped) return false
    sold.add(key)
    for (const allocation of shipped) {
      const { sku, locationId, quantity } = allocation
      movements.push({
        shipment: key,
        sku,
        locationId,
        delta: -quantity,
        balance: stock.ship(allocation).balance,
      })
    }
    return true
  }
  const cancel = ({ order, lines }: Step) => {
    const reservation = reservations.get(order)
    if (reservation) stock.release(cancelHold(reservation, lines))
    else {
      const orderId = String(order)
      reservations.set(order, { orderId, state: 'cancelled', lines: cancelledEarly(orderId, lines) })
    }
  }
  const expire = ({ order }: Step) => {
    const reservation = reservations.get(order)
    if (reservation?.state === 'held') stock.release(expireHold(reservation))
  }

  return {
    reservations,
    movements,
    levels: () => SKUS.flatMap((sku) => stock.levels(sku)),
    /** `seen` is a duplicate by its id, `failed` a shipment of more than is held: the consumer tries it again later. */
    apply: (step: Step): 'seen' | 'failed' | 'applied' => {
      if (seen.has(step.id)) return 'seen'
      if (step.kind === 'shipped' && !ship(step)) return 'failed'
      if (step.kind === 'placed' || step.kind === 'confirmed') reserve(step, step.kind === 'confirmed')
      if (step.kind === 'cancelled') cancel(step)
      if (step.kind === 'expired') expire(step)
      seen.add(step.id)
      return 'applied'
    },
  }
}
export type World = ReturnType<typeof createWorld>

/** Applies the steps in turn; what fails comes again after the others, until nothing changes any more. */
export const play = (world: World, steps: readonly Step[], afterEach?: () => void) => {
  for (let waiting = steps; ;) {
    const failed = waiting.filter((step) => {
      const outcome = world.apply(step)
      if (outcome === 'applied') afterEach?.()
      return outcome === 'failed'
    })
    if (failed.length === waiting.length) return failed
    waiting = failed
  }
}

export const endOf = (world: World) => ({
  levels: world
    .levels()
    .map(({ sku, locationId, onHand, reserved }) => ({ sku, locationId, onHand, reserved }))
    .sort(bySkuAndLocation),
  orders: [...world.reservations]
    .sort(([a], [b]) => a - b)
    .map(([, { state, lines }]) => ({
      state,
      lines: lines
        .filter(({ held, shipped }) => held + shipped > 0)
        .map(({ sku, locationId, held, shipped }) => ({ sku, locationId, held, shipped }))
        .sort(bySkuAndLocation),
    })),
  sales: world.movements
    .map(({ shipment, sku, locationId, delta }) => `${shipment} ${sku}@${locationId} ${delta}`)
    .sort(),
})

/** How a history ends by its plans alone where there is enough of everything. */
export const expectedEnd = (plans: readonly Plan[], onHand: number): ReturnType<typeof endOf> => {
  const sums = new Map(SKUS.map((sku) => [sku, { held: 0, shipped: 0 }]))
  const sales: string[] = []
  const orders = plans.map((each, order) => {
    const { shipments, rest } = partsOf(each)
    const shipped = sumPerSku(shipments.flat())
    const held = sumPerSku(each.restIsCancelled ? [] : rest)
    shipments.forEach((lines, number) =>
      lines.forEach(({ sku, quantity }) => sales.push(`${order}/${number} ${sku}@1 ${-quantity}`)),
    )
    for (const [sku, sum] of sums) {
      sum.held += held.get(sku) ?? 0
      sum.shipped += shipped.get(sku) ?? 0
    }
    const open = each.isConfirmed ? 'confirmed' : 'held'
    return {
      state:
        held.size > 0 ? (open as 'held') : shipped.size > 0 ? ('committed' as const) : ('cancelled' as const),
      lines: [...new Set([...held.keys(), ...shipped.keys()])].sort().map((sku) => ({
        ...{ sku, locationId: 1, held: held.get(sku) ?? 0, shipped: shipped.get(sku) ?? 0 },
      })),
    }
  })
  const levels = [...sums].flatMap(([sku, { held, shipped }]) => [
    { sku, locationId: 1, onHand: onHand - shipped, reserved: held },
    { sku, locationId: 2, onHand, reserved: 0 },
  ])
  return { levels, orders, sales: sales.sort() }
}
