import Table from 'cli-table3'

type Cell = string | number
export type Row = Cell[]

/** A plain table with a header; numbers to the right. */
export const table = (head: string[], rows: Row[]) => {
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  )
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: numeric.map((isNumeric) => (isNumeric ? 'right' : 'left')),
  })
  drawn.push(...rows.map((row) => row.map((cell) => String(cell))))
  return drawn.toString()
}
