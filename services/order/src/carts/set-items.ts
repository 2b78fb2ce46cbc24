import { inTransaction } from '@storewright/database'
import { MAX_QUANTITY } from '@storewright/contracts'
import { Problem } from '@storewright/service-kit'
import type { Db, Trx } from '../database.ts'
import { isTooLarge } from '../orders/totals.ts'
import { openFor } from './cart-access.ts'
import { cartTotals, findRefusal, MAX_LINES, mergeDemand, type CartLine, type Demand } from './cart.ts'
import {
  deleteLines,
  findCart,
  findCartAndOffers,
  findCartHead,
  touchCart,
  upsertLines,
  type CartHead,
} from './queries.ts'
import { refuse } from './refusals.ts'
import type { ReadStock } from './stock-reader.ts'

export interface SetItems {
  cartId: string
  userId: string | null
  /** What the request names, in its order, SKUs in their normal form. */
  items: readonly Demand[]
  /** `one` sets these lines beside the others, `all` puts them in the others' place. */
  scope: 'one' | 'all'
  /** Throws when the client changes another version than the one it saw. */
  check: (version: number) => void
  now: Date
}

/** Locks the cart for a change, or says why there is none. */
export const beginChange = async (
  trx: Trx,
  { cartId, userId, now }: Pick<SetItems, 'cartId' | 'userId' | 'now'>,
) => {
  if (await touchCart(trx, cartId, userId, now)) return
  openFor(await findCartHead(trx, cartId), userId, cartId)
  // A cart never becomes open again, nor anybody's who may not see it now.
  throw new Error(`cart ${cartId} is open and could not be locked`)
}

/** The cart after a change, if it may be so. */
export const endChange = async (
  trx: Trx,
  { cartId, check }: Pick<SetItems, 'cartId' | 'check'>,
): Promise<{ cart: CartHead; lines: CartLine[] }> => {
  const found = await findCart(trx, cartId)
  if (!found) throw new Error(`cart ${cartId} vanished while it was locked`)
  check(found.cart.version - 1)
  if (found.lines.length > MAX_LINES) {
    throw new Problem('unprocessable', `A cart has at most ${MAX_LINES} lines.`, {
      errors: [{ path: 'items', message: `must not make more than ${MAX_LINES} lines` }],
    })
  }
  if (isTooLarge(cartTotals(found.lines, found.cart.currency, 0))) {
    throw new Problem('unprocessable', 'The total is more than an order may cost.', {
      errors: [{ path: 'quantity', message: 'makes the total too large' }],
    })
  }
  return found
}

/**
 * Sets lines of a cart, all or none. What is refused is judged before the transaction, on the service's own
 * copy of the offers and a fresh look at the stock: advice, which the reservation will check.
 */
export const setItems = async (db: Db, readStock: ReadStock, command: SetItems) => {
  const { cartId, userId, scope, now } = command
  const wanted = mergeDemand(command.items)
  const skus = wanted.map(({ sku }) => sku)
  const [found, available] = await Promise.all([
    findCartAndOffers(db, cartId, skus.length > 0 ? skus : ['']),
    readStock(skus),
  ])
  const { currency } = openFor(found?.cart, userId, cartId)
  const offers = found?.offers ?? new Map<string, never>()

  const pathOf = (sku: string) =>
    scope === 'one' ? 'sku' : `items.${command.items.findIndex((item) => item.sku === sku)}.sku`
  const excess = wanted.find(({ quantity }) => quantity > MAX_QUANTITY)
  if (excess) {
    const path = pathOf(excess.sku).replace(/sku$/, 'quantity')
    throw new Problem('unprocessable', `A line has at most ${MAX_QUANTITY} pieces.`, {
      errors: [{ path, message: `adds up to more than ${MAX_QUANTITY}` }],
    })
  }
  const refusals = wanted.flatMap((demand) => {
    const refusal = findRefusal(demand, offers.get(demand.sku), currency, available)
    return refusal ? [{ ...refusal, path: pathOf(demand.sku) }] : []
  })
  refuse(refusals, currency)

  const lines = wanted.map(({ sku, quantity }) => ({
    sku,
    quantity,
    addedPriceMinor: offers.get(sku)?.priceMinor ?? 0,
  }))
  return inTransaction(db, async (trx) => {
    await beginChange(trx, command)
    if (scope === 'all') await deleteLines(trx, cartId)
    if (lines.length > 0) await upsertLines(trx, cartId, lines, now)
    return endChange(trx, command)
  })
}
