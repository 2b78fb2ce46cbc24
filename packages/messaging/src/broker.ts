import type { Channel } from 'amqplib'
import type { Logger } from 'pino'
import { openLink } from './connection/link.ts'
import { createPublisher, type Publisher } from './connection/publisher.ts'
import { createTopology, declareTopology, type Topology } from './topology.ts'

/** A service's two connections: one to publish, one to consume, so that a blocked publisher stops no consumer. */
export interface Broker {
  /** Both connections are up now. */
  readonly connected: boolean
  /** The topology was declared at least once: the service may take part. */
  readonly topologyDeclared: boolean
  readonly topology: Topology
  readonly name: string
  /** A channel to consume on, as soon as there is a connection. */
  openChannel(signal?: AbortSignal): Promise<Channel>
  createPublisher(): Publisher
  stop(): Promise<void>
}

/** Connects, and reconnects, by itself; returns at once. Nothing is published before the topology is declared. */
export const connectBroker = ({
  url,
  name,
  logger,
  topology = createTopology(),
  confirmTimeoutMs = 10_000,
}: {
  url: string
  /** The service; shown by the broker's management page. */
  name: string
  logger: Logger
  topology?: Topology
  confirmTimeoutMs?: number
}): Broker => {
  let topologyDeclared = false
  const publishing = openLink({
    url,
    name,
    purpose: 'publish',
    logger,
    setUp: async (model) => {
      const channel = await model.createChannel()
      // Told by the operation that fails, too.
      channel.on('error', (error) => logger.error({ err: error }, 'the topology could not be declared'))
      await declareTopology(channel, topology)
      await channel.close()
      topologyDeclared = true
    },
  })
  const consuming = openLink({ url, name, purpose: 'consume', logger })

  return {
    get connected() {
      return publishing.connected && consuming.connected
    },
    get topologyDeclared() {
      return topologyDeclared
    },
    topology,
    name,
    openChannel: async (signal) => {
      const { model } = await consuming.session(signal)
      const channel = await model.createChannel()
      channel.on('error', (error) => logger.warn({ err: error }, 'consuming channel failed'))
      return channel
    },
    createPublisher: () => createPublisher({ link: publishing, confirmTimeoutMs, logger }),
    stop: async () => {
      await Promise.all([consuming.stop(), publishing.stop()])
    },
  }
}
