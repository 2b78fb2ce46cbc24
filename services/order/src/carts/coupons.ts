import { evaluate, type Reason } from '@storewright/promotions/evaluate'
import { normaliseCode, type Promotion } from '@storewright/promotions/promotion'
import { LIMITS, type LimitReason } from '../pricing/price-order.ts'
import { Problem } from '../problems.ts'
import type { CartAccess } from './cart-reader.ts'
import { MAX_CODES } from './cart.ts'
import { changeCart, type CartChange, type FoundCart } from './change-cart.ts'

/** What other articles, or more of them, would mend is no reason to refuse a code. */
const DEPENDS_ON_LINES: ReadonlySet<Reason> = new Set([
  'no-matching-line',
  'minimum-not-reached',
  'nothing-left',
  'not-combinable',
])

const refuse = (code: string, reason: Reason | LimitReason, message: string): never => {
  throw new Problem('coupon-not-applicable', message, { code, reason, errors: [{ path: 'code', message }] })
}

/** Refuses a code that no change of the lines would make apply: unknown, over, not begun, in other currencies, used up. */
const check = (
  code: string,
  promotions: readonly Promotion[],
  { currency, now }: { currency: string; now: Date },
  exhausted: LimitReason | undefined,
) => {
  const [refusal] = evaluate(promotions, [], { now, currency, codes: [code] }).notApplied
  if (refusal && !DEPENDS_ON_LINES.has(refusal.reason)) refuse(code, refusal.reason, refusal.message)
  if (exhausted) refuse(code, exhausted, LIMITS[exhausted])
}

/** Puts a coupon code into a cart; one that only the cart's lines keep from applying stays in it. */
export const addCoupon = async (
  carts: CartAccess,
  change: CartChange & { code: string },
): Promise<FoundCart> => {
  const { userId, now } = change
  const code = normaliseCode(change.code) ?? change.code
  const promotions = await carts.rates.readPromotionsByCode(normaliseCode(code) === null ? [] : [code])
  const [exhausted] = (await carts.readExhausted(promotions, userId)).values()
  return changeCart(carts, change, [], (cart) => {
    if (cart.codes.includes(code)) return null
    check(code, promotions, { currency: cart.currency, now }, exhausted)
    if (cart.codes.length >= MAX_CODES) {
      throw new Problem('unprocessable', `A cart has at most ${MAX_CODES} coupon codes.`, {
        errors: [{ path: 'code', message: `must not be more than the ${MAX_CODES}th` }],
      })
    }
    return { codes: [...cart.codes, code] }
  })
}

export const removeCoupon = (carts: CartAccess, change: CartChange & { code: string }) => {
  const code = normaliseCode(change.code)
  return changeCart(carts, change, [], ({ codes }) =>
    code !== null && codes.includes(code) ? { codes: codes.filter((other) => other !== code) } : null,
  )
}
