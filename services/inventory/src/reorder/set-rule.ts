import { MAX_QUANTITY } from '@storewright/contracts'
import type { Trx } from '@storewright/database'
import { notFound } from '@storewright/service-kit/http'
import type { Settings } from '../config.ts'
import type { Database } from '../database.ts'
import { findLocationIds } from '../locations/location.ts'
import { requireLocation } from '../locations/require-location.ts'
import { Problem } from '../problems.ts'
import { lockStock, registerAndLock, writeStock } from '../stock/stock-ledger.ts'
import type { Stock } from '../stock/stock.ts'
import { lockSuppliersShared } from '../suppliers/supplier.ts'
import {
  deleteRuleRow,
  findSuggested,
  listRules,
  updateComputed,
  upsertRule,
  type ReorderRule,
} from './queries.ts'
import { requireSense, type RuleInput } from './rule.ts'

type T = Trx<Database>

interface Place {
  sku: string
  location: string
}

const watch = (stock: Stock, { sku, locationId, automatic, ...rule }: ReorderRule) =>
  stock.watch(sku, locationId, {
    lowStockThreshold: rule.lowStockThreshold,
    reorderPoint: automatic === 1 ? rule.reorderPoint : null,
  })

type Computed = Pick<ReorderRule, 'reorderPoint' | 'reorderQuantity'>

/** What a computed rule takes from a suggestion. What does not sell is not reordered, even when none is left. */
const followed = (found: { reorderPoint: number; reorderQuantity: number } | undefined): Computed =>
  found && found.reorderQuantity > 0
    ? {
        reorderPoint: Math.min(found.reorderPoint, MAX_QUANTITY),
        reorderQuantity: Math.min(found.reorderQuantity, MAX_QUANTITY),
      }
    : { reorderPoint: null, reorderQuantity: null }

/** Makes or replaces the rule of a SKU at a location; where the stock is low already, it is due at once. */
export const setRule = async (
  trx: T,
  { sku, location, input }: Place & { input: RuleInput },
  { settings, check }: { settings: Settings; check: (version: number) => void },
) => {
  requireSense(input)
  const locationId = await requireLocation(trx, location)
  const stock = await registerAndLock(trx, [sku])
  const { supplier: supplierId = null } = input
  if (supplierId !== null && !(await lockSuppliersShared(trx, [supplierId])).has(supplierId)) {
    const errors = [{ path: 'supplier', message: 'is not a supplier' }]
    throw new Problem('unprocessable', 'The rule names a supplier that is not there.', { errors })
  }
  const existing = (await listRules(trx, [sku])).find((rule) => rule.locationId === locationId)
  check(existing?.version ?? 0)

  const now = settings.clock()
  const { reorderPoint = null, reorderQuantity = null }: Partial<Computed> =
    input.policy === 'computed' ? followed(await findSuggested(trx, sku, locationId)) : input
  const rule: ReorderRule = {
    sku,
    locationId,
    policy: input.policy,
    reorderPoint,
    reorderQuantity,
    upTo: input.upTo ?? null,
    automatic: Number(input.automatic),
    supplierId,
    leadTimeDays: input.leadTimeDays ?? null,
    lowStockThreshold: input.lowStockThreshold ?? null,
    version: (existing?.version ?? 0) + 1,
    createdAt: existing?.createdAt ?? now,
    updatedAt: now,
  }
  await upsertRule(trx, rule)
  watch(stock, rule)
  await writeStock(trx, stock, settings)
  return { rule, isNew: existing === undefined }
}

/** Nothing is reordered any more, and the shop's threshold holds; open orders stay. */
export const deleteRule = async (
  trx: T,
  { sku, location }: Place,
  { settings, check }: { settings: Settings; check: (version: number) => void },
) => {
  const locationId = (await findLocationIds(trx, [location])).get(location)
  const stock = await lockStock(trx, [sku])
  const rules = await listRules(trx, [sku])
  const rule = rules.find((found) => found.locationId === locationId) ?? notFound('reorder rule', sku)
  check(rule.version)
  await deleteRuleRow(trx, sku, rule.locationId)
  watch(stock, { ...rule, automatic: 0, lowStockThreshold: null })
  await writeStock(trx, stock, settings)
}

export interface ComputedReorder {
  sku: string
  locationId: number
  /** Units; a quantity of 0: nothing is to be reordered. */
  reorderPoint: number
  reorderQuantity: number
}

/** Gives rules with the policy `computed` what was computed for their SKU and location; others stay as they are. */
export const applySuggestions = async (
  trx: T,
  suggestions: readonly ComputedReorder[],
  settings: Settings,
): Promise<void> => {
  const keyOf = ({ sku, locationId }: { sku: string; locationId: number }) => `${sku} ${locationId}`
  const computed = new Map(suggestions.map((suggestion) => [keyOf(suggestion), suggestion]))
  const listChanged = async (skus: readonly string[]) =>
    (await listRules(trx, skus)).flatMap((rule): ReorderRule[] => {
      const found = computed.get(keyOf(rule))
      if (!found || rule.policy !== 'computed') return []
      const { reorderPoint, reorderQuantity } = followed(found)
      const isSame = reorderPoint === rule.reorderPoint && reorderQuantity === rule.reorderQuantity
      return isSame ? [] : [{ ...rule, reorderPoint, reorderQuantity }]
    })

  // Most SKUs have no such rule: only those that do are locked, and then read again.
  const skus = (await listChanged(suggestions.map(({ sku }) => sku))).map(({ sku }) => sku)
  if (skus.length === 0) return
  const stock = await lockStock(trx, skus)
  const changed = await listChanged(skus)
  if (changed.length > 0) await updateComputed(trx, changed)
  for (const rule of changed) watch(stock, rule)
  await writeStock(trx, stock, settings)
}
