import { counter, gauge, histogram } from '@storewright/runtime/metrics'

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

export const published = counter(
  'storewright_events_published_total',
  'Events published, counting repeats',
  byService,
)
export const confirmed = counter(
  'storewright_events_confirmed_total',
  'Events confirmed by the broker',
  byService,
)
export const returned = counter(
  'storewright_events_returned_total',
  'Events returned as unroutable',
  byService,
)
export const parked = counter(
  'storewright_events_parked_total',
  'Events parked in the outbox; alert on it',
  byService,
)
export const unconfirmed = counter(
  'storewright_events_unconfirmed_total',
  'Events without a confirm, which are sent again',
  byService,
)
export const relayLeadership = gauge(
  'storewright_relay_leads',
  '1 on the replica that publishes the outbox',
  ['service'],
)
export const outboxDepth = gauge('storewright_outbox_events', 'Events in the outbox, by state', [
  'service',
  'state',
])
export const outboxAge = gauge('storewright_outbox_oldest_seconds', 'Age of the oldest event in the outbox', [
  'service',
])

export const applied = counter('storewright_events_applied_total', 'Events that took effect', byGroup)
export const duplicates = counter(
  'storewright_events_duplicate_total',
  'Deliveries of events that had taken effect before',
  byGroup,
)
export const retried = counter('storewright_events_retried_total', 'Events sent to a retry queue', byGroup)
export const dead = counter('storewright_events_dead_total', 'Events sent to the dead letters', [
  ...byGroup,
  'reason',
] as const)
export const databasePauses = counter(
  'storewright_consumer_pauses_total',
  'Pauses while the database was unavailable',
  ['group'],
)
export const batchSizes = histogram('storewright_consumer_batch_size', 'Events per transaction', {
  labelNames: ['group'],
  buckets: [1, 2, 5, 10, 20, 50, 100],
})
export const handlingSeconds = histogram(
  'storewright_consumer_batch_seconds',
  'Seconds from taking a batch to its commit',
  { labelNames: ['group'], buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 3, 10] },
)
export const eventAge = gauge('storewright_consumer_event_age_seconds', 'Age of the event applied last', [
  'group',
])
export const queueDepth = gauge('storewright_queue_messages', 'Messages ready in a group’s queues', [
  'group',
  'queue',
])
