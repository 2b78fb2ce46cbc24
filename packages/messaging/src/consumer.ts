import { setTimeout as pause } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { backoff } from './connection/waiting.ts'
import { openFeed, type Feed } from './consuming/feed.ts'
import { createHandling } from './consuming/handling.ts'
import { durableInbox, purgeInbox, type Inbox } from './consuming/inbox.ts'
import * as metrics from './metrics.ts'
import type { Subscription } from './subscriptions.ts'
import { deadQueueOf, declareGroup } from './topology.ts'

export interface Consumer {
  readonly name: string
  start(): Promise<void>
  /** Takes no more, finishes what is in hand, gives the rest back. */
  stop(): Promise<void>
}

const STOP_DEADLINE_MS = 8_000
const PURGE_EVERY_MS = 60 * 60 * 1000

const checkSubscriptions = <DB>(
  { topology }: Broker,
  group: string,
  subscriptions: readonly Subscription<DB>[],
) => {
  const heard = topology.groups[group]?.map(({ type }) => type)
  if (!heard) throw new Error(`the topology has no consumer group ${group}`)
  const handled = subscriptions.map(({ contract }) => contract.type)
  const wrong = [
    ...heard.filter((type) => !handled.includes(type)).map((type) => `${type} is heard but not handled`),
    ...handled.filter((type) => !heard.includes(type)).map((type) => `${type} is handled but not heard`),
    ...handled
      .filter((type, index) => handled.indexOf(type) !== index)
      .map((type) => `${type} is handled twice`),
  ]
  if (wrong.length > 0) throw new Error(`consumer group ${group}: ${wrong.join(', ')}`)
}

/** Applies what a group hears, each event once, in batches. Any number of replicas may run the same group. */
export const createConsumer = <DB>({
  db,
  broker,
  group,
  subscriptions,
  logger,
  batchSize = 100,
  inbox = durableInbox,
  committed = async () => undefined,
}: {
  db: Kysely<DB>
  broker: Broker
  group: string
  /** In a batch they run in this order: list causes before their consequences. */
  subscriptions: readonly Subscription<DB>[]
  logger: Logger
  batchSize?: number
  inbox?: Inbox
  /** Called after a commit and before its acks; tests end the process here. */
  committed?: () => Promise<void>
}): Consumer => {
  checkSubscriptions(broker, group, subscriptions)
  const publisher = broker.createPublisher()
  const handling = createHandling({ db, broker, publisher, group, subscriptions, inbox, logger, committed })
  const stopping = new AbortController()
  const abandoning = new AbortController()
  let running = Promise.resolve()

  /**
   * A message that ends the process takes down what was delivered beside it, so what comes back is handled one by
   * one, with nothing else in hand, until the first new message shows that it is behind us.
   */
  const narrowly = async (feed: Feed, signal: AbortSignal) => {
    await feed.subscribe(1)
    for (;;) {
      const [delivery] = await feed.take(1, stopping.signal)
      if (!delivery) return
      // While this one is unacked no other is under way, which the broker would take back and call redelivered.
      if (!delivery.redelivered) await feed.unsubscribe()
      await handling.oneByOne([delivery], signal)
      if (!delivery.redelivered) return
    }
  }

  const widely = async (feed: Feed, signal: AbortSignal) => {
    // Twice the batch, so that the next one is here when this one commits.
    await feed.subscribe(batchSize * 2)
    for (;;) {
      const deliveries = await feed.take(batchSize, stopping.signal)
      if (deliveries.length === 0) return
      if (deliveries.some(({ redelivered }) => redelivered)) {
        await feed.unsubscribe()
        return handling.oneByOne([...deliveries, ...feed.takeBuffered(Infinity)], signal)
      }
      await handling.together(deliveries, signal)
    }
  }

  const consume = async (feed: Feed) => {
    const signal = AbortSignal.any([feed.ended, abandoning.signal])
    while (!feed.ended.aborted && !stopping.signal.aborted) {
      for (const mode of [narrowly, widely]) {
        await mode(feed, signal)
        await feed.unsubscribe()
        if (!stopping.signal.aborted) await handling.oneByOne(feed.takeBuffered(Infinity), signal)
        if (feed.ended.aborted || stopping.signal.aborted) return
      }
    }
  }

  const run = async () => {
    let failures = 0
    while (!stopping.signal.aborted) {
      let feed: Feed | undefined
      try {
        // Deliveries that nobody can apply would only grow old in our hands.
        await handling.untilDatabaseAnswers(stopping.signal)
        const channel = await broker.openChannel(stopping.signal)
        feed = openFeed(channel, group)
        await declareGroup(channel, broker.topology, group)
        failures = 0
        await consume(feed)
      } catch (error) {
        if (stopping.signal.aborted) break
        if (!feed?.ended.aborted) logger.error({ err: error, group }, 'consuming failed; it starts over')
        failures++
      } finally {
        await feed?.close()
      }
      await pause(backoff(failures, { to: 5_000 }), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      )
    }
  }

  const measure = async () => {
    const channel = await broker.openChannel(AbortSignal.timeout(1_000))
    for (const queue of [group, deadQueueOf(group)])
      metrics.queueDepth.set({ group, queue }, (await channel.checkQueue(queue)).messageCount)
    await channel.close()
  }

  const purge = () => {
    purgeInbox(db).catch((error: unknown) => logger.warn({ err: error, group }, 'the inbox was not purged'))
  }

  const endings: (() => void)[] = []
  return {
    name: group,
    start: async () => {
      const purging = setInterval(purge, PURGE_EVERY_MS)
      purging.unref()
      endings.push(() => clearInterval(purging), metrics.onScrape(measure))
      running = run()
    },
    stop: async () => {
      for (const end of endings) end()
      stopping.abort(new Error('the consumer stops'))
      const deadline = setTimeout(() => abandoning.abort(new Error('no more time')), STOP_DEADLINE_MS)
      await running
      clearTimeout(deadline)
      await publisher.close()
    },
  }
}
