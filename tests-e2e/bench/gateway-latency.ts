import { expectOk, openHttp, type Http } from '@storewright/client'
import { drive, type Result } from './drive.ts'
import type { Setting } from './scenarios.ts'

/** Few: with many the figure would be the machine's capacity, shared by one process more. */
const WORKERS = 2

const readProduct = async (http: Http, path: { id: string }) =>
  void expectOk('product', await http.call('GET', '/v1/products/{id}', { path }))

/**
 * A product page from the catalogue itself and through the gateway. In turns of half a second, so that whatever
 * else the machine does meanwhile is the same for both.
 */
export const gatewayLatency = async (
  { gatewayUrl, goods, seconds }: Setting,
  catalogUrl: string,
): Promise<Result[]> => {
  const path = { id: goods.productIds[0] ?? '' }
  const ways = [
    { scenario: 'product page, from the service', http: openHttp({ gateways: [catalogUrl] }) },
    { scenario: 'product page, through the gateway', http: openHttp({ gateways: [gatewayUrl] }) },
  ]
  try {
    const turns = ways.map((): Result[] => [])
    for (let turn = 0; turn < Math.max(2, seconds * 2); turn += 1) {
      for (const [at, { scenario, http }] of ways.entries()) {
        const options = { scenario, unit: 'requests', workers: WORKERS, seconds: 0.5 }
        turns[at]?.push(await drive(options, () => readProduct(http, path)))
      }
    }
    return turns.map(summary)
  } finally {
    await Promise.all(ways.map(({ http }) => http.close()))
  }
}

const middle = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

/** The middle one of the turns, so that a pause of the machine does not become the answer. */
const summary = (turns: Result[]): Result => ({
  scenario: turns[0]?.scenario ?? '',
  unit: 'requests',
  perSecond: middle(turns.map(({ perSecond }) => perSecond)),
  count: turns.reduce((sum, { count }) => sum + count, 0),
  errors: turns.reduce((sum, { errors }) => sum + errors, 0),
  p50Ms: middle(turns.map(({ p50Ms }) => p50Ms)),
  p99Ms: middle(turns.map(({ p99Ms }) => p99Ms)),
})
