import type { ReorderState, StockAlert } from '../database.ts'

/** What is watched about one location's stock of one SKU. */
export interface WatchedLevel {
  onHand: number
  reserved: number
  countedAt: Date | null
  /** Units; null where the shop's threshold holds. */
  lowStockThreshold: number | null
  alert: StockAlert | null
  /** Since when the alert has its level. */
  alertedAt: Date | null
  /** Units, of an automatic rule. */
  reorderPoint: number | null
  /** Set exactly while the reorder point is reached. */
  reorderState: ReorderState | null
}

/** A level where nothing was counted, and that no rule watches. */
export const emptyLevel = (): WatchedLevel => ({
  onHand: 0,
  reserved: 0,
  countedAt: null,
  lowStockThreshold: null,
  alert: null,
  alertedAt: null,
  reorderPoint: null,
  reorderState: null,
})

/** A level that is `out` is not better until more than this is available. */
const OUT_MARGIN = 1

/** Units above the threshold until which an alert stays: a tenth of the threshold, at least 1. */
export const marginOf = (threshold: number) => Math.max(1, Math.ceil(threshold / 10))

/** The alert after a change. With hysteresis (a Schmitt trigger), so that a flutter around the threshold opens one. */
export const nextAlert = (
  alert: StockAlert | null,
  available: number,
  threshold: number,
): StockAlert | null => {
  if (available <= 0) return 'out'
  if (alert === null) return available <= threshold ? 'low' : null
  if (available > threshold + marginOf(threshold)) return null
  return alert === 'out' && available <= OUT_MARGIN ? 'out' : 'low'
}

/** Brings alert and reorder state in line with what is available; returns the alert where this opened or worsened it. */
export const updateSignals = (
  level: WatchedLevel,
  { lowStockThreshold, now }: { lowStockThreshold: number; now: Date },
): StockAlert | null => {
  const available = level.onHand - level.reserved
  const { alert: before, reorderPoint, reorderState } = level
  const isReached = reorderPoint !== null && available <= reorderPoint
  level.reorderState = isReached ? (reorderState ?? 'due') : null

  // A place where nobody ever counted or received the SKU lacks nothing.
  if (level.countedAt === null) return null
  const alert = nextAlert(before, available, level.lowStockThreshold ?? lowStockThreshold)
  if (alert === before) return null
  Object.assign(level, { alert, alertedAt: alert && now })
  return alert === 'low' && before === 'out' ? null : alert
}
