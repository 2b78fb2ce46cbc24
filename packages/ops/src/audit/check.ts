import { sql, type Kysely, type RawBuilder } from 'kysely'

/** One service's schema, as it was at one moment. */
export type Snapshot = Kysely<unknown>

/** What one look at an invariant found. */
export type Check = {
  /** Its number in the list of invariants. */
  invariant: number
  what: string
  checked: number
  breaches: number
  /** Mismatches between services that may only be on their way: not breaches until both sides have been still. */
  pending: number
  /** Some of the breaching ids. */
  examples: string[]
}

export const EXAMPLES = 5

const count = async (db: Snapshot, from: RawBuilder<unknown>) => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${from}`.execute(db)
  return Number(rows[0]?.n ?? 0)
}

/**
 * An invariant within one schema: `every` is what is looked at (a table or subquery), `broken` selects the `id` of
 * each row that breaks it. Counting happens in the database, so that the size of a shop does not matter.
 */
export const checkRows = async (
  db: Snapshot,
  invariant: number,
  what: string,
  { every, broken }: { every: RawBuilder<unknown>; broken: RawBuilder<unknown> },
): Promise<Check> => {
  const checked = await count(db, every)
  const breaches = await count(db, sql`(${broken}) as broken`)
  const { rows } =
    breaches > 0
      ? await sql<{ id: string }>`select id from (${broken}) as broken limit ${sql.lit(EXAMPLES)}`.execute(db)
      : { rows: [] }
  return { invariant, what, checked, breaches, pending: 0, examples: rows.map(({ id }) => id) }
}
