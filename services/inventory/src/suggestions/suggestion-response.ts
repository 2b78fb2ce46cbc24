import { Sku, Timestamp } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Settings } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { MAX_ON_HAND } from '../stock/stock.ts'
import type { ListedSuggestion } from './queries.ts'

type Policy = Settings['suggestions']

const MAX_UNITS = MAX_ON_HAND * 1_000
const units = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_UNITS, description })
const rate = (description: string) => Type.Number({ minimum: 0, maximum: MAX_UNITS, description })
const OrNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

export const AbcClass = Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Literal('C')], {
  title: 'AbcClass',
  description: "by the value of a year's demand: A makes the first 80 %, B the next 15 %, C the rest",
})

export const SuggestionView = Type.Object(
  {
    sku: Sku,
    location: { ...OrNull(LocationCode), description: 'null: all locations together' },
    velocityPerDay: rate('units sold a day'),
    deviationPerDay: rate("standard deviation of a day's units"),
    unitsSold: units('in the window'),
    windowDays: Type.Integer({ minimum: 1, maximum: 730, description: 'days that demand is measured over' }),
    available: units('when this was computed'),
    daysOfCover: { ...OrNull(rate('')), description: 'how long that lasts; null where nothing was sold' },
    abc: AbcClass,
    leadTimeDays: Type.Integer({ minimum: 0, maximum: 1_000, description: 'from an order to its receipt' }),
    safetyStock: units('part of the reorder point'),
    reorderPoint: units('order when this is left'),
    economicOrderQuantity: { ...OrNull(units('')), description: 'null where no price is known' },
    reorderQuantity: units('order this many'),
    slow: Type.Boolean({ description: 'on hand for too long, dead stock included' }),
    dead: Type.Boolean({ description: 'on hand, and nothing sold in the whole window' }),
    reason: Type.String({ maxLength: 1_000, description: 'all of it in plain words' }),
    computedAt: Timestamp,
  },
  {
    title: 'StockSuggestion',
    examples: [
      {
        sku: 'MUG-1',
        location: null,
        velocityPerDay: 4,
        deviationPerDay: 2,
        unitsSold: 360,
        windowDays: 90,
        available: 40,
        daysOfCover: 10,
        abc: 'A',
        leadTimeDays: 9,
        safetyStock: 10,
        reorderPoint: 46,
        economicOrderQuantity: 76,
        reorderQuantity: 76,
        slow: false,
        dead: false,
        reason:
          'Sold 360 in 90 days: 4 a day, with a standard deviation of 2. The 40 available last 10 days. Reorder at 46: ' +
          '36 for a lead time of 9 days and 10 of safety stock for a service level of 95 %. Order 76 at a time, the ' +
          "economic quantity. Class A: among those that make the first 80 % of the value of all SKUs' demand.",
        computedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

const rounded = (number: number, digits = 2) => Number(number.toFixed(digits))
const percent = (share: number) => `${rounded(share * 100, 2)} %`

const CLASSES = {
  A: "among those that make the first 80 % of the value of all SKUs' demand",
  B: "among those that make the next 15 % of the value of all SKUs' demand",
  C: "among those that make the last 5 % of the value of all SKUs' demand, or none",
}

const demandReason = (row: ListedSuggestion) =>
  row.units_sold === 0
    ? `Sold none in ${row.window_days} days, so there is nothing to reorder.`
    : `Sold ${row.units_sold} in ${row.window_days} days: ${rounded(row.per_day)} a day, with a standard deviation of ` +
      `${rounded(row.deviation)}. The ${row.available} available last ${rounded(row.days_of_cover ?? 0, 1)} days.`

const quantityReason = ({ economic_quantity, reorder_quantity }: ListedSuggestion) => {
  if (economic_quantity === null) return 'one more than the reorder point, since no price is known'
  return economic_quantity === reorder_quantity
    ? 'the economic quantity'
    : `one more than the reorder point, since one order is open at a time and the economic quantity is ${economic_quantity}`
}

const reorderReason = (row: ListedSuggestion, { serviceLevel }: Policy) =>
  row.units_sold === 0
    ? []
    : [
        `Reorder at ${row.reorder_point}: ${row.reorder_point - row.safety_stock} for a lead time of ` +
          `${row.lead_time_days} days and ${row.safety_stock} of safety stock for a service level of ${percent(serviceLevel)}.`,
        `Order ${row.reorder_quantity} at a time, ${quantityReason(row)}.`,
      ]

const stockReason = (
  { stock_state, on_hand, window_days, units_sold }: ListedSuggestion,
  { slowCoverDays }: Policy,
) => {
  if (stock_state === null) return []
  if (stock_state === 'dead') return [`Dead stock: ${on_hand} on hand, none sold in ${window_days} days.`]
  return units_sold === 0
    ? [`Slow stock: ${on_hand} on hand, none sold in ${window_days} days.`]
    : [`Slow stock: ${on_hand} on hand last longer than ${slowCoverDays} days.`]
}

/** Why a suggestion is what it is, in plain words. */
const reasonOf = (row: ListedSuggestion, policy: Policy) =>
  [
    demandReason(row),
    ...reorderReason(row, policy),
    `Class ${row.abc}: ${CLASSES[row.abc]}.`,
    ...stockReason(row, policy),
  ].join(' ')

export const describeSuggestion = (row: ListedSuggestion, location: string | null, policy: Policy) => ({
  sku: row.sku,
  location,
  velocityPerDay: rounded(row.per_day, 4),
  deviationPerDay: rounded(row.deviation, 4),
  unitsSold: row.units_sold,
  windowDays: row.window_days,
  available: row.available,
  daysOfCover: row.days_of_cover === null ? null : rounded(row.days_of_cover, 1),
  abc: row.abc,
  leadTimeDays: row.lead_time_days,
  safetyStock: row.safety_stock,
  reorderPoint: row.reorder_point,
  economicOrderQuantity: row.economic_quantity,
  reorderQuantity: row.reorder_quantity,
  slow: row.slow === 1,
  dead: row.stock_state === 'dead',
  reason: reasonOf(row, policy),
  computedAt: row.computed_at.toISOString(),
})
