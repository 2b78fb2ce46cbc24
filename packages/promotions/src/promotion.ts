import type { PromotionChanged } from '@storewright/contracts'

/** A promotion's whole state, as the catalogue owns it and as its event carries it. */
export type Promotion = Omit<PromotionChanged, 'deleted'>

/** One line of a cart; every SKU has one line at most. */
export interface Line {
  sku: string
  productId: string
  /** With all their ancestors. */
  categoryIds: readonly string[]
  quantity: number
  /** Minor units of the order's currency, before promotions. */
  unitPrice: number
}

const LEVELS = { products: 0, categories: 1, order: 2, shipping: 3 } as const

const levelOf = ({ kind, productIds, categoryIds }: Promotion): number => {
  if (kind === 'free_shipping') return LEVELS.shipping
  if (productIds.length > 0) return LEVELS.products
  return categoryIds.length > 0 ? LEVELS.categories : LEVELS.order
}

/** Whether it is on the whole order, and not on products or categories. */
export const isOnOrder = (promotion: Promotion) =>
  promotion.productIds.length === 0 && promotion.categoryIds.length === 0

/** Sorts into the order of application: products, categories, order, shipping; then the lower priority, then the id. */
export const byApplication = (a: Promotion, b: Promotion): number =>
  levelOf(a) - levelOf(b) || a.priority - b.priority || (a.promotionId < b.promotionId ? -1 : 1)

type Placed = Pick<Line, 'productId' | 'categoryIds'>

/** Whether it is on this product: by its id, by a category it is in or under, or because it is on the whole order. */
export const appliesTo = (promotion: Promotion, { productId, categoryIds }: Placed): boolean =>
  isOnOrder(promotion) ||
  promotion.productIds.includes(productId) ||
  promotion.categoryIds.some((id) => categoryIds.includes(id))

/** Whether anybody gets it on one unit: no code, minimum or limit, and a lower price of the unit itself. */
export const isOnEveryUnit = ({
  code,
  kind,
  per,
  minimums,
  minimumQuantity,
  limits,
}: Pick<Promotion, 'code' | 'kind' | 'per' | 'minimums' | 'minimumQuantity' | 'limits'>): boolean =>
  code === null &&
  (kind === 'percentage' || (kind === 'amount' && per === 'unit')) &&
  minimums.length === 0 &&
  (minimumQuantity ?? 1) <= 1 &&
  limits.total === null &&
  limits.perCustomer === null

export type Phase = 'disabled' | 'scheduled' | 'active' | 'ended'

/** What it is at an instant; it begins at `startsAt` and is over at `endsAt`. */
export const phaseOf = (
  { enabled, startsAt, endsAt }: Pick<Promotion, 'enabled' | 'startsAt' | 'endsAt'>,
  now: Date,
): Phase => {
  if (endsAt !== null && new Date(endsAt) <= now) return 'ended'
  if (!enabled) return 'disabled'
  return startsAt !== null && new Date(startsAt) > now ? 'scheduled' : 'active'
}

const CODE = /^[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}._-]{0,49}$/u

/** A coupon code as it is compared: NFKC, trimmed, upper case; null where that is no code (1–50 letters, digits, `. _ -`). */
export const normaliseCode = (input: string): string | null => {
  const code = input.normalize('NFKC').trim().toUpperCase().normalize('NFKC')
  return CODE.test(code) ? code : null
}
