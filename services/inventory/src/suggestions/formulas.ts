/** What a SKU sold a day over its window; days without a sale count. */
export interface Demand {
  windowDays: number
  unitsSold: number
  perDay: number
  /** Standard deviation of a day's units. */
  deviation: number
}

export interface Policy {
  /** Share of reorder cycles in which stock lasts until the order arrives: above 0.5 and below 1. */
  serviceLevel: number
  /** What placing an order costs, in minor units. */
  orderCost: number
  /** What keeping a unit for a year costs, as a share of its price. */
  holdingRate: number
  windowDays: number
  /** Stock that lasts longer than this is slow. */
  slowCoverDays: number
}

export interface Situation {
  demand: Demand
  onHand: number
  available: number
  leadTimeDays: number
  /** List price in minor units; null where none is known. */
  unitPrice: number | null
}

const MAX_UNITS = 1_000_000
/** Minor units, so that sums over all SKUs stay exact. */
const MAX_VALUE = 1_000_000_000_000
const DAYS_A_YEAR = 365
/** A younger SKU's stock is not judged as slow: it was bought to be sold over some time. */
const LEAST_HISTORY_DAYS = 30

/** `dailyUnits` are the days with sales; the rest of the window sold nothing. Sample deviation, for one day Poisson's. */
export const demandOf = (dailyUnits: readonly number[], windowDays: number): Demand => {
  const unitsSold = dailyUnits.reduce((sum, units) => sum + units, 0)
  const perDay = unitsSold / windowDays
  if (windowDays < 2) return { windowDays, unitsSold, perDay, deviation: Math.sqrt(perDay) }
  const squares = dailyUnits.reduce((sum, units) => sum + (units - perDay) ** 2, 0)
  const emptyDays = (windowDays - dailyUnits.length) * perDay ** 2
  return { windowDays, unitsSold, perDay, deviation: Math.sqrt((squares + emptyDays) / (windowDays - 1)) }
}

const polynomial = (coefficients: readonly number[], x: number) =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/** The standard normal quantile of 0.5 ≤ p < 1 (P. J. Acklam's rational approximation, relative error below 1.2e-9). */
export const normalQuantile = (p: number): number => {
  if (p > 0.97575) {
    const q = Math.sqrt(-2 * Math.log(1 - p))
    const numerator = [
      -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
      2.938163982698783,
    ]
    const denominator = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1]
    return -polynomial(numerator, q) / polynomial(denominator, q)
  }
  const q = p - 0.5
  const numerator = [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ]
  const denominator = [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1, 1,
  ]
  return (polynomial(numerator, q * q) * q) / polynomial(denominator, q * q)
}

// Sums of floats may end a hair above the whole number that they are.
const roundUp = (units: number) => Math.min(MAX_UNITS, Math.max(0, Math.ceil(units - 1e-9)))

/** z·σ·√L: what a lead time may want beyond its average demand (Silver, Pyke, Thomas, ch. 6). */
const safetyStockOf = ({ demand: { deviation }, leadTimeDays }: Situation, { serviceLevel }: Policy) =>
  normalQuantile(serviceLevel) * deviation * Math.sqrt(leadTimeDays)

/** √(2DS/H), demand and holding by the year (Harris 1913); null without a price. */
const economicQuantityOf = ({ demand: { perDay }, unitPrice }: Situation, policy: Policy) =>
  unitPrice === null || unitPrice === 0
    ? null
    : Math.sqrt((2 * perDay * DAYS_A_YEAR * policy.orderCost) / (policy.holdingRate * unitPrice))

const stockStateOf = (situation: Situation, cover: number | null, policy: Policy): 'slow' | 'dead' | null => {
  const { unitsSold, windowDays } = situation.demand
  if (situation.onHand === 0 || windowDays < Math.min(LEAST_HISTORY_DAYS, policy.windowDays)) return null
  if (unitsSold === 0) return windowDays === policy.windowDays ? 'dead' : 'slow'
  return cover !== null && cover > policy.slowCoverDays ? 'slow' : null
}

/** When to order how many of a SKU. More than the reorder point, so that no second order is needed before the first arrives. */
export const suggest = (situation: Situation, policy: Policy) => {
  const { demand, available, leadTimeDays, unitPrice } = situation
  const sells = demand.unitsSold > 0
  const safety = safetyStockOf(situation, policy)
  const economic = economicQuantityOf(situation, policy)
  const reorderPoint = sells ? roundUp(demand.perDay * leadTimeDays + safety) : 0
  const daysOfCover = sells ? available / demand.perDay : null
  return {
    daysOfCover,
    safetyStock: sells ? roundUp(safety) : 0,
    reorderPoint,
    economicQuantity: economic === null ? null : Math.min(MAX_UNITS, Math.round(economic)),
    reorderQuantity: sells ? Math.max(Math.min(MAX_UNITS, Math.round(economic ?? 0)), reorderPoint + 1) : 0,
    /** Minor units that a year's demand is worth. */
    yearlyValue: Math.min(MAX_VALUE, Math.round(demand.perDay * DAYS_A_YEAR * (unitPrice ?? 0))),
    stockState: stockStateOf(situation, daysOfCover, policy),
  }
}

export type AbcClass = 'A' | 'B' | 'C'

/** Classes by Pareto's rule, the most valuable first: A until 80 % of all value, B until 95 %, C the rest. */
export const createClassifier = (totalValue: number) => {
  let before = 0
  return (yearlyValue: number): AbcClass => {
    const share = yearlyValue > 0 ? before / totalValue : 1
    before += yearlyValue
    return share < 0.8 ? 'A' : share < 0.95 ? 'B' : 'C'
  }
}
