import Table from 'cli-table3'
import type { Catalogue } from './catalogue.ts'
import type { Result } from './drive.ts'
import type { Comparison } from './compare.ts'
import type { Memory } from './process-usage.ts'
import type { Reservations } from './reservations.ts'

export type Report = { results: Result[]; ceilings: Result[]; memory: Memory[] }

const draw = (head: string[], rows: (string | number)[][]) => {
  const table = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  })
  table.push(...rows.map((row) => row.map(String)))
  return table.toString()
}

const inRows = (results: Result[]) =>
  results.map(({ scenario, unit, perSecond, p50Ms, p99Ms, errors }) => [
    scenario,
    `${perSecond.toFixed(perSecond < 100 ? 1 : 0)} ${unit}`,
    p50Ms,
    p99Ms,
    errors,
  ])

const ceilingTable = (ceilings: Result[]) =>
  draw(['what the servers alone can do', 'a second', 'p50 ms', 'p99 ms', 'errors'], inRows(ceilings))

/** Reservations beside the ceilings of the same run, for people. */
export const reservationTables = ({
  reservations,
  ceilings,
}: {
  reservations: Reservations[]
  ceilings: Result[]
}) =>
  [
    draw(
      ['scenario', 'orders a second', 'turns'],
      reservations.map(({ scenario, perSecond, turns }) => [scenario, perSecond.toFixed(0), turns.join(' ')]),
    ),
    ceilingTable(ceilings),
  ].join('\n')

/** The report for people. */
export const benchTables = ({ results, ceilings, memory }: Report) => {
  const total = (key: 'pssMb' | 'peakMb') => memory.reduce((sum, each) => sum + each[key], 0)
  return [
    draw(['scenario', 'a second', 'p50 ms', 'p99 ms', 'errors'], inRows(results)),
    ...(ceilings.length > 0 ? [ceilingTable(ceilings)] : []),
    ...(memory.length > 0
      ? [
          draw(
            ['process', 'PSS after load, MB', 'RSS at most, MB'],
            [
              ...memory.map(({ process, pssMb, peakMb }) => [process, pssMb, peakMb]),
              ['all', total('pssMb'), total('peakMb')],
            ],
          ),
        ]
      : []),
  ].join('\n')
}

const sumOf = (memory: Memory[]) => memory.reduce((sum, { pssMb }) => sum + pssMb, 0)

/** Two commits beside each other, for people. */
export const comparisonTables = ({ against, scenarios, memory }: Comparison) =>
  [
    draw(
      ['CPU ms for one operation', against.slice(0, 10), 'here', 'ratio', 'a second', 'here', 'errors'],
      scenarios.map(({ scenario, other, here, ratio }) => [
        scenario,
        other.cpuMs.toFixed(2),
        here.cpuMs.toFixed(2),
        ratio.toFixed(2),
        other.perSecond.toFixed(0),
        here.perSecond.toFixed(0),
        other.errors + here.errors,
      ]),
    ),
    ...scenarios.map(({ scenario, other, here }) =>
      draw(
        [`CPU ms of each: ${scenario}`, against.slice(0, 10), 'here'],
        Object.entries(here.shares).map(([name, ms]) => [
          name,
          other.shares[name]?.toFixed(2) ?? '',
          ms.toFixed(2),
        ]),
      ),
    ),
    draw(
      ['PSS of the services, MB', against.slice(0, 10), 'here'],
      [
        ...memory.here.map(({ process, pssMb }) => [
          process,
          memory.other.find((other) => other.process === process)?.pssMb ?? '',
          pssMb,
        ]),
        ['all', sumOf(memory.other), sumOf(memory.here)],
      ],
    ),
  ].join('\n')

const inMs = (cpuMs: number | null) => cpuMs?.toFixed(2) ?? ''

/** The catalogue at its sizes, for people. */
export const catalogueTables = ({ sizes, ratios }: Catalogue) =>
  [
    draw(
      ['lines in one file', 'seconds', 'lines a second', 'PSS of catalog before, MB', 'at most, MB'],
      sizes.map(({ products, imported: { seconds, rowsPerSecond, pssMb, peakPssMb } }) => [
        products,
        seconds.toFixed(1),
        rowsPerSecond.toFixed(0),
        pssMb,
        peakPssMb,
      ]),
    ),
    draw(
      [
        'scenario',
        ...sizes.flatMap(({ products }) => [`a second at ${products}`, 'p99 ms', 'CPU ms']),
        'ratio',
      ],
      ratios.map(({ scenario, ratio }, index) => [
        scenario,
        ...sizes.flatMap(({ results }) => {
          const { perSecond = 0, p99Ms = 0, cpuMs = null } = results[index] ?? {}
          return [perSecond.toFixed(0), p99Ms, inMs(cpuMs)]
        }),
        ratio.toFixed(2),
      ]),
    ),
  ].join('\n')
