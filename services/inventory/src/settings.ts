/** What the use cases need to know of their surroundings. */
export interface Settings {
  readonly lowStockThreshold: number
  /** How long an unconfirmed hold lasts before the sweep takes it back. */
  readonly reservationTtlMs: number
  readonly clock: () => Date
}
