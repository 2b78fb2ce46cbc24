import type { Money } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit/http'
import type { Trx } from '../database.ts'
import { requireKnownCurrencies, requireNoFaults } from '../products/product-rules.ts'
import { withVariant, type Product, type Variant } from '../products/product.ts'
import type { ChangeContext } from '../products/save-products.ts'
import { changeVariant } from '../variants/change-variant.ts'
import { upsertScheduledPrice } from './queries.ts'

/** A variant's price from now on. The same price again changes nothing and leaves no trace. */
export const setPrice = async (
  trx: Trx,
  { sku, price }: { sku: string; price: Money },
  context: ChangeContext,
  check?: (product: Product) => void,
): Promise<Product> => {
  requireKnownCurrencies([{ path: 'price', price }])
  return changeVariant(trx, sku, { check, change: (variant) => ({ ...variant, price }) }, context)
}

/** Clocks differ a little; an instant this close is now. */
const NOW_MS = 60_000
const FARTHEST_MS = 5 * 366 * 24 * 3600 * 1000

/** When a price asked for `effectiveAt` begins: now (null), later, or never because that is past. */
export const startOf = (effectiveAt: string | undefined, now: Date): Date | null => {
  if (effectiveAt === undefined) return null
  const at = new Date(effectiveAt)
  const refuse = (message: string): never => {
    throw new Problem('unprocessable', `effectiveAt ${message}.`, {
      errors: [{ path: 'effectiveAt', message }],
    })
  }
  const distance = at.getTime() - now.getTime()
  if (Number.isNaN(distance)) return refuse('is no instant')
  if (distance < -NOW_MS) return refuse('is past, and the past has its prices')
  if (distance > FARTHEST_MS) return refuse('is more than five years away')
  return distance <= 0 ? null : at
}

/** Schedules a variant's price, in place of one for the same instant. Returns the product as it is today. */
export const schedulePrice = async (
  trx: Trx,
  { sku, price, at }: { sku: string; price: Money; at: Date },
  context: ChangeContext,
  check: (product: Product) => void,
): Promise<Product> => {
  requireKnownCurrencies([{ path: 'price', price }])
  const schedule = async (variant: Variant, product: Product) => {
    // What could not be applied today is refused today.
    requireNoFaults(withVariant(product, { ...variant, price }))
    await upsertScheduledPrice(trx, {
      id: newId(),
      sku: variant.sku,
      price,
      effectiveAt: at,
      reason: context.reason ?? null,
      requestedBy: context.by,
    })
    return variant
  }
  return changeVariant(trx, sku, { check, change: schedule }, context)
}
