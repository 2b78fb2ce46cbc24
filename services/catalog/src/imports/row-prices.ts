import { isCurrency } from '@storewright/contracts'
import type { FieldError } from '@storewright/service-kit/http'
import { readPrices, type PricesInput } from '../products/read-prices.ts'
import {
  priceIn,
  replacePrices,
  withPrices,
  type StatedPrice,
  type VariantPrice,
} from '../products/variant-prices.ts'
import { toMinorUnits } from './major-units.ts'

/** A price as a line states it. Texts are in major units with a point, numbers in minor ones; what is undefined stays. */
export interface RowPrice {
  /** Undefined: that of the variant's only price. */
  currency: string | undefined
  amount: string | number | undefined
  /** Null takes it off. */
  compareAt: string | number | null | undefined
  /** The fields that errors name. */
  field: string
  compareAtField: string
}

export interface RowPrices {
  list: RowPrice[]
  /** Prices in other currencies go. */
  isWhole: boolean
  /** Currencies whose prices go. */
  removed?: string[]
}

/** The prices of a line of JSON, which are checked already. */
export const fromJson = (
  { price, compareAtPrice, prices }: PricesInput,
  prefix: string,
): { prices: RowPrices | undefined; errors: FieldError[] } => {
  const { errors } = readPrices(
    { ...(price && { price }), ...(compareAtPrice && { compareAtPrice }), ...(prices && { prices }) },
    prefix,
  )
  if (!price && !prices && compareAtPrice !== null) return { prices: undefined, errors }
  const list = (prices ?? []).map(({ amount, currency, compareAtPrice: compareAt }, index) => ({
    currency,
    amount,
    compareAt: compareAt?.amount ?? null,
    field: `${prefix}prices.${index}.amount`,
    compareAtField: `${prefix}prices.${index}.compareAtPrice`,
  }))
  const isAlone = price !== undefined || (compareAtPrice === null && !prices)
  const alone = isAlone && {
    currency: price?.currency,
    amount: price?.amount,
    compareAt: compareAtPrice === undefined ? undefined : (compareAtPrice?.amount ?? null),
    field: `${prefix}price`,
    compareAtField: `${prefix}compareAtPrice`,
  }
  return { prices: { list: alone ? [alone, ...list] : list, isWhole: prices !== undefined }, errors }
}

const inMinorUnits = (value: string | number, currency: string) =>
  typeof value === 'number' ? value : toMinorUnits(value, currency)

const resolveOne = (
  stated: RowPrice,
  present: VariantPrice[],
  isWhole: boolean,
): StatedPrice | { errors: FieldError[] } => {
  const refuse = (path: string, message: string) => ({ errors: [{ path, message }] })
  const [only, ...others] = present
  const currency = stated.currency ?? (others.length === 0 ? only?.currency : undefined)
  if (currency === undefined) return refuse('currency', 'is required')
  if (!isCurrency(currency)) return refuse('currency', 'is no ISO 4217 currency')
  const known = priceIn({ prices: present }, currency)
  const value = stated.amount ?? known?.amount
  if (value === undefined) return refuse(stated.field, 'is required')
  const amount = inMinorUnits(value, currency)
  if (typeof amount !== 'number') return refuse(stated.field, amount.fault)
  // Older code took 0: what has it keeps it.
  if (amount === 0 && known?.amount !== 0) return refuse(stated.field, 'is not above 0')
  const before = isWhole ? null : (known?.compareAt ?? null)
  const compareAt = stated.compareAt === undefined ? before : stated.compareAt
  const compared = compareAt === null || compareAt === '0' ? null : inMinorUnits(compareAt, currency)
  if (compared !== null && typeof compared !== 'number') return refuse(stated.compareAtField, compared.fault)
  if (compared !== null && compared <= amount) return refuse(stated.compareAtField, 'is not above the price')
  return { amount, currency, compareAt: compared }
}

const isClearing = ({ amount, compareAt }: RowPrice) => amount === undefined && compareAt === null

/** A variant's prices after a line; `present` are those it has. */
export const resolvePrices = (
  { list, isWhole, removed = [] }: RowPrices,
  present: VariantPrice[],
): { prices: VariantPrice[] } | { errors: FieldError[] } => {
  const errors: FieldError[] = []
  const clearing = list.filter(isClearing)
  const isCleared = (code: string) =>
    clearing.some(({ currency }) => currency === undefined || currency === code)
  const kept = present
    .filter(({ currency }) => !removed.includes(currency))
    .map((price) => (isCleared(price.currency) ? { ...price, compareAt: null } : price))
  for (const { currency, field } of clearing)
    if (
      clearing.length === list.length &&
      !kept.some((price) => price.currency === (currency ?? price.currency))
    )
      errors.push({ path: field, message: 'is required' })
  const stated = new Map<string, StatedPrice>()
  for (const price of list.filter((one) => !isClearing(one))) {
    const resolved = resolveOne(price, kept, isWhole)
    if ('errors' in resolved) errors.push(...resolved.errors)
    else if (stated.has(resolved.currency))
      errors.push({ path: price.field, message: `states a price in ${resolved.currency} again` })
    else stated.set(resolved.currency, resolved)
  }
  if (errors.length > 0) return { errors }
  return { prices: (isWhole ? replacePrices : withPrices)(kept, [...stated.values()]) }
}
