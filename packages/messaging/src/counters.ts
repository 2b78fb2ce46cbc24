import { randomInt } from 'node:crypto'
import { sql, type Transaction } from 'kysely'
import { messagingTables, type CounterKind } from './tables.ts'

export interface Count {
  kind: CounterKind
  group: string
  type: string
  by: number
}

// Replicas count in rows of their own, so that they do not wait for each other.
const shard = randomInt(64)

const keyOf = ({ kind, group, type }: Count) => `${kind}|${group}|${type}`

/** Adds to the counters in the transaction of what is counted; rows are locked in key order. */
export const addCounts = async <DB>(trx: Transaction<DB>, counts: Count[]) => {
  const sums = new Map<string, Count>()
  for (const count of counts) {
    const sum = sums.get(keyOf(count))
    if (sum) sum.by += count.by
    else sums.set(keyOf(count), { ...count })
  }
  const rows = [...sums.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { kind, group, type, by }]) => ({ kind, consumer_group: group, type, shard, count: by }))
  if (rows.length === 0) return
  await messagingTables(trx)
    .insertInto('event_counters')
    .values(rows)
    .onDuplicateKeyUpdate({ count: sql<number>`count + values(count)` })
    .execute()
}
