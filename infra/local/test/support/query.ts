import { connect } from '@storewright/database'
import { sql } from 'kysely'

/** Runs statements one after the other; the rows of the last. */
export const query = async (url: string, ...statements: string[]): Promise<unknown[]> => {
  const db = connect<object>(url, { poolSize: 2 })
  try {
    let rows: unknown[] = []
    for (const statement of statements) rows = (await sql.raw(statement).execute(db)).rows
    return rows
  } finally {
    await db.destroy()
  }
}
