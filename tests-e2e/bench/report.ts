import Table from 'cli-table3'
import type { Result } from './drive.ts'
import type { Memory } from './memory.ts'

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

/** The report for people. */
export const benchTables = ({ results, ceilings, memory }: Report) => {
  const total = (key: 'rssMb' | 'peakMb') => memory.reduce((sum, each) => sum + each[key], 0)
  return [
    draw(['scenario', 'a second', 'p50 ms', 'p99 ms', 'errors'], inRows(results)),
    ...(ceilings.length > 0
      ? [draw(['what the servers alone can do', 'a second', 'p50 ms', 'p99 ms', 'errors'], inRows(ceilings))]
      : []),
    ...(memory.length > 0
      ? [
          draw(
            ['process', 'MB after load', 'MB at most'],
            [
              ...memory.map(({ process, rssMb, peakMb }) => [process, rssMb, peakMb]),
              ['all', total('rssMb'), total('peakMb')],
            ],
          ),
        ]
      : []),
  ].join('\n')
}
