import type { CartAccess } from './carts/cart-reader.ts'
import type { ReadStock } from './carts/inventory-client.ts'
import type { Db } from './database.ts'
import type { OrderNotifier } from './order-notifier.ts'
import type { StepContext } from './orders/transition.ts'
import type { AttemptQueue } from './payments/attempt-queue.ts'
import type { DeclineLimit } from './payments/decline-limit.ts'
import type { Providers } from './payments/provider.ts'
import type { RatesReader } from './rates/rates.ts'

export interface Settings {
  /** How long an order may wait for inventory. */
  pendingTtlMs: number
  orderTokenSecret: string
  defaultCurrency: string
  paymentTriesPerOrder: number
  /** What other services authenticate with. */
  internalToken: string
  clock: () => Date
}

/** What routes need. */
export interface Deps {
  db: Db
  carts: CartAccess
  readStock: ReadStock
  providers: Providers
  queue: AttemptQueue
  declineLimit: DeclineLimit
  notifier: OrderNotifier
  /** What a step of an order that begins now needs. */
  stepContext: () => StepContext
  rates: RatesReader
  settings: Settings
}
