import { Counter, Gauge, register } from 'prom-client'

const once = <Metric>(name: string, make: () => Metric): Metric =>
  (register.getSingleMetric(name) as Metric | undefined) ?? make()

/** What became of messages, by kind: queued, sent, put-off (to be tried again), failed, expired. */
export const mails = once(
  'storewright_mails_total',
  () =>
    new Counter({
      name: 'storewright_mails_total',
      help: 'Messages by kind and what became of them: queued, sent, put-off, failed, expired',
      labelNames: ['kind', 'outcome'] as const,
    }),
)

const WAITING = 'storewright_mails_waiting'
const OLDEST = 'storewright_mails_oldest_seconds'

/** Gauges that are read when somebody scrapes. */
export const watchWaiting = (read: () => Promise<{ waiting: number; oldest: Date | null }>) => {
  for (const name of [WAITING, OLDEST]) register.removeSingleMetric(name)
  const oldest = new Gauge({ name: OLDEST, help: 'Age of the oldest message that has not left' })
  const waiting = new Gauge({
    name: WAITING,
    help: 'Messages that have not left yet',
    collect: async () => {
      const found = await read().catch(() => undefined)
      if (!found) return
      waiting.set(found.waiting)
      oldest.set(found.oldest ? (Date.now() - found.oldest.getTime()) / 1_000 : 0)
    },
  })
}
