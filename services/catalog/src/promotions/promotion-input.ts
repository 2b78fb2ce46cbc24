import { isCurrency, normaliseSku, type Money } from '@storewright/contracts'
import { normaliseCode, type Promotion } from '@storewright/promotions/promotion'
import { Problem, type FieldError } from '@storewright/service-kit/http'
import type { Static } from 'typebox'
import type { PromotionInput, PromotionPatch } from './schemas.ts'

type Input = Static<typeof PromotionInput>
type Patch = Static<typeof PromotionPatch>
type Faults = FieldError[]

const [FIRST_YEAR, LAST_YEAR] = [1971, 9_000]

/** What each kind needs; what another kind needs does not belong to it. */
const EFFECTS = {
  percentage: ['percentage'],
  amount: ['amounts', 'per'],
  free_shipping: [],
  buy_x_get_y: ['buy', 'get'],
} as const satisfies Record<Input['kind'], (keyof Input)[]>
const OF_KINDS = ['percentage', 'amounts', 'per', 'buy', 'get'] as const
const NEEDED = OF_KINDS.filter((field) => field !== 'per')

const toBasisPoints = (percentage: number, path: string, faults: Faults): number => {
  const basisPoints = Math.round(percentage * 100)
  if (basisPoints < 1 || Math.abs(percentage * 100 - basisPoints) > 1e-6)
    faults.push({ path, message: 'has two decimals at most' })
  return basisPoints
}

const checkMoney = (field: string, money: readonly Money[], faults: Faults) => {
  for (const [index, { amount, currency }] of money.entries()) {
    const path = `${field}.${index}`
    if (amount === 0) faults.push({ path: `${path}.amount`, message: 'is nothing' })
    if (!isCurrency(currency)) faults.push({ path: `${path}.currency`, message: 'is no ISO 4217 currency' })
    if (money.findIndex((other) => other.currency === currency) < index)
      faults.push({ path: `${path}.currency`, message: 'stands twice' })
  }
}

const toInstant = (text: string | null | undefined, path: string, faults: Faults): string | null => {
  if (text === null || text === undefined) return null
  const at = new Date(text)
  const year = at.getUTCFullYear()
  if (year >= FIRST_YEAR && year <= LAST_YEAR) return at.toISOString()
  faults.push({ path, message: 'is no instant of a calendar' })
  return null
}

const checkEffect = (input: Input, faults: Faults) => {
  const own: readonly string[] = EFFECTS[input.kind]
  for (const field of OF_KINDS) {
    const isThere = input[field] !== undefined
    if (isThere && !own.includes(field))
      faults.push({ path: field, message: `does not belong to the kind ${input.kind}` })
  }
  for (const field of NEEDED) {
    const value = input[field]
    const isMissing = value === undefined || (Array.isArray(value) && value.length === 0)
    if (isMissing && own.includes(field)) faults.push({ path: field, message: 'is required' })
  }
}

const toCode = (code: string | null | undefined, faults: Faults): string | null => {
  if (code === null || code === undefined) return null
  const normalised = normaliseCode(code)
  if (normalised === null)
    faults.push({ path: 'code', message: 'has 1–50 letters, digits, dots, hyphens or underscores' })
  return normalised
}

const toSku = (sku: string, index: number, faults: Faults): string => {
  const normalised = normaliseSku(sku)
  if (normalised === null) faults.push({ path: `buy.skus.${index}`, message: 'is no SKU' })
  return normalised ?? ''
}

/** `amount` and `minimum` are short for lists of one. */
const spellOut = <Shape extends Input | Patch>(input: Shape, faults: Faults): Shape => {
  const { amount, minimum, ...rest } = input
  for (const [short, long] of [
    ['amount', 'amounts'],
    ['minimum', 'minimums'],
  ] as const)
    if (input[short] && input[long]) faults.push({ path: short, message: `is given by ${long} too` })
  return {
    ...rest,
    ...(amount && { amounts: [amount] }),
    ...(minimum !== undefined && { minimums: minimum ? [minimum] : [] }),
  } as Shape
}

/** Throws what was found, by the names of the fields that were sent. */
const refuse = (faults: Faults, { amount, minimum }: Patch) => {
  const errors = faults.map(({ path, message }) => ({
    path: path
      .replace(/^amounts\.0/, amount ? 'amount' : '$&')
      .replace(/^minimums\.0/, minimum ? 'minimum' : '$&'),
    message,
  }))
  if (errors.length > 0)
    throw new Problem('unprocessable', 'A promotion like this makes no sense.', { errors })
}

