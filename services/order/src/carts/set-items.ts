import { MAX_QUANTITY } from '@storewright/contracts'
import { Problem } from '../problems.ts'
import type { CartAccess } from './cart-reader.ts'
import { findRefusal, linesAfter, mergeDemand, type Demand } from './cart.ts'
import { changeCart, type CartChange, type FoundCart, type Offers } from './change-cart.ts'
import type { ReadStock } from './inventory-client.ts'
import type { StoredCart } from './queries.ts'
import { refuse } from './refusals.ts'

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

/** The lines of the cart once these are set; ends the request where one cannot be had. */
const judge = (
  command: SetItems,
  cart: StoredCart,
  offers: Offers,
  available: ReadonlyMap<string, number> | null,
) => {
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
  const refusals = wanted.flatMap((demand) => {
    const refusal = findRefusal(demand, offers.get(demand.sku), cart.currency, available)
    return refusal
      ? [{ ...refusal, path: pathOf(demand.sku, refusal.why === 'short' ? 'quantity' : 'sku') }]
      : []
  })
  refuse(refusals, cart.currency)

  const lines = wanted.map(({ sku, quantity }) => ({
    sku,
    quantity,
    seenPriceMinor: offers.get(sku)?.prices.get(cart.currency) ?? 0,
  }))
  return linesAfter(cart.lines, lines, command.scope)
}

/** With these statuses one can be had, which is what most customers want of a SKU. */
const IN_STOCK: ReadonlySet<string> = new Set(['in_stock', 'low_stock'])

/** Sets lines of a cart, all or none. The stock is advice, read beforehand: the reservation decides. */
export const setItems = async (
  carts: CartAccess,
  readStock: ReadStock,
  command: SetItems,
): Promise<FoundCart> => {
  const wanted = mergeDemand(command.items)
  const skus = wanted.map(({ sku }) => sku)
  const offers = await carts.readOffers(skus)
  const isOneInStock = ({ sku, quantity }: Demand) =>
    quantity === 1 && IN_STOCK.has(offers.get(sku)?.stockStatus ?? '')
  const fresh = await readStock(wanted.filter((demand) => !isOneInStock(demand)).map(({ sku }) => sku))
  const available =
    fresh && new Map([...wanted.filter(isOneInStock).map(({ sku }) => [sku, 1] as const), ...fresh])
  return changeCart(carts, command, skus, (cart, offers) => ({
    lines: judge(command, cart, offers, available),
  }))
}

/** Removes one SKU, or every line where it is null, from a cart; a SKU that is not there is no error. */
export const removeItems = (carts: CartAccess, change: CartChange & { sku: string | null }) =>
  changeCart(carts, change, [], (cart) => {
    const lines = change.sku === null ? [] : cart.lines.filter(({ sku }) => sku !== change.sku)
    return lines.length === cart.lines.length ? null : { lines }
  })
