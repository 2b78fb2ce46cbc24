import { normaliseSku } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { runWithCorrelation } from '@storewright/messaging/correlation'
import type { Db, Trx } from '../database.ts'
import { priceKey, type Cause } from '../price-history/price-changes.ts'
import { findOwners, lockFreeProducts, lockProducts } from '../products/load-products.ts'
import type { Product } from '../products/product.ts'
import { saveProducts, type ChangeContext } from '../products/save-products.ts'
import { nextWave, withScheduledPrice } from './due-prices.ts'
import { closeScheduledPrices, listDueSkus, lockDuePrices, type ScheduledPrice } from './queries.ts'

type Context = Pick<ChangeContext, 'clock' | 'currency'>

/** Saves one wave; returns the products as they are then and the plans that could not be applied, with the reason. */
const applyWave = async (
  trx: Trx,
  products: Map<string, Product>,
  ownerOf: Map<string, string>,
  wave: ScheduledPrice[],
  context: Context,
) => {
  const after = new Map(products)
  const failures = new Map<string, string[]>()
  const causes = new Map<string, Cause>()
  const applied: string[] = []
  for (const plan of wave) {
    const productId = ownerOf.get(plan.sku) ?? ''
    const changed = withScheduledPrice(after.get(productId), plan)
    if ('failure' in changed) {
      failures.set(changed.failure, [...(failures.get(changed.failure) ?? []), plan.id])
      continue
    }
    after.set(productId, changed)
    causes.set(priceKey(plan), { by: plan.requestedBy, reason: plan.reason })
    applied.push(plan.id)
  }
  const changes = [...after].flatMap(([id, product]) =>
    products.get(id) === product ? [] : [{ before: products.get(id)!, after: product, causes }],
  )
  for (const product of await saveProducts(trx, changes, { ...context, by: null }))
    after.set(product.id, product)
  if (applied.length > 0) await closeScheduledPrices(trx, applied, 'applied', null)
  for (const [failure, ids] of failures) await closeScheduledPrices(trx, ids, 'failed', failure)
  return after
}

/** Applies what is due of products that are locked, in the order of the plans; returns how many that were. */
const applyDueOf = async (trx: Trx, locked: Product[], context: Context): Promise<number> => {
  const ownerOf = new Map(locked.flatMap(({ id, variants }) => variants.map(({ sku }) => [sku, id] as const)))
  const due = await lockDuePrices(trx, [...ownerOf.keys()])
  let products = new Map(locked.map((product) => [product.id, product]))
  for (let rest = due; rest.length > 0;) {
    const wave = nextWave(rest)
    products = await applyWave(trx, products, ownerOf, wave, context)
    rest = rest.filter((plan) => !wave.includes(plan))
  }
  return due.length
}

/** Applies what is due of a SKU's product, before somebody changes a price of it. */
export const applyDuePricesOf = async (trx: Trx, sku: string, context: Context) => {
  const [owner] = await findOwners(trx, [normaliseSku(sku) ?? ''])
  if (owner) await applyDueOf(trx, await lockProducts(trx, [owner.productId]), context)
}

/** More are looked at than one replica takes at once, so that others find work beside it. */
const PLANS_SEEN = 1_000
const PRODUCTS_AT_ONCE = 200

/** Products that somebody else holds are left to them or to the next round: never is a later plan applied before an earlier one. */
const applySome = (db: Db, context: Context) =>
  inTransaction(db, async (trx) => {
    const skus = await listDueSkus(trx, PLANS_SEEN)
    const owners = await findOwners(trx, skus)
    const ids = [...new Set(owners.map(({ productId }) => productId))]
    return applyDueOf(trx, await lockFreeProducts(trx, ids, PRODUCTS_AT_ONCE), context)
  })

/** Applies every scheduled price that is due by the database's clock; safe in any number of replicas at once. */
export const applyDuePrices = async (db: Db, { currency }: { currency: string }): Promise<number> => {
  // From now and not from the scheduled instant: until now the old price was asked.
  const context = { clock: () => new Date(), currency }
  for (let applied = 0; ;) {
    const count = await runWithCorrelation({ correlationId: `price-schedule-${crypto.randomUUID()}` }, () =>
      applySome(db, context),
    )
    if (count === 0) return applied
    applied += count
  }
}
