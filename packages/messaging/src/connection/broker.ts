import type { ConsumerGroup } from '@storewright/contracts'
import type { Channel } from 'amqplib'
import type { Logger } from 'pino'
import { createTopology, declareTopology, type Topology } from '../topology.ts'
import { openConnection } from './managed-connection.ts'
import { createPublisher, type Publisher } from './publisher.ts'

/** A service's two connections, so that a blocked publisher stops no consumer. `Group`: the groups it declares. */
export interface Broker<Group extends string = ConsumerGroup> {
  readonly connected: boolean
  /** The topology was declared at least once: the service may take part. */
  readonly topologyDeclared: boolean
  readonly topology: Topology<Group>
  readonly name: string
  openChannel(signal?: AbortSignal): Promise<Channel>
  createPublisher(): Publisher
  stop(): Promise<void>
}

/** Returns at once, connects and reconnects in the background. Nothing is published before the topology is declared. */
export const connectBroker = <Group extends string = ConsumerGroup>({
  url,
  name,
  logger,
  topology = createTopology<Group>(),
  confirmTimeoutMs = 10_000,
}: {
  url: string
  /** The service; shown by the broker's management page. */
  name: string
  logger: Logger
  topology?: Topology<Group>
  confirmTimeoutMs?: number
}): Broker<Group> => {
  let topologyDeclared = false
  const publishing = openConnection({
    url,
    name,
    purpose: 'publish',
    logger,
    setUp: async (model) => {
      const channel = await model.createChannel()
      channel.on('error', (error) => logger.error({ err: error }, 'the topology could not be declared'))
      await declareTopology(channel, topology)
      await channel.close()
      topologyDeclared = true
    },
  })
  const consuming = openConnection({ url, name, purpose: 'consume', logger })

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
      const { model } = await consuming.current(signal)
      const channel = await model.createChannel()
      channel.on('error', (error) => logger.warn({ err: error }, 'consuming channel failed'))
      return channel
    },
    createPublisher: () => createPublisher({ connection: publishing, confirmTimeoutMs, logger }),
    stop: async () => {
      await Promise.all([consuming.stop(), publishing.stop()])
    },
  }
}
