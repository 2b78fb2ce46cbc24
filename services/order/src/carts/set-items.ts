import { inTransaction } from '@storewright/database'
import { MAX_QUANTITY } from '@storewright/contracts'
import type { Db, Trx } from '../database.ts'
import { Problem } from '../problems.ts'
import { openFor } from './cart-access.ts'
import { findRefusal, linesAfter, mergeDemand, type Demand } from './cart.ts'
import { checkSize, type CartChange, type FoundCart } from './change-cart.ts'
import { deleteLines, upsertLines } from './line-queries.ts'
import { findCartAndOffers, lockCart, touchCart, type CartAndOffers } from './queries.ts'
import { refuse } from './refusals.ts'
import type { ReadStock } from './inventory-client.ts'

export interface SetItems extends CartChange {
  /** What the request names, in its order, SKUs in their normal form. */
  items: readonly Demand[]
  /** `one` sets these lines beside the others, `all` puts them in the others' place. */
  scope: 'one' | 'all'
}

const pathsOf = ({ items, scope }: SetItems) => {
  const first = new Map<string, number>()
  items.forEach(({ sku }, index) => first.has(sku) || first.set(sku, index))
  return (sku: string, field: 'sku' | 'quantity') =>
    scope === 'one' ? field : `items.${first.get(sku) ?? 0}.${field}`
}

/** The lines to write and the cart that they make of the one that was seen; ends the request if it may not be. */
const judge = (
  command: SetItems,
  seen: CartAndOffers | undefined,
  available: ReadonlyMap<string, number> | null,
) => {
  const { cartId, userId, scope, now } = command
  const cart = openFor(seen?.cart, userId, cartId)
  command.check(cart.version)
  const wanted = mergeDemand(command.items)
  const pathOf = pathsOf(command)
  const excess = wanted.find(({ quantity }) => quantity > MAX_QUANTITY)
  if (excess) {
    throw new Problem('unprocessable', `A line has at most ${MAX_QUANTITY} pieces.`, {
      errors: [
        { path: pathOf(excess.sku, 'quantity'), message: `must not add up to more than ${MAX_QUANTITY}` },
      ],
    })
  }
  const offerOf = (sku: string) => seen?.offers.get(sku)
  const refusals = wanted.flatMap((demand) => {
    const refusal = findRefusal(demand, offerOf(demand.sku), cart.currency, available)
    return refusal
      ? [{ ...refusal, path: pathOf(demand.sku, refusal.why === 'short' ? 'quantity' : 'sku') }]
      : []
  })
  refuse(refusals, cart.currency)

  const lines = wanted.map(({ sku, quantity }) => {
    const offer = offerOf(sku) ?? null
    return { sku, quantity, addedPriceMinor: offer?.prices.get(cart.currency) ?? 0, offer }
  })
  const after: FoundCart = {
    cart: { ...cart, version: cart.version + 1, updatedAt: now },
    lines: linesAfter(seen?.lines ?? [], lines, scope),
  }
  checkSize(after)
  return { lines, seenVersion: cart.version, after }
}

/** Locks the cart as it was judged, or judges it again under the lock if it has changed since. */
const lockJudged = async (
  trx: Trx,
  command: SetItems,
  judged: ReturnType<typeof judge>,
  judgeAgain: (seen: CartAndOffers | undefined) => ReturnType<typeof judge>,
) => {
  const { cartId: id, userId, now } = command
  if (await touchCart(trx, { id, userId, now, seen: judged.seenVersion })) return judged
  await lockCart(trx, id)
  const again = judgeAgain(
    await findCartAndOffers(
      trx,
      id,
      command.items.map(({ sku }) => sku),
    ),
  )
  await touchCart(trx, { id, userId, now, seen: again.seenVersion })
  return again
}

/** Sets lines of a cart, all or none, checked before the transaction: the stock is advice, the reservation decides. */
export const setItems = async (db: Db, readStock: ReadStock, command: SetItems): Promise<FoundCart> => {
  const { cartId, scope, now } = command
  const skus = [...new Set(command.items.map(({ sku }) => sku))]
  const [seen, available] = await Promise.all([findCartAndOffers(db, cartId, skus), readStock(skus)])
  const judged = judge(command, seen, available)

  return inTransaction(db, async (trx) => {
    const { lines, after } = await lockJudged(trx, command, judged, (found) =>
      judge(command, found, available),
    )
    if (scope === 'all') await deleteLines(trx, cartId)
    if (lines.length > 0) await upsertLines(trx, cartId, lines, now)
    return after
  })
}
