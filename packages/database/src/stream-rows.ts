import { openConnection } from './connect.ts'

/** A statement as a query builder's `compile()` makes it. */
interface Statement {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

const ROWS_AHEAD = 200

/** The rows of a statement as the server sends them, never all in memory. On a connection of its own: who stops
 * reading early leaves rows on it, which nobody else could use then. */
export async function* streamRows<Row>(db: object, statement: Statement): AsyncGenerator<Row> {
  const connection = await openConnection(db)
  try {
    const rows = connection
      .query(statement.sql, [...statement.parameters])
      .stream({ objectMode: true, highWaterMark: ROWS_AHEAD })
    for await (const row of rows) yield row as Row
  } finally {
    connection.destroy()
  }
}
