import { inTransaction, parseJson } from '@storewright/database'
import type { EventContract } from '@storewright/contracts'
import { createPeriodicJob, type Job, type JobLogger } from '@storewright/runtime/jobs'
import type { Kysely, Transaction } from 'kysely'
import type { Broker } from '../connection/broker.ts'
import { runWithCorrelation } from '../correlation.ts'
import { groupsFor } from '../topology.ts'
import { countWaiting, findOpenRebuild, lockRebuild, recordFailure, recordProgress } from './queries.ts'

export interface RebuildPage {
  /** The key of the last aggregate of the page before; '' for the first. */
  after: string
  limit: number
  /** The SKUs that are meant, null for all. */
  skus: string[] | null
}

/** How an owner repeats the state that others keep copies of. */
export interface Rebuilder<DB> {
  readonly event: EventContract
  /** Locks the next aggregates in the order of their keys, emits each as a replay, and returns the keys. */
  emitPage(trx: Transaction<DB>, page: RebuildPage): Promise<string[]>
}

export type Rebuilders<DB> = Readonly<Record<string, Rebuilder<DB>>>

/** Aggregates per transaction: their rows are locked for some ten milliseconds. */
const BATCH = 100
/** With as many events waiting in the outbox or a queue the next batch waits, so that others' events never wait long. */
const MAX_WAITING = 100
const MAX_FAILURES = 5

/** Works off what `requestRebuild` wrote. Any replica does; a batch and its progress commit together, so a crash repeats none. */
export const createRebuildWorker = <DB>({
  db,
  broker,
  rebuilders,
  logger,
  intervalMs = 1_000,
  batchSize = BATCH,
}: {
  db: Kysely<DB>
  broker: Broker<string>
  rebuilders: Rebuilders<DB>
  logger: JobLogger
  intervalMs?: number
  batchSize?: number
}): Job => {
  const byName = new Map(Object.entries(rebuilders))

  const isBusy = async ({ type }: EventContract) => {
    if (!broker.connected || (await countWaiting(db, MAX_WAITING)) >= MAX_WAITING) return true
    const channel = await broker.openChannel(AbortSignal.timeout(1_000))
    try {
      for (const group of groupsFor(broker.topology, type))
        if ((await channel.checkQueue(group)).messageCount >= MAX_WAITING) return true
      return false
    } finally {
      await channel.close()
    }
  }

  const emitPage = (id: string, rebuilder: Rebuilder<DB>) =>
    inTransaction(db, async (trx) => {
      const rebuild = await lockRebuild(trx, id)
      if (!rebuild) return false
      const { after, skus } = rebuild
      const page = { after, limit: batchSize, skus: skus === null ? null : parseJson<string[]>(skus) }
      const keys = await runWithCorrelation({ correlationId: id, causationId: id }, () =>
        rebuilder.emitPage(trx, page),
      )
      await recordProgress(trx, id, {
        emitted: keys.length,
        after: keys.at(-1),
        finished: keys.length < batchSize,
      })
      return true
    })

  /** True while there may be more to do at once. */
  const work = async () => {
    const open = await findOpenRebuild(db)
    if (!open) return false
    const rebuilder = byName.get(open.name)
    if (!rebuilder) {
      await recordFailure(db, open.id, `this service cannot rebuild ${open.name}`, 1)
      return true
    }
    if (await isBusy(rebuilder.event)) return false
    try {
      return await emitPage(open.id, rebuilder)
    } catch (error) {
      await recordFailure(db, open.id, error instanceof Error ? error.message : String(error), MAX_FAILURES)
      throw error
    }
  }

  return createPeriodicJob({ name: 'rebuilds', intervalMs, run: work, logger, repeatWhileBusy: true })
}
