import { consumerGroups, contracts, EVENTS_EXCHANGE, type EventContract } from '@storewright/contracts'
import type { Channel } from 'amqplib'

export interface RetryTier {
  /** Ends the queue's name; a tier whose delay changes gets a new name, because queue arguments never change. */
  readonly name: string
  readonly delayMs: number
}

/** Everything that a service declares on the broker before it publishes. */
export interface Topology {
  readonly exchange: string
  readonly groups: Readonly<Record<string, readonly EventContract[]>>
  readonly retryTiers: readonly RetryTier[]
  /** Every contract that is known here, by type. */
  readonly contracts: ReadonlyMap<string, EventContract>
}

const RETRY_TIERS: readonly RetryTier[] = [
  { name: '1s', delayMs: 1_000 },
  { name: '5s', delayMs: 5_000 },
  { name: '30s', delayMs: 30_000 },
  { name: '2m', delayMs: 120_000 },
  { name: '10m', delayMs: 600_000 },
]

/** Our own topology, or one with other groups: a service of somebody else adds its own to ours. */
export const createTopology = ({
  groups = consumerGroups,
  retryTiers = RETRY_TIERS,
  others = [],
}: Partial<Pick<Topology, 'groups' | 'retryTiers'>> & {
  /** Contracts that are neither ours nor heard by these groups. */
  others?: readonly EventContract[]
} = {}): Topology => ({
  exchange: EVENTS_EXCHANGE,
  groups,
  retryTiers,
  contracts: new Map([
    ...contracts,
    ...[...others, ...Object.values(groups).flat()].map((contract) => [contract.type, contract] as const),
  ]),
})

export const deadQueueOf = (group: string) => `${group}.dead`
export const retryQueueOf = (group: string, tier: RetryTier) => `${group}.retry.${tier.name}`

/** The groups that hear a type. */
export const groupsHearing = ({ groups }: Topology, type: string) =>
  Object.entries(groups)
    .filter(([, heard]) => heard.some((contract) => contract.type === type))
    .map(([group]) => group)

/** Dead-lettering inside the broker is confirmed too; without reject-publish it would silently not be. */
const movesTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
})

/**
 * How often a message may come back before the broker itself moves it to `.dead`: a net under the consumer's own
 * counting. RabbitMQ 4 would drop at 20 without a dead-letter exchange.
 */
const DELIVERY_LIMIT = 50
/** Looking at dead letters is a delivery as well; it must never use them up. */
const DEAD_DELIVERY_LIMIT = 1_000_000_000

const quorum = (extra: Record<string, unknown>) => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...extra },
})

/** Declares one group's queues and bindings. Repeating it is harmless. */
export const declareGroup = async (channel: Channel, topology: Topology, group: string) => {
  const dead = deadQueueOf(group)
  await channel.assertExchange(topology.exchange, 'topic', { durable: true })
  await channel.assertQueue(
    dead,
    quorum({ 'x-delivery-limit': DEAD_DELIVERY_LIMIT, 'x-overflow': 'reject-publish' }),
  )
  await channel.assertQueue(group, quorum({ 'x-delivery-limit': DELIVERY_LIMIT, ...movesTo(dead) }))
  for (const tier of topology.retryTiers) {
    await channel.assertQueue(
      retryQueueOf(group, tier),
      quorum({ 'x-delivery-limit': DELIVERY_LIMIT, 'x-message-ttl': tier.delayMs, ...movesTo(group) }),
    )
  }
  for (const { type } of topology.groups[group] ?? []) await channel.bindQueue(group, topology.exchange, type)
}

/** Declares the exchange and every group. No alternate exchange: it would swallow what `mandatory` returns. */
export const declareTopology = async (channel: Channel, topology: Topology) => {
  await channel.assertExchange(topology.exchange, 'topic', { durable: true })
  for (const group of Object.keys(topology.groups)) await declareGroup(channel, topology, group)
}
