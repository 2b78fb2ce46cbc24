import { table, type Row } from '@storewright/ops/cli'
import type { Latency, ReplayReport } from './replay.ts'

const ms = (value: number) => `${value} ms`
const latency = (name: string, { p50, p90, p99, max }: Latency): Row => [
  name,
  `p50 ${ms(p50)}, p90 ${ms(p90)}, p99 ${ms(p99)}, longest ${ms(max)}`,
]
const rows = (counts: Record<string, number>, prefix = ''): Row[] =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([what, times]) => [`${prefix}${what}`, times])

export const replayTables = (report: ReplayReport) =>
  [
    table(
      ['orders', ''],
      [
        ['sent', report.chosen],
        ['placed', report.outcomes['placed'] ?? 0],
        ['… confirmed', report.outcomes['confirmed'] ?? 0],
        ['… rejected', report.outcomes['rejected'] ?? 0],
        ['… cancelled', report.outcomes['cancelled'] ?? 0],
        ['… not settled in time', report.outcomes['unsettled'] ?? 0],
        ['refused by the cart', report.outcomes['refused-by-cart'] ?? 0],
        ['failed', report.outcomes['failed'] ?? 0],
        ['by guests', report.guests],
        ['accounts used', report.accounts],
        ...rows(report.reasons, 'why: '),
      ],
    ),
    table(
      ['left out of the file', ''],
      [
        ...rows(report.skipped.invoices, 'invoices: '),
        ...rows(report.skipped.lines, 'lines: '),
        ...rows(report.skipped.codes, 'stock codes: '),
        ['read in all', `${report.totals.invoices} invoices, ${report.totals.lines} lines`],
      ],
    ),
    table(
      ['speed', ''],
      [
        ['orders a second', report.ordersPerSecond.toFixed(1)],
        ['seconds', report.seconds.toFixed(1)],
        latency('cart filled', report.latencyMs.cart),
        latency('order settled', report.latencyMs.order),
        ...rows(report.retries, 'repeated after: '),
      ],
    ),
  ].join('\n')

/** Whether every order that was sent ended as it should: placed and settled, or refused for lack of stock. */
export const isClean = ({ outcomes, imports }: ReplayReport) =>
  !outcomes['failed'] &&
  !outcomes['unsettled'] &&
  imports.products.rejectedCount === 0 &&
  imports.stock.rejectedCount === 0
