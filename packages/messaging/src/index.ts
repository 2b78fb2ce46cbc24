export { connectBroker, type Broker } from './connection/broker.ts'
export { createConsumer, type Consumer } from './consumer/consumer.ts'
export { createFanoutConsumer, type FanoutConsumer } from './consumer/fanout-consumer.ts'
export { messagingMigrations } from './migrations.ts'
export { createRelay, type Relay } from './outbox/relay.ts'
export { createRebuildWorker, type Rebuilder, type Rebuilders } from './rebuild/rebuild-worker.ts'
export {
  on,
  onBatch,
  onEveryReplica,
  onSubject,
  type FanoutSubscription,
  type Subscription,
} from './subscriptions.ts'
export { createTopology, type RetryTier, type Topology } from './topology.ts'
