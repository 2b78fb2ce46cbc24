import { CompiledQuery, type Insertable, type Kysely } from 'kysely'

const MAX_PACKET_CHARACTERS = 3 * 1024 * 1024
const MAX_ROWS = 10_000

const statementsOf = <Row extends object>(rows: readonly Row[]): Row[][] => {
  const statements: Row[][] = []
  let current: Row[] = []
  let characters = 0
  for (const row of rows) {
    let length = 0
    for (const value of Object.values(row)) length += typeof value === 'string' ? value.length : 8
    if (current.length >= MAX_ROWS || (current.length > 0 && characters + length > MAX_PACKET_CHARACTERS)) {
      statements.push(current)
      current = []
      characters = 0
    }
    current.push(row)
    characters += length
  }
  if (current.length > 0) statements.push(current)
  return statements
}

const quoted = (column: string) => `\`${column}\``

/** For `onDuplicate`: an existing row takes every new value but those in `kept`. */
export const overwriteExcept = <Row extends object>(rows: readonly Row[], kept: readonly (keyof Row)[]) =>
  Object.keys(rows[0] ?? {})
    .filter((column) => !kept.includes(column as keyof Row))
    .map((column) => `${quoted(column)} = values(${quoted(column)})`)
    .join(', ')

/** Inserts rows with the columns of the first and plain values: a query builder is slow with thousands of them.
 * `affected` counts an inserted row once and one that `onDuplicate` changed twice; `insertId` is the last
 * statement's. */
export const insertRows = async <DB, Table extends Extract<keyof DB, string>>(
  db: Pick<Kysely<DB>, 'selectFrom' | 'executeQuery'>,
  table: Table,
  rows: readonly Insertable<NoInfer<DB>[Table]>[],
  { onDuplicate, ignore = false }: { onDuplicate?: string; ignore?: boolean } = {},
): Promise<{ affected: number; insertId: bigint | undefined }> => {
  const [first] = rows
  let affected = 0
  let insertId: bigint | undefined
  if (!first) return { affected, insertId }
  const columns = Object.keys(first) as (keyof Insertable<DB[Table]>)[]
  const tuple = `(${columns.map(() => '?').join(', ')})`
  const begin = `insert ${ignore ? 'ignore ' : ''}into ${quoted(String(table))} (${columns.map((column) => quoted(String(column))).join(', ')}) values `
  const end = onDuplicate ? ` on duplicate key update ${onDuplicate}` : ''
  for (const part of statementsOf(rows)) {
    const values: unknown[] = []
    for (const row of part) for (const column of columns) values.push(row[column])
    const result = await db.executeQuery(
      CompiledQuery.raw(begin + `${tuple}, `.repeat(part.length - 1) + tuple + end, values),
    )
    affected += Number(result.numAffectedRows ?? 0)
    insertId = result.insertId
  }
  return { affected, insertId }
}
