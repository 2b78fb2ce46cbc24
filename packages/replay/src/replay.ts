import { build, type Histogram } from 'hdr-histogram-js'
import { ApiError, openShop, type Schema } from '@storewright/client'
import { openAccounts } from './accounts.ts'
import { importCatalogue, importStock } from './import-retail.ts'
import { fillCart, orderCart, type FilledCart, type Outcome, type Replay } from './place-order.ts'
import { chooseOrders, planStock } from './plan.ts'
import { readRetailFile } from './retail-file.ts'
import { collectRetail, type RetailOrder, type Skipped } from './retail.ts'

export type ReplayOptions = {
  file: string
  gateways: string[]
  admin: { email: string; password: string }
  orders?: number
  first?: string[]
  concurrency?: number
  /** Carts that one shopper fills before ordering the first: stock runs out between the two, as in a real shop. */
  cartsAhead?: number
  customers?: number
  password?: string
  /** How long an order may take to settle, and how long a call is repeated while the shop is unavailable. */
  timeoutMs?: number
  onStage?: (stage: string) => void
  onOutcome?: (done: number, of: number) => void
}

export type Latency = Record<'p50' | 'p90' | 'p99' | 'max', number>

export type ReplayReport = {
  run: string
  file: string
  totals: Record<keyof Skipped, number>
  skipped: Skipped
  imports: { products: Schema<'ImportReport'>; stock: Schema<'ImportReport'> }
  chosen: number
  outcomes: Record<string, number>
  reasons: Record<string, number>
  guests: number
  accounts: number
  seconds: number
  ordersPerSecond: number
  latencyMs: { cart: Latency; order: Latency }
  retries: Record<string, number>
  results: Outcome[]
}

const latencyOf = (histogram: Histogram): Latency => ({
  p50: histogram.getValueAtPercentile(50),
  p90: histogram.getValueAtPercentile(90),
  p99: histogram.getValueAtPercentile(99),
  max: histogram.maxValue,
})

const tally = (values: Iterable<string>) => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

const failure = (order: RetailOrder, error: unknown): Outcome => ({
  invoice: order.invoice,
  outcome: 'failed',
  reason: error instanceof ApiError ? `${error.status} ${error.kind}` : String((error as Error).message),
  guest: false,
})

// A token can become invalid early (a restart with new keys, a log-out): one more attempt with a new log-in.
const withFreshLogIn = async <T>(
  { accounts }: Replay,
  order: RetailOrder,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401 && order.customer)) throw error
    accounts.forget(order.customer)
    return work()
  }
}

/** One worker of the pool: fills some carts, then orders them, until no invoice is left. */
const shopUntilDone = async (
  replay: Replay,
  nextOrders: () => RetailOrder[],
  onOutcome: (outcome: Outcome) => void,
) => {
  for (let orders = nextOrders(); orders.length > 0; orders = nextOrders()) {
    const carts: FilledCart[] = []
    for (const order of orders) {
      const cart = await withFreshLogIn(replay, order, () => fillCart(replay, order)).catch(
        (error: unknown) => failure(order, error),
      )
      if ('outcome' in cart) onOutcome(cart)
      else carts.push(cart)
    }
    for (const cart of carts) {
      const outcome = await withFreshLogIn(replay, cart.order, () => orderCart(replay, cart)).catch(
        (error: unknown) => failure(cart.order, error),
      )
      onOutcome(outcome)
    }
  }
}

/** Turns a retail file into a shop and sends its invoices as orders through the public API. */
export const replay = async (options: ReplayOptions): Promise<ReplayReport> => {
  const { concurrency = 16, cartsAhead = 4, timeoutMs = 120_000, onStage, onOutcome } = options
  const runId = Date.now().toString(36)
  const retries: Record<string, number> = {}
  const shop = openShop({
    gateways: options.gateways,
    connections: concurrency * 2,
    retryForMs: timeoutMs,
    onRetry: (reason) => (retries[reason] = (retries[reason] ?? 0) + 1),
  })
  try {
    onStage?.('reading the file')
    const retail = await collectRetail(readRetailFile(options.file))
    const chosen = chooseOrders(retail.orders, options.orders ?? retail.orders.length, options.first)

    onStage?.(`importing ${retail.products.length} products and their stock`)
    const { tokens } = await shop.logIn(options.admin.email, options.admin.password)
    const products = await importCatalogue(shop, tokens.accessToken, retail.products)
    const stock = await importStock(shop, tokens.accessToken, planStock(retail.products, chosen))

    onStage?.(`placing ${chosen.length} orders`)
    const histograms = { cart: build(), order: build() }
    const accounts = openAccounts(shop, {
      limit: options.customers ?? Infinity,
      password: options.password ?? 'a shopper of the replay',
    })
    const results: Outcome[] = []
    let at = 0
    const nextOrders = () => chosen.slice(at, (at += cartsAhead))
    const record = (outcome: Outcome) => {
      results.push(outcome)
      onOutcome?.(results.length, chosen.length)
    }
    const context: Replay = {
      shop,
      accounts,
      runId,
      settleWithinMs: timeoutMs,
      recordLatency: (of, ms) => histograms[of].recordValue(Math.max(1, Math.round(ms))),
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: concurrency }, () => shopUntilDone(context, nextOrders, record)))
    const seconds = (performance.now() - started) / 1_000

    const placed = results.filter((result) => result.orderId)
    return {
      run: runId,
      file: options.file,
      totals: retail.totals,
      skipped: retail.skipped,
      imports: { products, stock },
      chosen: chosen.length,
      outcomes: { placed: placed.length, ...tally(results.map((result) => result.outcome)) },
      reasons: tally(
        results.filter((result) => result.reason).map((result) => `${result.outcome}: ${result.reason}`),
      ),
      guests: placed.filter((result) => result.guest).length,
      accounts: accounts.size(),
      seconds,
      ordersPerSecond: placed.length / seconds,
      latencyMs: { cart: latencyOf(histograms.cart), order: latencyOf(histograms.order) },
      retries,
      results,
    }
  } finally {
    await shop.close()
  }
}
