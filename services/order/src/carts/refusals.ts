import type { FieldError } from '@storewright/service-kit/http'
import { Problem } from '../problems.ts'
import type { Refusal } from './cart.ts'

const messageOf = (refusal: Refusal, currency: string) => {
  switch (refusal.why) {
    case 'unknown':
      return `there is no SKU ${refusal.sku}`
    case 'unavailable':
      return `${refusal.sku} is not on sale`
    case 'currency':
      return `${refusal.sku} is sold in ${refusal.currencies.join(', ')}, the cart is in ${currency}`
    case 'short':
      return `only ${refusal.available} of ${refusal.sku} are available`
  }
}

const kinds = {
  unknown: 'unknown-sku',
  unavailable: 'product-unavailable',
  currency: 'currency-mismatch',
  short: 'insufficient-stock',
} as const

/** Throws all refusals of a request. What cannot be had at all names the problem before what is merely short. */
export const refuse = (refusals: readonly (Refusal & { path: string })[], currency: string): void => {
  const worst = (['unknown', 'unavailable', 'currency', 'short'] as const).find((why) =>
    refusals.some((refusal) => refusal.why === why),
  )
  if (!worst) return
  const errors: FieldError[] = refusals.map((refusal) => ({
    path: refusal.path,
    message: messageOf(refusal, currency),
  }))
  const shortages = refusals.flatMap((refusal) =>
    refusal.why === 'short'
      ? [{ sku: refusal.sku, wanted: refusal.wanted, available: refusal.available }]
      : [],
  )
  throw new Problem(
    kinds[worst],
    `${errors
      .map(({ message }) => message)
      .slice(0, 5)
      .join('; ')}.`,
    {
      errors: errors.slice(0, 100),
      ...(worst === 'short' ? { shortages } : {}),
    },
  )
}
