import { consumerGroups, contracts } from '@storewright/contracts'
import { sql } from 'kysely'
import { serviceOf } from '../config.ts'
import { checkRows, EXAMPLES, type Check, type Snapshot } from './check.ts'

type Kind = 'emitted' | 'applied' | 'dead' | 'dropped'
type CounterRow = { kind: Kind; consumer_group: string; type: string; total: number }

const STILL_SECONDS = 60

/** How many events of each type one service emitted per group, and how many its own groups dealt with. */
const readCounters = async (db: Snapshot) => {
  const { rows } = await sql<CounterRow>`
    select kind, consumer_group, type, sum(count) as total from event_counters
    group by kind, consumer_group, type`.execute(db)
  const totals = new Map(
    rows.map((row) => [`${row.kind} ${row.consumer_group} ${row.type}`, Number(row.total)]),
  )
  return (kind: Kind, group: string, type: string) => totals.get(`${kind} ${group} ${type}`) ?? 0
}

export type Flow = {
  type: string
  group: string
  emitted: number
  applied: number
  dead: number
  dropped: number
}

/** Every event type with every group that hears it: what was said, and what became of it. */
export const readFlows = async (schemas: Record<string, Snapshot>): Promise<Flow[]> => {
  const counters = new Map<string, Awaited<ReturnType<typeof readCounters>>>()
  for (const [service, schema] of Object.entries(schemas)) counters.set(service, await readCounters(schema))

  return Object.entries(consumerGroups).flatMap(([group, heard]) =>
    heard.flatMap(({ type }) => {
      const said = counters.get(contracts.get(type)?.owner ?? '')
      const done = counters.get(serviceOf(group))
      if (!said || !done) return []
      return {
        type,
        group,
        emitted: said('emitted', group, type),
        applied: done('applied', group, type),
        dead: done('dead', group, type),
        dropped: done('dropped', group, type),
      }
    }),
  )
}

export const isBalanced = ({ emitted, applied, dead, dropped }: Flow) => emitted === applied + dead + dropped

const isGroupStill = async (consumer: Snapshot, group: string) => {
  const { rows } = await sql<{ still: number }>`
    select coalesce(max(recorded_at) < utc_timestamp(6) - interval ${sql.lit(STILL_SECONDS)} second, 1) as still
    from inbox where consumer_group = ${group}`.execute(consumer)
  return Boolean(rows[0]?.still)
}

/**
 * Invariant 6, between services: emitted = applied + dead-lettered + dropped, per type and group. `waiting` tells how
 * many messages a group's queues hold; without it (no broker to ask) a difference may still be on its way.
 */
export const checkFlows = async (
  schemas: Record<string, Snapshot>,
  { strict, waiting }: { strict: boolean; waiting?: (group: string) => Promise<number> },
): Promise<Check> => {
  const check: Check = {
    invariant: 6,
    what: 'emitted = applied + dead-lettered + dropped',
    checked: 0,
    breaches: 0,
    pending: 0,
    examples: [],
  }
  for (const flow of await readFlows(schemas)) {
    check.checked += flow.emitted
    if (isBalanced(flow)) continue
    const consumer = schemas[serviceOf(flow.group)]
    const atRest =
      strict ||
      (consumer !== undefined &&
        (await isGroupStill(consumer, flow.group)) &&
        waiting !== undefined &&
        (await waiting(flow.group)) === 0)
    if (!atRest) {
      check.pending += 1
      continue
    }
    check.breaches += 1
    if (check.examples.length < EXAMPLES) {
      const { type, group, emitted, applied, dead, dropped } = flow
      check.examples.push(
        `${type} → ${group}: ${emitted} emitted, ${applied} applied, ${dead} dead, ${dropped} dropped`,
      )
    }
  }
  return check
}

/** Invariant 6, within a service: its outbox drains. A parked event never does by itself. */
export const checkOutbox = (service: string, db: Snapshot, strict: boolean) => () =>
  checkRows(db, 6, `${service}: the outbox drains`, {
    every: sql`outbox`,
    broken: sql`select event_id as id from outbox
      where ${sql.lit(strict)} or parked_at is not null
        or occurred_at < utc_timestamp(6) - interval ${sql.lit(STILL_SECONDS)} second`,
  })
