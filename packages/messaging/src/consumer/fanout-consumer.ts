import { randomUUID } from 'node:crypto'
import type { Channel, ConsumeMessage } from 'amqplib'
import type { Logger } from 'pino'
import { pauseBackoff } from '@storewright/runtime/backoff'
import type { Broker } from '../connection/broker.ts'
import { isReplay, readEnvelope, subjectOf, typeOf } from '../envelope.ts'
import type { FanoutSubscription, SubjectSubscription } from '../subscriptions.ts'
import { openDeliveryBuffer } from './delivery-buffer.ts'

export interface FanoutConsumer {
  readonly name: string
  /** True while this replica's queue is bound, so that it receives what is published now. */
  readonly listening: boolean
  start(): Promise<void>
  stop(): Promise<void>
}

const PREFETCH = 200
const BACKOFF = { to: 5_000 }

/** Each replica's queue lasts as long as its connection; `onReconnect` then reads what was missed. */
export const createFanoutConsumer = ({
  broker,
  service,
  subscriptions,
  onReconnect = () => undefined,
  logger,
}: {
  broker: Broker<string>
  service: string
  subscriptions: readonly (FanoutSubscription | SubjectSubscription)[]
  onReconnect?: () => void | Promise<void>
  logger: Logger
}): FanoutConsumer => {
  const handlers = Map.groupBy(subscriptions, ({ contract }) => contract.type)
  const stopping = new AbortController()
  let running = Promise.resolve()
  let listening = false

  const reread = async (ended: AbortSignal) => {
    for (let failures = 0; !ended.aborted; failures++) {
      try {
        await onReconnect()
        return
      } catch (error) {
        logger.error({ err: error, service, failures }, 'the current state could not be read; trying again')
        await pauseBackoff(failures, ended, BACKOFF)
      }
    }
  }

  const receive = async (message: ConsumeMessage) => {
    for (const subscription of handlers.get(typeOf(message)) ?? []) {
      const { contract } = subscription
      try {
        if ('handleSubject' in subscription) {
          const subject = isReplay(message) ? undefined : subjectOf(message)
          if (subject !== undefined) subscription.handleSubject(subject)
          continue
        }
        const result = readEnvelope(message, contract)
        if (result.ok && !result.envelope.replay) await subscription.handle(result.envelope)
        else if (!result.ok)
          logger.error({ ...result, type: contract.type }, 'a broadcast does not fit its contract')
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

  const consume = async () => {
    const channel = await broker.openChannel(stopping.signal)
    const buffer = openDeliveryBuffer(channel, await declare(channel))
    try {
      await buffer.subscribe(PREFETCH)
      listening = true
      // Bound first, read second: what is published in between is received, at worst twice.
      void reread(buffer.ended)
      for (;;) {
        const deliveries = await buffer.take(PREFETCH, stopping.signal)
        if (deliveries.length === 0) return
        // In parallel: a slow handler must not delay a revocation.
        for (const { message, ack } of deliveries) void receive(message).then(ack)
      }
    } finally {
      listening = false
      await buffer.close()
    }
  }

  const run = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures++) {
      try {
        await consume()
        failures = 0
      } catch (error) {
        if (!stopping.signal.aborted)
          logger.warn({ err: error, service }, 'broadcasts are not received; trying again')
      }
      await pauseBackoff(failures, stopping.signal, BACKOFF)
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
