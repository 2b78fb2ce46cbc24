import { minorDigitsOf, type Money } from '@storewright/contracts'
import { amountIn, rolesIn } from './apply.ts'
import { appliesTo, phaseOf, type Line, type Promotion } from './promotion.ts'

/** Stable: what a program decides by. */
export const reasons = [
  'unknown-code',
  'disabled',
  'not-started',
  'ended',
  'code-missing',
  'wrong-currency',
  'no-matching-line',
  'minimum-not-reached',
  'nothing-left',
  'not-combinable',
] as const
export type Reason = (typeof reasons)[number]

/** Why a promotion does not apply, and what is missing where that is a sum or a number of units. */
export interface Refusal {
  reason: Reason
  message: string
  missing?: Money
  missingQuantity?: number
}

const TEXTS: Record<Exclude<Reason, 'minimum-not-reached'>, string> = {
  'unknown-code': 'There is no promotion with this code.',
  disabled: 'The promotion is switched off.',
  'not-started': 'The promotion has not begun yet.',
  ended: 'The promotion is over.',
  'code-missing': 'The promotion needs its code.',
  'wrong-currency': 'The promotion is not offered in this currency.',
  'no-matching-line': 'None of these articles is in the promotion.',
  'nothing-left': 'Other promotions leave nothing for it to take off.',
  'not-combinable': 'It is not combined with other promotions, of which the cheapest choice was taken.',
}

export const refuse = (reason: keyof typeof TEXTS): Refusal => ({ reason, message: TEXTS[reason] })

/** Major units with a point, after the code: "GBP 5.00". */
const inWords = ({ amount, currency }: Money) => {
  const digits = minorDigitsOf(currency) ?? 0
  const text = String(amount).padStart(digits + 1, '0')
  const major = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return `${currency} ${major}`
}

const lacksAmount = (missing: Money): Refusal => ({
  reason: 'minimum-not-reached',
  message: `Articles for ${inWords(missing)} more are needed.`,
  missing,
})

const lacksUnits = (missingQuantity: number): Refusal => ({
  reason: 'minimum-not-reached',
  message: `${missingQuantity} more ${missingQuantity === 1 ? 'unit is' : 'units are'} needed.`,
  missingQuantity,
})

const isInCurrency = ({ kind, amounts, minimums }: Promotion, currency: string) =>
  (kind !== 'amount' || amountIn(amounts, currency) !== null) &&
  (minimums.length === 0 || amountIn(minimums, currency) !== null)

const unitsOf = (lines: readonly Line[]) => lines.reduce((sum, { quantity }) => sum + quantity, 0)

/** What a buy X get Y lacks; null where it takes something off. */
const findMissingUnits = (promotion: Promotion, lines: readonly Line[]): number | null => {
  const roles = lines.map((line) => ({ ...rolesIn(promotion, line), quantity: line.quantity }))
  const units = (test: (role: (typeof roles)[number]) => boolean) =>
    roles.reduce((sum, role) => (test(role) ? sum + role.quantity : sum), 0)
  const needed = promotion.buy?.quantity ?? 1
  const bought = units(({ isBuy }) => isBuy)
  if (bought < needed) return needed - bought
  // A unit that is discounted is not counted as bought.
  const isOneMore =
    units(({ isBuy, isGet }) => isGet && !isBuy) > 0 || (bought > needed && units(({ isGet }) => isGet) > 0)
  return isOneMore ? null : 1
}

const findShortfall = (promotion: Promotion, lines: readonly Line[], currency: string): Refusal | null => {
  const minimum = amountIn(promotion.minimums, currency)
  const amount = lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0)
  if (minimum !== null && amount < minimum) return lacksAmount({ amount: minimum - amount, currency })
  const missing = (promotion.minimumQuantity ?? 0) - unitsOf(lines)
  return missing > 0 ? lacksUnits(missing) : null
}

const PHASES = { disabled: 'disabled', scheduled: 'not-started', ended: 'ended' } as const

/** Why a promotion cannot apply, or null; minimums are measured on its lines at their prices before any promotion. */
export const findRefusal = (
  promotion: Promotion,
  lines: readonly Line[],
  { now, currency, codes }: { now: Date; currency: string; codes: readonly string[] },
): Refusal | null => {
  const phase = phaseOf(promotion, now)
  if (phase !== 'active') return refuse(PHASES[phase])
  if (promotion.code !== null && !codes.includes(promotion.code)) return refuse('code-missing')
  if (!isInCurrency(promotion, currency)) return refuse('wrong-currency')
  const isBuyGet = promotion.kind === 'buy_x_get_y'
  const matching = lines.filter((line) => {
    const { isBuy, isGet } = rolesIn(promotion, line)
    return isBuyGet ? isBuy || isGet : appliesTo(promotion, line)
  })
  if (matching.length === 0) return refuse('no-matching-line')
  const shortfall = findShortfall(promotion, matching, currency)
  if (shortfall || !isBuyGet) return shortfall
  const missing = findMissingUnits(promotion, matching)
  return missing === null ? null : lacksUnits(missing)
}
