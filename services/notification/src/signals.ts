import { afterCommit } from '@storewright/database'
import type { Trx } from './database.ts'

/** What this process tells itself once a transaction is durable. Losing one costs a poll's time, never a mail. */
export interface Signals {
  mailsDue(trx: Trx): void
  onMailsDue(listener: () => void): void
}

/** In-process wake-up of the mail worker. */
export const createSignals = (): Signals => {
  const listeners: (() => void)[] = []
  return {
    mailsDue: (trx) => afterCommit(trx, () => listeners.forEach((listener) => listener())),
    onMailsDue: (listener) => void listeners.push(listener),
  }
}
