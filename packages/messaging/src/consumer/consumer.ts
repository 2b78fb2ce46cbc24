import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import { onScrape } from '@storewright/runtime/metrics'
import type { Broker } from '../connection/broker.ts'
import * as metrics from '../metrics.ts'
import type { Subscription } from '../subscriptions.ts'
import { deadQueueOf, declareGroup } from '../topology.ts'
import { openDeliveryBuffer, type DeliveryBuffer } from './delivery-buffer.ts'
import { createDeliveryHandler } from './delivery-handler.ts'
import { durableInbox, purgeInbox, type Inbox } from './inbox.ts'

export interface Consumer {
  readonly name: string
  start(): Promise<void>
  /** Takes no more deliveries, finishes those that are being handled, leaves the rest to the broker. */
  stop(): Promise<void>
}

interface ConsumerOptions<DB, Group extends string> {
  db: Kysely<DB>
  broker: Broker<Group>
  group: NoInfer<Group>
  /** In a batch they run in this order: list an event before those that depend on it. */
  subscriptions: readonly Subscription<DB>[]
  logger: Logger
  batchSize?: number
  /** Milliseconds that a batch waits for more events after its first: fewer transactions, each effect so much later. */
  lingerMs?: number
}

export interface ConsumerHooks {
  inbox?: Inbox
  afterCommit?: () => Promise<void>
}

const STOP_DEADLINE_MS = 8_000
const PURGE_EVERY_MS = 60 * 60 * 1000

const checkSubscriptions = <DB>(
  { name, topology }: Broker<string>,
  group: string,
  subscriptions: readonly Subscription<DB>[],
) => {
  if (!group.startsWith(`${name}.`)) throw new Error(`consumer group ${group} does not belong to ${name}`)
  const consumed = topology.groups[group]?.map(({ type }) => type)
  if (!consumed) throw new Error(`the topology has no consumer group ${group}`)
  const handled = subscriptions.map(({ contract }) => contract.type)
  const wrong = [
    ...consumed
      .filter((type) => !handled.includes(type))
      .map((type) => `${type} is in the group but has no handler`),
    ...handled
      .filter((type) => !consumed.includes(type))
      .map((type) => `${type} has a handler but is not in the group`),
    ...handled
      .filter((type, index) => handled.indexOf(type) !== index)
      .map((type) => `${type} has two handlers`),
  ]
  if (wrong.length > 0) throw new Error(`consumer group ${group}: ${wrong.join(', ')}`)
}

/** Applies a group's events in batches, each event once. Any number of replicas may run the same group. */
export const createConsumer = <DB, Group extends string>(options: ConsumerOptions<DB, Group>): Consumer =>
  createConsumerWithHooks(options, {})

export const createConsumerWithHooks = <DB, Group extends string>(
  { db, broker, group, subscriptions, logger, batchSize = 100, lingerMs = 0 }: ConsumerOptions<DB, Group>,
  { inbox = durableInbox, afterCommit = async () => undefined }: ConsumerHooks,
): Consumer => {
  checkSubscriptions(broker, group, subscriptions)
  const publisher = broker.createPublisher()
  const handler = createDeliveryHandler({
    db,
    broker,
    publisher,
    group,
    subscriptions,
    inbox,
    logger,
    afterCommit,
  })
  const stopping = new AbortController()
  const aborting = new AbortController()
  let running = Promise.resolve()

  /** A message that crashes the process takes down what is delivered beside it: redeliveries are handled with nothing else unacked. */
  const consumeOneByOne = async (buffer: DeliveryBuffer, signal: AbortSignal) => {
    await buffer.subscribe(1)
    for (;;) {
      const [delivery] = await buffer.take(1, stopping.signal)
      if (!delivery) return
      // While this one is unacked, no other is delivered that a crash would mark as redelivered.
      if (!delivery.redelivered) await buffer.unsubscribe()
      await handler.handleSequentially([delivery], signal)
      if (!delivery.redelivered) return
    }
  }

  const consumeInBatches = async (buffer: DeliveryBuffer, signal: AbortSignal) => {
    await buffer.subscribe(batchSize * 2)
    for (;;) {
      const deliveries = await buffer.take(batchSize, stopping.signal, lingerMs)
      if (deliveries.length === 0) return
      if (deliveries.some(({ redelivered }) => redelivered)) {
        await buffer.unsubscribe()
        return handler.handleSequentially([...deliveries, ...buffer.takeBuffered(Infinity)], signal)
      }
      await handler.handleBatch(deliveries, signal)
    }
  }

  const consume = async (buffer: DeliveryBuffer) => {
    const signal = AbortSignal.any([buffer.ended, aborting.signal])
    while (!buffer.ended.aborted && !stopping.signal.aborted) {
      for (const consumeIn of [consumeOneByOne, consumeInBatches]) {
        await consumeIn(buffer, signal)
        await buffer.unsubscribe()
        if (!stopping.signal.aborted) await handler.handleSequentially(buffer.takeBuffered(Infinity), signal)
        if (buffer.ended.aborted || stopping.signal.aborted) return
      }
    }
  }

  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let buffer: DeliveryBuffer | undefined
      try {
        await handler.waitForDatabase(stopping.signal)
        const channel = await broker.openChannel(stopping.signal)
        buffer = openDeliveryBuffer(channel, group)
        await declareGroup(channel, broker.topology, group)
        failures = 0
        await consume(buffer)
      } catch (error) {
        if (stopping.signal.aborted) break
        if (!buffer?.ended.aborted) logger.error({ err: error, group }, 'consuming failed; it restarts')
        failures++
      } finally {
        await buffer?.close()
      }
      await pauseBackoff(failures, stopping.signal, { to: 5_000 })
    }
  }

  const measure = async () => {
    const channel = await broker.openChannel(AbortSignal.timeout(1_000))
    for (const queue of [group, deadQueueOf(group)])
      metrics.queueDepth.set({ group, queue }, (await channel.checkQueue(queue)).messageCount)
    await channel.close()
  }

  const purge = () => {
    purgeInbox(db).catch((error: unknown) =>
      logger.warn({ err: error, group }, 'the inbox could not be purged'),
    )
  }

  const cleanups: (() => void)[] = []
  return {
    name: group,
    start: async () => {
      const purging = setInterval(purge, PURGE_EVERY_MS)
      purging.unref()
      cleanups.push(() => clearInterval(purging), onScrape(measure))
      running = run()
    },
    stop: async () => {
      for (const cleanUp of cleanups) cleanUp()
      stopping.abort(new Error('the consumer stops'))
      const deadline = setTimeout(() => aborting.abort(new Error('the stop took too long')), STOP_DEADLINE_MS)
      await running
      clearTimeout(deadline)
      await publisher.close()
    },
  }
}
