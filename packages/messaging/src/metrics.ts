import { Counter, Gauge, Histogram, register } from 'prom-client'

const once = <Metric>(name: string, make: () => Metric): Metric =>
  (register.getSingleMetric(name) as Metric | undefined) ?? make()

const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
  once(name, () => new Counter({ name, help, labelNames }))

type Source = () => Promise<void>

// Read when somebody scrapes: what nobody looks at costs nothing.
const sources = new Set<Source>()

const readSources = async () => {
  await Promise.all([...sources].map((read) => read().catch(() => undefined)))
}

let reading: Promise<void> | undefined
/** All gauges of one scrape share one reading. */
const readOnce = () => (reading ??= readSources().finally(() => (reading = undefined)))

const gauge = <Label extends string>(
  name: string,
  help: string,
  labelNames: readonly Label[],
  read = false,
) =>
  once(
    name,
    () =>
      new Gauge({
        name,
        help,
        labelNames,
        ...(read ? { collect: async () => void (await readOnce()) } : {}),
      }),
  )

/** Registers what fills gauges at scrape time; gives back the function that takes it off again. */
export const onScrape = (source: Source) => {
  sources.add(source)
  return () => void sources.delete(source)
}

const byService = ['service', 'type'] as const
const byGroup = ['group', 'type'] as const

export const brokerConnected = gauge('storewright_broker_connected', '1 while the connection is up', [
  'name',
  'purpose',
])
export const brokerBlocked = gauge('storewright_broker_blocked', '1 while the broker blocks publishing', [
  'name',
  'purpose',
])

export const published = counter('storewright_events_published_total', 'Sent to the broker', byService)
export const confirmed = counter('storewright_events_confirmed_total', 'Confirmed by the broker', byService)
export const returned = counter('storewright_events_returned_total', 'Returned as unroutable', byService)
export const parked = counter(
  'storewright_events_parked_total',
  'Set aside in the outbox; an alarm',
  byService,
)
export const unconfirmed = counter(
  'storewright_events_unconfirmed_total',
  'Neither confirmed nor refused in time; sent again',
  byService,
)
export const relayLeads = gauge('storewright_relay_leads', '1 where this replica publishes', ['service'])
export const outboxDepth = gauge('storewright_outbox_events', 'Events waiting', ['service', 'state'], true)
export const outboxAge = gauge(
  'storewright_outbox_oldest_seconds',
  'Age of the oldest waiting event',
  ['service'],
  true,
)

export const consumed = counter('storewright_events_applied_total', 'Took effect', byGroup)
export const duplicates = counter('storewright_events_duplicate_total', 'Had taken effect before', byGroup)
export const retried = counter('storewright_events_retried_total', 'Sent to a retry queue', byGroup)
export const dead = counter('storewright_events_dead_total', 'Sent to the dead letters', [
  ...byGroup,
  'reason',
] as const)
export const pauses = counter('storewright_consumer_pauses_total', 'Waits for the database', ['group'])
export const batchSizes = once(
  'storewright_consumer_batch_size',
  () =>
    new Histogram({
      name: 'storewright_consumer_batch_size',
      help: 'Events in one transaction',
      labelNames: ['group'],
      buckets: [1, 2, 5, 10, 20, 50, 100],
    }),
)
export const handlingSeconds = once(
  'storewright_consumer_batch_seconds',
  () =>
    new Histogram({
      name: 'storewright_consumer_batch_seconds',
      help: 'Time from taking a batch to its commit',
      labelNames: ['group'],
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3, 10],
    }),
)
export const eventAge = gauge('storewright_consumer_event_age_seconds', 'Age of the event applied last', [
  'group',
])
export const queueDepth = gauge(
  'storewright_queue_messages',
  'Messages ready in a group’s queues',
  ['group', 'queue'],
  true,
)
