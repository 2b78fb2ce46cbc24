import { counter, gauge, onScrape } from '@storewright/runtime/metrics'
import type { Db } from '../database.ts'
import { countWaiting } from './queries.ts'

export const mails = counter(
  'storewright_mails_total',
  'Messages by kind and outcome: queued, sent, deferred (to be tried again), failed, expired',
  ['kind', 'outcome'],
)
const waitingMails = gauge('storewright_mails_waiting', 'Messages that were not sent yet')
const oldestSeconds = gauge(
  'storewright_mails_oldest_seconds',
  'Age of the oldest message that was not sent yet',
)

let stopWatching: (() => void) | undefined

/** Reads at each scrape how many messages wait in this database; a later call replaces it. */
export const watchWaiting = (db: Db) => {
  stopWatching?.()
  stopWatching = onScrape(async () => {
    const { waiting, oldest } = await countWaiting(db)
    waitingMails.set(waiting)
    oldestSeconds.set(oldest ? (Date.now() - oldest.getTime()) / 1_000 : 0)
  })
}
