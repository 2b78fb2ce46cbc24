import { afterCommit } from '@storewright/database'
import type { LeaseWorker } from '@storewright/runtime/jobs'
import type { Trx } from '../database.ts'
import type { Attempt } from './queries.ts'

type Worker = Pick<LeaseWorker<Attempt>, 'accepts' | 'take' | 'notify'>

/** Between whoever inserts payment attempts and this process's workers, one for each provider. */
export interface AttemptQueue {
  /** How long an attempt that is inserted now is leased to this process; 0 where no worker here takes it. */
  leaseMs(provider: string): number
  /** Leased attempts go to their workers once they are committed, without a claim. */
  handOver(trx: Trx, attempts: readonly Attempt[]): void
  /** After the commit: something is due at once. */
  notify(trx: Trx): void
}

export const createAttemptQueue = (leaseMs: number) => {
  const workers = new Map<string, Worker>()
  const acceptingWorker = (provider: string) => {
    const worker = workers.get(provider)
    return worker?.accepts() ? worker : undefined
  }
  return {
    leaseMs: (provider) => (acceptingWorker(provider) ? leaseMs : 0),
    handOver: (trx, attempts) =>
      afterCommit(trx, () => {
        for (const [provider, own] of Map.groupBy(attempts, (attempt) => attempt.provider)) {
          workers.get(provider)?.take(own)
        }
      }),
    notify: (trx) => afterCommit(trx, () => workers.forEach((worker) => worker.notify())),
    register: (provider: string, worker: Worker) => void workers.set(provider, worker),
  } satisfies AttemptQueue & { register: unknown }
}

/** For processes without workers: whoever has some finds the attempts. */
export const noQueue: AttemptQueue = { leaseMs: () => 0, handOver: () => {}, notify: () => {} }
