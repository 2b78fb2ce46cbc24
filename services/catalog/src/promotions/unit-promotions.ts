import type { Money } from '@storewright/contracts'
import { isOnEveryUnit } from '@storewright/promotions/promotion'
import { priceOneUnit, type UnitPromotion } from '@storewright/promotions/unit-price'
import type { Trx } from '../database.ts'
import { listAncestors, listAutomatic } from './running-queries.ts'

interface Placed {
  id: string
  categoryIds: string[]
}

/** What anybody pays for one unit while public promotions run, at `at` (default: the database’s now); two statements. */
export const readUnitPromotions = async (
  trx: Trx,
  products: Placed[],
  at?: Date,
): Promise<(product: Placed, price: Money) => UnitPromotion | null> => {
  const { promotions, now } = await listAutomatic(trx, at)
  const shown = promotions.filter(isOnEveryUnit)
  if (shown.length === 0) return () => null
  const isOnCategories = shown.some(({ categoryIds }) => categoryIds.length > 0)
  const categoryIds = isOnCategories ? [...new Set(products.flatMap((product) => product.categoryIds))] : []
  const ancestors = Map.groupBy(await listAncestors(trx, categoryIds), ({ categoryId }) => categoryId)
  return (product, price) => {
    const above = product.categoryIds.flatMap((id) =>
      (ancestors.get(id) ?? []).map(({ ancestorId }) => ancestorId),
    )
    return priceOneUnit(shown, { productId: product.id, categoryIds: above }, price, now)
  }
}
