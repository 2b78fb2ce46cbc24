import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { backoff } from './connection/waiting.ts'
import { openFeed } from './consuming/feed.ts'
import { readEnvelope, typeOf } from './envelope.ts'
import type { Broadcast } from './subscriptions.ts'

export interface Broadcasts {
  readonly name: string
  /** True while this replica's queue is bound: what is said now is heard. */
  readonly listening: boolean
  start(): Promise<void>
  stop(): Promise<void>
}

const PREFETCH = 200

/**
 * Hears, at this very replica, what every replica must hear. Its queue lives as long as its connection; what was
 * said in between is lost, so `onReconnect` runs after every (re)connect and re-reads what is in force.
 */
export const createBroadcasts = ({
  broker,
  service,
  subscriptions,
  onReconnect = () => undefined,
  logger,
}: {
  broker: Broker
  service: string
  subscriptions: readonly Broadcast[]
  /** Repeated until it succeeds; the replica serves meanwhile. */
  onReconnect?: () => void | Promise<void>
  logger: Logger
}): Broadcasts => {
  const handlers = Map.groupBy(subscriptions, ({ contract }) => contract.type)
  const stopping = new AbortController()
  let running = Promise.resolve()
  let listening = false

  const reread = async (gone: AbortSignal) => {
    for (let failures = 0; !gone.aborted; failures++) {
      try {
        await onReconnect()
        return
      } catch (error) {
        logger.error({ err: error, service, failures }, 'what is in force could not be read; again')
        await pause(backoff(failures, { to: 5_000 }), undefined, { signal: gone }).catch(() => undefined)
      }
    }
  }

  const receive = async (message: ConsumeMessage) => {
    for (const { contract, handle } of handlers.get(typeOf(message)) ?? []) {
      const reading = readEnvelope(message, contract)
      try {
        if (reading.ok) await handle(reading.envelope)
        else logger.error({ ...reading, type: contract.type }, 'a broadcast does not fit its contract')
      } catch (error) {
        logger.error({ err: error, type: contract.type }, 'a broadcast could not be handled')
      }
    }
  }

  const declare = async (channel: Channel) => {
    const { exchange } = broker.topology
    await channel.assertExchange(exchange, 'topic', { durable: true })
    const { queue } = await channel.assertQueue(`${service}.broadcast.${randomUUID()}`, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      arguments: { 'x-queue-type': 'classic' },
    })
    for (const type of handlers.keys()) await channel.bindQueue(queue, exchange, type)
    return queue
  }

  const once = async () => {
    const channel = await broker.openChannel(stopping.signal)
    const feed = openFeed(channel, await declare(channel))
    try {
      await feed.subscribe(PREFETCH)
      listening = true
      // Bound first, read second: what is said in between is heard, and heard twice at worst.
      void reread(feed.ended)
      for (;;) {
        const deliveries = await feed.take(PREFETCH, stopping.signal)
        if (deliveries.length === 0) return
        // Side by side: a slow cache must not hold up a revocation.
        for (const { message, ack } of deliveries) void receive(message).then(ack)
      }
    } finally {
      listening = false
      await feed.close()
    }
  }

  const run = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      try {
        await once()
        failures = 0
      } catch (error) {
        if (!stopping.signal.aborted) logger.warn({ err: error, service }, 'broadcasts are not heard; again')
      }
      await pause(backoff(failures, { to: 5_000 }), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      )
    }
  }

  return {
    name: 'broadcasts',
    get listening() {
      return listening
    },
    start: async () => {
      running = run()
    },
    stop: async () => {
      stopping.abort(new Error('broadcasts stop'))
      await running
    },
  }
}
