import type { SkuQuantity, StockStatus } from '@storewright/contracts'

/** What one location has of one SKU. */
export interface Shelf {
  readonly sku: string
  readonly locationId: number
  onHand: number
  reserved: number
  countedAt: Date | null
}

/** A quantity of one SKU at one location. */
export interface Portion {
  readonly sku: string
  readonly locationId: number
  readonly quantity: number
}

/** The most that one location may have of one SKU: sums over locations and deltas stay exact integers. */
export const MAX_ON_HAND = 1_000_000_000

/** What a shop shows for a SKU with so many free. */
export const statusOf = (available: number, lowStockThreshold: number): StockStatus =>
  available <= 0 ? 'out_of_stock' : available <= lowStockThreshold ? 'low_stock' : 'in_stock'

/** Quantities per SKU; the same SKU may stand on several lines. */
export const sumPerSku = (lines: readonly SkuQuantity[]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

/** The shelves of some SKUs in memory, while their rows are locked: use cases decide here, then each row is written once. */
export class Stock {
  readonly #shelves = new Map<string, Shelf[]>()
  readonly #availableBefore = new Map<string, number>()
  readonly #changed = new Set<Shelf>()

  /** `rows` come sorted by SKU and location, the order in which the allocator takes from them. */
  constructor(rows: readonly Shelf[]) {
    for (const row of rows) {
      const shelves = this.#shelves.get(row.sku)
      if (shelves) shelves.push(row)
      else this.#shelves.set(row.sku, [row])
    }
    for (const sku of this.#shelves.keys()) this.#availableBefore.set(sku, this.available(sku))
  }

  available(sku: string): number {
    let free = 0
    for (const { onHand, reserved } of this.shelves(sku)) free += onHand - reserved
    return free
  }

  shelves(sku: string): readonly Shelf[] {
    return this.#shelves.get(sku) ?? []
  }

  /** The SKU's shelf at a location; an empty one where it has none yet. */
  shelf(sku: string, locationId: number): Shelf {
    const found = this.shelves(sku).find((shelf) => shelf.locationId === locationId)
    if (found) return found
    const shelves = this.#shelves.get(sku)
    if (!shelves) throw new Error(`stock of ${sku} was not locked`)
    const shelf: Shelf = { sku, locationId, onHand: 0, reserved: 0, countedAt: null }
    shelves.push(shelf)
    shelves.sort((a, b) => a.locationId - b.locationId)
    return shelf
  }

  hold(portions: readonly Portion[]) {
    for (const portion of portions) this.#change(portion, 0, portion.quantity)
  }

  release(portions: readonly Portion[]) {
    for (const portion of portions) this.#change(portion, 0, -portion.quantity)
  }

  /** Held stock leaves the house. */
  ship(portion: Portion): { balance: number } {
    return { balance: this.#change(portion, -portion.quantity, -portion.quantity).onHand }
  }

  /** Somebody said what there is: `delta` more or less than was known. */
  count(sku: string, locationId: number, delta: number, now: Date): { balance: number } {
    const shelf = this.#change({ sku, locationId }, delta, 0)
    shelf.countedAt = now
    return { balance: shelf.onHand }
  }

  changedShelves(): Shelf[] {
    return [...this.#changed].sort((a, b) =>
      a.sku === b.sku ? a.locationId - b.locationId : a.sku < b.sku ? -1 : 1,
    )
  }

  /** The SKUs that a shop must show differently from before. */
  statusChanges(lowStockThreshold: number): { sku: string; status: StockStatus; available: number }[] {
    const changes = []
    for (const sku of new Set(this.changedShelves().map((shelf) => shelf.sku))) {
      const available = this.available(sku)
      const status = statusOf(available, lowStockThreshold)
      if (status !== statusOf(this.#availableBefore.get(sku) ?? 0, lowStockThreshold)) {
        changes.push({ sku, status, available })
      }
    }
    return changes
  }

  #change({ sku, locationId }: { sku: string; locationId: number }, onHand: number, reserved: number): Shelf {
    const shelf = this.shelf(sku, locationId)
    const after = { onHand: shelf.onHand + onHand, reserved: shelf.reserved + reserved }
    if (after.reserved < 0 || after.reserved > after.onHand) {
      throw new Error(
        `${sku} at location ${locationId} would have ${after.reserved} reserved of ${after.onHand}`,
      )
    }
    this.#changed.add(Object.assign(shelf, after))
    return shelf
  }
}
