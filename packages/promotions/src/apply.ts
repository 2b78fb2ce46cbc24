import { appliesTo, byApplication, isOnOrder, type Line, type Promotion } from './promotion.ts'
import { partOf, split } from './split.ts'

const ALL = 10_000

/** What is left to pay while promotions are applied one after the other. */
interface Bill {
  lines: readonly Line[]
  /** Of each line, minor units. */
  left: number[]
  /** Null where shipping is not known yet. */
  shipping: number | null
  freeShipping: boolean
}

export interface Applied {
  promotion: Promotion
  /** What it takes off each line, in the order of the lines. */
  discounts: number[]
  shippingDiscount: number
  freeShipping: boolean
}

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0)

/** What it takes off in all, shipping included. */
export const amountOf = ({ discounts, shippingDiscount }: Applied) => sumOf(discounts) + shippingDiscount

export const amountIn = (amounts: Promotion['amounts'], currency: string): number | null =>
  amounts.find((money) => money.currency === currency)?.amount ?? null

const percentageOff = (promotion: Promotion, left: number[]): number[] => {
  const share = promotion.basisPoints ?? 0
  return isOnOrder(promotion)
    ? split(partOf(sumOf(left), share, ALL), left)
    : left.map((amount) => partOf(amount, share, ALL))
}

const amountOff = (promotion: Promotion, currency: string, left: number[], lines: readonly Line[]) => {
  const amount = amountIn(promotion.amounts, currency) ?? 0
  return promotion.per === 'unit'
    ? left.map((rest, index) => Math.min(rest, amount * (lines[index]?.quantity ?? 0)))
    : split(Math.min(amount, sumOf(left)), left)
}

/** Which lines count as bought and which are discounted: those it is on, else those that are bought. */
export const rolesIn = (promotion: Promotion, line: Line) => {
  const skus = promotion.buy?.skus ?? []
  const isBuy = skus.length > 0 ? skus.includes(line.sku) : appliesTo(promotion, line)
  return { isBuy, isGet: isOnOrder(promotion) ? isBuy : appliesTo(promotion, line) }
}

/** Units discounted of each line: those that do not count as bought first, then the cheapest. None is counted twice. */
const discountedUnits = (promotion: Promotion, { lines, left }: Bill): number[] => {
  const buyNeeded = promotion.buy?.quantity ?? 1
  const got = promotion.get?.quantity ?? 1
  const units = lines.map((line, index) => ({
    ...rolesIn(promotion, line),
    index,
    quantity: line.quantity,
    left: left[index] ?? 0,
  }))
  const bought = sumOf(units.map(({ isBuy, quantity }) => (isBuy ? quantity : 0)))
  const inTurn = units
    .filter(({ isGet }) => isGet)
    .sort((a, b) => {
      if (a.isBuy !== b.isBuy) return a.isBuy ? 1 : -1
      const [one, other] = [BigInt(a.left) * BigInt(b.quantity), BigInt(b.left) * BigInt(a.quantity)]
      return one === other ? a.index - b.index : one < other ? -1 : 1
    })
  const take = (count: number) => {
    const taken = lines.map(() => 0)
    let rest = count
    let spent = 0
    for (const { index, quantity, isBuy } of inTurn) {
      const units = Math.min(rest, quantity)
      taken[index] = units
      rest -= units
      if (isBuy) spent += units
    }
    return { taken, isEnough: Math.ceil(count / got) * buyNeeded <= bought - spent }
  }
  // The more units are discounted the more must be bought, so the largest number is found by halving.
  let [most, tooMany] = [0, sumOf(inTurn.map(({ quantity }) => quantity)) + 1]
  while (tooMany - most > 1) {
    const middle = Math.floor((most + tooMany) / 2)
    if (take(middle).isEnough) most = middle
    else tooMany = middle
  }
  return take(most).taken
}

const buyGetOff = (promotion: Promotion, bill: Bill): number[] =>
  discountedUnits(promotion, bill).map((units, index) =>
    partOf(
      bill.left[index] ?? 0,
      units * (promotion.get?.basisPoints ?? ALL),
      (bill.lines[index]?.quantity ?? 1) * ALL,
    ),
  )

const discountsOf = (promotion: Promotion, bill: Bill, currency: string): number[] => {
  if (promotion.kind === 'buy_x_get_y') return buyGetOff(promotion, bill)
  const left = bill.left.map((amount, index) => {
    const line = bill.lines[index]
    return line && appliesTo(promotion, line) ? amount : 0
  })
  return promotion.kind === 'percentage'
    ? percentageOff(promotion, left)
    : amountOff(promotion, currency, left, bill.lines)
}

const applyNext = (promotion: Promotion, bill: Bill, currency: string): Applied => {
  if (promotion.kind === 'free_shipping')
    return {
      promotion,
      discounts: bill.lines.map(() => 0),
      shippingDiscount: bill.shipping ?? 0,
      freeShipping: !bill.freeShipping,
    }
  return {
    promotion,
    discounts: discountsOf(promotion, bill, currency),
    shippingDiscount: 0,
    freeShipping: false,
  }
}

/** Applies promotions that may be combined, in their order, each on what the ones before left. */
export const applyAll = (
  promotions: readonly Promotion[],
  lines: readonly Line[],
  { currency, shipping }: { currency: string; shipping: number | null },
): Applied[] => {
  const bill: Bill = {
    lines,
    left: lines.map(({ quantity, unitPrice }) => quantity * unitPrice),
    shipping,
    freeShipping: false,
  }
  return [...promotions].sort(byApplication).map((promotion) => {
    const applied = applyNext(promotion, bill, currency)
    bill.left = bill.left.map((amount, index) => amount - (applied.discounts[index] ?? 0))
    if (bill.shipping !== null) bill.shipping -= applied.shippingDiscount
    bill.freeShipping ||= applied.freeShipping
    return applied
  })
}
