import { build, type Histogram } from 'hdr-histogram-js'
import type { ImportReport } from '../shop/shapes.ts'
import { openShop, type Shop } from '../shop/shop.ts'
import { ShopProblem } from '../shop/problem.ts'
import { openAccounts, type Accounts } from './accounts.ts'
import { fillCart, orderCart, type Clock, type FilledCart, type Outcome } from './place-order.ts'
import { chooseOrders, planStock } from './plan.ts'
import { readRetailFile } from './retail-file.ts'
import { collectRetail, type RetailOrder, type Skipped } from './retail.ts'
import { importCatalogue, importStock } from './stock-shop.ts'

export type ReplayOptions = {
  file: string
  gateways: string[]
  admin: { email: string; password: string }
  /** How many orders; all of the file's when not given. */
  orders?: number
  /** Invoices that go first, wherever they stand in the file. */
  first?: string[]
  concurrency?: number
  /** Carts that one shopper fills before ordering the first: stock runs out between the two, as in a real shop. */
  cartsAhead?: number
  customers?: number
  password?: string
  /** How long an order may take to settle, and a call may be repeated while the shop is away. */
  patienceMs?: number
  onStage?: (stage: string) => void
  onOutcome?: (done: number, of: number) => void
}

export type Latency = Record<'p50' | 'p90' | 'p99' | 'max', number>

export type ReplayReport = {
  run: string
  file: string
  totals: Record<keyof Skipped, number>
  skipped: Skipped
  imports: { products: ImportReport; stock: ImportReport }
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
  reason: error instanceof ShopProblem ? `${error.status} ${error.kind}` : String((error as Error).message),
  guest: false,
})

type Crew = { shop: Shop; accounts: Accounts; run: string; clock: Clock }

// A token can end before its time (a restart with new keys, a log-out): one more try with a new log-in.
const withFreshLogIn = async <T>(
  accounts: Accounts,
  order: RetailOrder,
  work: () => Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ShopProblem && error.status === 401 && order.customer)) throw error
    accounts.forget(order.customer)
    return work()
  }
}

/** One shopper: fills some carts, then orders them, until no invoice is left. */
const shopUntilDone = async (crew: Crew, next: () => RetailOrder[], done: (outcome: Outcome) => void) => {
  const { shop, accounts, run, clock } = crew
  for (let group = next(); group.length > 0; group = next()) {
    const carts: FilledCart[] = []
    for (const order of group) {
      const cart = await withFreshLogIn(accounts, order, () => fillCart(shop, accounts, order, clock)).catch(
        (error: unknown) => failure(order, error),
      )
      if ('outcome' in cart) done(cart)
      else carts.push(cart)
    }
    for (const cart of carts) {
      const outcome = await withFreshLogIn(accounts, cart.order, () =>
        orderCart(shop, accounts, run, cart, clock),
      ).catch((error: unknown) => failure(cart.order, error))
      done(outcome)
    }
  }
}

/** Turns a retail file into a shop and sends its invoices as orders through the public API. */
export const replay = async (options: ReplayOptions): Promise<ReplayReport> => {
  const { concurrency = 16, cartsAhead = 4, patienceMs = 120_000, onStage, onOutcome } = options
  const run = Date.now().toString(36)
  const retries: Record<string, number> = {}
  const shop = openShop({
    gateways: options.gateways,
    connections: concurrency * 2,
    patienceMs,
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
    const clock: Clock = {
      settleMs: patienceMs,
      note: (what, ms) => histograms[what].recordValue(Math.max(1, Math.round(ms))),
    }
    const results: Outcome[] = []
    let at = 0
    const next = () => chosen.slice(at, (at += cartsAhead))
    const done = (outcome: Outcome) => {
      results.push(outcome)
      onOutcome?.(results.length, chosen.length)
    }
    const started = performance.now()
    const crew = { shop, accounts, run, clock }
    await Promise.all(Array.from({ length: concurrency }, () => shopUntilDone(crew, next, done)))
    const seconds = (performance.now() - started) / 1_000

    const placed = results.filter((result) => result.orderId)
    return {
      run,
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
