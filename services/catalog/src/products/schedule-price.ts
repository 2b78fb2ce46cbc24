import type { Money } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { Problem } from '@storewright/service-kit'
import type { Trx } from '../database.ts'
import { changeProduct, findProductIdOf, requireVariant } from './change-product.ts'
import { refuseFaults, refuseUnknownCurrencies } from './problems.ts'
import { withVariant, type Product } from './product.ts'
import type { ChangeContext } from './save-products.ts'
import { upsertScheduledPrice } from './schedule-queries.ts'

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

/** Plans a variant's price; another plan for the same instant replaces it. Returns the product as it is today. */
export const schedulePrice = async (
  trx: Trx,
  { sku, price, at }: { sku: string; price: Money; at: Date },
  check: (product: Product) => void,
  context: ChangeContext,
): Promise<Product> => {
  refuseUnknownCurrencies([{ path: 'price', price }])
  return changeProduct(
    trx,
    await findProductIdOf(trx, sku),
    async (product) => {
      const variant = requireVariant(product, sku)
      check(product)
      // What could not be applied today is refused today.
      refuseFaults(withVariant(product, { ...variant, price }))
      await upsertScheduledPrice(trx, {
        id: newId(),
        sku: variant.sku,
        price,
        effectiveAt: at,
        reason: context.reason ?? null,
        requestedBy: context.by,
      })
      return product
    },
    context,
  )
}