const build = (promotionId: string, input: Input, faults: Faults): Promotion => {
  const { appliesTo, limits, buy, get } = input
  const [productIds, categoryIds] = [appliesTo?.products ?? [], appliesTo?.categories ?? []]
  checkEffect(input, faults)
  checkMoney('amounts', input.amounts ?? [], faults)
  checkMoney('minimums', input.minimums ?? [], faults)
  const isOnPart = productIds.length + categoryIds.length > 0
  if (appliesTo && !isOnPart) faults.push({ path: 'appliesTo', message: 'names nothing' })
  return {
    promotionId,
    name: input.name.trim(),
    kind: input.kind,
    basisPoints:
      input.percentage === undefined ? null : toBasisPoints(input.percentage, 'percentage', faults),
    amounts: input.amounts ?? [],
    per: input.per ?? (input.kind === 'amount' && isOnPart ? 'unit' : 'order'),
    buy: buy
      ? {
          quantity: buy.quantity,
          skus: [...new Set((buy.skus ?? []).map((sku, index) => toSku(sku, index, faults)))],
        }
      : null,
    get: get
      ? {
          quantity: get.quantity,
          basisPoints: toBasisPoints(get.percentage ?? 100, 'get.percentage', faults),
        }
      : null,
    productIds,
    categoryIds,
    code: toCode(input.code, faults),
    enabled: input.enabled ?? true,
    startsAt: toInstant(input.startsAt, 'startsAt', faults),
    endsAt: toInstant(input.endsAt, 'endsAt', faults),
    minimums: input.minimums ?? [],
    minimumQuantity: input.minimumQuantity ?? null,
    limits: { total: limits?.total ?? null, perCustomer: limits?.perCustomer ?? null },
    priority: input.priority ?? 0,
    exclusive: input.exclusive ?? false,
  }
}

const checkDates = (promotion: Promotion, start: string | null, faults: Faults) => {
  const { endsAt } = promotion
  if (endsAt !== null && start !== null && endsAt <= start)
    faults.push({ path: 'endsAt', message: 'is not after the start' })
}

/** A new promotion; one without `startsAt` starts now. Throws 422 by field. */
export const promotionFrom = (promotionId: string, input: Input, now: Date): Promotion => {
  const faults: Faults = []
  const promotion = build(promotionId, spellOut(input, faults), faults)
  checkDates(promotion, promotion.startsAt ?? now.toISOString(), faults)
  refuse(faults, input)
  return promotion
}

/** A promotion as a request would make it. */
const inputOf = (promotion: Promotion): Input => ({
  name: promotion.name,
  kind: promotion.kind,
  ...(promotion.basisPoints !== null && { percentage: promotion.basisPoints / 100 }),
  ...(promotion.kind === 'amount' && { amounts: promotion.amounts, per: promotion.per }),
  ...(promotion.buy && { buy: promotion.buy }),
  ...(promotion.get && {
    get: { quantity: promotion.get.quantity, percentage: promotion.get.basisPoints / 100 },
  }),
  appliesTo: appliesToOf(promotion),
  code: promotion.code,
  enabled: promotion.enabled,
  startsAt: promotion.startsAt,
  endsAt: promotion.endsAt,
  minimums: promotion.minimums,
  minimumQuantity: promotion.minimumQuantity,
  limits: promotion.limits,
  priority: promotion.priority,
  exclusive: promotion.exclusive,
})

export const appliesToOf = ({ productIds, categoryIds }: Promotion) =>
  productIds.length + categoryIds.length > 0 ? { products: productIds, categories: categoryIds } : null

/** What is not sent stays; of another kind nothing of the old one stays. Throws 422 by field. */
export const withPatch = (before: Promotion, patch: Patch): Promotion => {
  const faults: Faults = []
  const known = inputOf(before)
  const kept =
    patch.kind === undefined || patch.kind === before.kind
      ? known
      : Object.fromEntries(Object.entries(known).filter(([field]) => !OF_KINDS.includes(field as 'per')))
  const promotion = build(before.promotionId, { ...(kept as Input), ...spellOut(patch, faults) }, faults)
  checkDates(promotion, promotion.startsAt, faults)
  refuse(faults, patch)
  return promotion
}
