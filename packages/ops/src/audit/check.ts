import { sql, type Expression, type QueryExecutorProvider } from 'kysely'

/** What the audit found about one invariant. */
export type Check = {
  /** Its number in the list of invariants. */
  invariant: number
  what: string
  checked: number
  breaches: number
  /** Mismatches between services that may still be on their way, and are no breach until both sides are at rest. */
  pending: number
  examples: string[]
}

/** An invariant within one schema, as the owner of the schema writes it. */
export type RowInvariant = {
  invariant: number
  what: string
  /** All rows that are checked. */
  rows: Expression<unknown>
  /** The id of each row that breaks it. */
  breaches: Expression<{ id: string }>
}

const MAX_EXAMPLES = 5

export const newCheck = (invariant: number, what: string): Check => ({
  invariant,
  what,
  checked: 0,
  breaches: 0,
  pending: 0,
  examples: [],
})

export const addBreach = (check: Check, example: string) => {
  check.breaches += 1
  if (check.examples.length < MAX_EXAMPLES) check.examples.push(example)
}

const count = async (db: QueryExecutorProvider, query: Expression<unknown>) => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${query} as counted`.execute(db)
  return Number(rows[0]?.n ?? 0)
}

/** Checks an invariant within one schema. The database counts, so that the size of a shop does not matter. */
export const checkRows = async (
  db: QueryExecutorProvider,
  { invariant, what, rows, breaches }: RowInvariant,
): Promise<Check> => {
  const check = newCheck(invariant, what)
  check.checked = await count(db, rows)
  check.breaches = await count(db, breaches)
  if (check.breaches > 0) {
    const examples = await sql<{ id: string }>`
      select id from ${breaches} as breaches limit ${sql.lit(MAX_EXAMPLES)}`.execute(db)
    check.examples = examples.rows.map(({ id }) => id)
  }
  return check
}
