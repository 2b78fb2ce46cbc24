import type { SkuQuantity, StockStatus } from '@storewright/contracts'
import { emptyLevel, type WatchedLevel } from './low-stock.ts'

/** What one location has of one SKU. */
export interface StockLevel extends WatchedLevel {
  readonly sku: string
  readonly locationId: number
  /** Of its location: orders take from the lower ones first. */
  readonly priority: number
}

/** A quantity of one SKU at one location. */
export interface Allocation {
  readonly sku: string
  readonly locationId: number
  readonly quantity: number
}

/** The most that one location may have of one SKU: sums over locations and deltas stay exact integers. */
export const MAX_ON_HAND = 1_000_000_000

/** The public status of a SKU with this many available units. */
export const statusOf = (available: number, lowStockThreshold: number): StockStatus =>
  available <= 0 ? 'out_of_stock' : available <= lowStockThreshold ? 'low_stock' : 'in_stock'

/** Quantities per SKU; the same SKU may stand on several lines. */
export const sumPerSku = (lines: readonly SkuQuantity[]): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of lines) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

const byPriority = (a: StockLevel, b: StockLevel) => a.priority - b.priority || a.locationId - b.locationId

/** The levels of some SKUs in memory, while their rows are locked: use cases decide here, then each row is written once. */
export class Stock {
  /** The database's time when the SKUs were locked; of no meaning where there are none. */
  readonly now: Date
  readonly #levels = new Map<string, StockLevel[]>()
  readonly #availableBefore = new Map<string, number>()
  readonly #changed = new Set<StockLevel>()

  /** `rows` come in the order in which they are locked. */
  constructor(rows: readonly StockLevel[], now = new Date(0)) {
    this.now = now
    for (const row of rows) {
      const levels = this.#levels.get(row.sku)
      if (levels) levels.push(row)
      else this.#levels.set(row.sku, [row])
    }
    for (const [sku, levels] of this.#levels) {
      levels.sort(byPriority)
      this.#availableBefore.set(sku, this.available(sku))
    }
  }

  available(sku: string): number {
    let free = 0
    for (const { onHand, reserved } of this.levels(sku)) free += onHand - reserved
    return free
  }

  /** In the order in which orders take from them. */
  levels(sku: string): readonly StockLevel[] {
    return this.#levels.get(sku) ?? []
  }

  /** The SKU's level at a location; an empty one where it has none yet. */
  level(sku: string, locationId: number): StockLevel {
    const found = this.levels(sku).find((level) => level.locationId === locationId)
    if (found) return found
    const levels = this.#levels.get(sku)
    if (!levels) throw new Error(`stock of ${sku} was not locked`)
    // Last in this transaction, which takes nothing from it.
    const priority = Number.MAX_SAFE_INTEGER
    const level: StockLevel = { sku, locationId, priority, ...emptyLevel() }
    levels.push(level)
    return level
  }

  hold(allocations: readonly Allocation[]) {
    for (const allocation of allocations) this.#change(allocation, 0, allocation.quantity)
  }

  release(allocations: readonly Allocation[]) {
    for (const allocation of allocations) this.#change(allocation, 0, -allocation.quantity)
  }

  ship(allocation: Allocation): { balance: number } {
    return { balance: this.#change(allocation, -allocation.quantity, -allocation.quantity).onHand }
  }

  /** Moves what no order holds; returns what is on hand afterwards at either location. */
  transfer(sku: string, { from, to, quantity }: { from: number; to: number; quantity: number }, now: Date) {
    const source = this.#change({ sku, locationId: from }, -quantity, 0)
    return { from: source.onHand, to: this.count(sku, to, quantity, now).balance }
  }

  /** `delta` more or less was counted than was known. */
  count(sku: string, locationId: number, delta: number, now: Date): { balance: number } {
    const level = this.#change({ sku, locationId }, delta, 0)
    level.countedAt = now
    return { balance: level.onHand }
  }

  /** A rule watches the level from now on; with nulls none does. */
  watch(sku: string, locationId: number, rule: Pick<WatchedLevel, 'lowStockThreshold' | 'reorderPoint'>) {
    this.#changed.add(Object.assign(this.level(sku, locationId), rule, { reorderState: null }))
  }

  /** Whether an order for it is open: what was reached is due again when one has ended. */
  setOrdered(sku: string, locationId: number, isOrdered: boolean) {
    const level = this.level(sku, locationId)
    this.#changed.add(Object.assign(level, { reorderState: isOrdered ? 'ordered' : null }))
  }

  changedLevels(): StockLevel[] {
    return [...this.#changed].sort((a, b) =>
      a.sku === b.sku ? a.locationId - b.locationId : a.sku < b.sku ? -1 : 1,
    )
  }

  /** The SKUs that a shop must show differently from before. */
  statusChanges(lowStockThreshold: number): { sku: string; status: StockStatus; available: number }[] {
    const changes = []
    for (const sku of new Set(this.changedLevels().map((level) => level.sku))) {
      const available = this.available(sku)
      const status = statusOf(available, lowStockThreshold)
      if (status !== statusOf(this.#availableBefore.get(sku) ?? 0, lowStockThreshold)) {
        changes.push({ sku, status, available })
      }
    }
    return changes
  }

  #change(
    { sku, locationId }: { sku: string; locationId: number },
    onHand: number,
    reserved: number,
  ): StockLevel {
    const level = this.level(sku, locationId)
    const after = { onHand: level.onHand + onHand, reserved: level.reserved + reserved }
    if (after.reserved < 0 || after.reserved > after.onHand) {
      throw new Error(
        `${sku} at location ${locationId} would have ${after.reserved} reserved of ${after.onHand}`,
      )
    }
    this.#changed.add(Object.assign(level, after))
    return level
  }
}
