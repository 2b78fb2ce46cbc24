import {
  consumerGroups,
  contracts,
  EVENTS_EXCHANGE,
  type ConsumerGroup,
  type EventContract,
} from '@storewright/contracts'
import type { Channel } from 'amqplib'

export interface RetryTier {
  /** Ends the queue's name. Queue arguments never change: a tier with another delay needs another name. */
  readonly name: string
  readonly delayMs: number
}

export interface Topology<Group extends string = string> {
  readonly exchange: string
  readonly groups: Readonly<Record<Group, readonly EventContract[]>>
  readonly retryTiers: readonly RetryTier[]
  readonly contracts: ReadonlyMap<string, EventContract>
}

const RETRY_TIERS: readonly RetryTier[] = [
  { name: '1s', delayMs: 1_000 },
  { name: '5s', delayMs: 5_000 },
  { name: '30s', delayMs: 30_000 },
  { name: '2m', delayMs: 120_000 },
  { name: '10m', delayMs: 600_000 },
]

/** Storewright's own topology, or that of a service of others with groups of its own. */
export const createTopology = <Group extends string = ConsumerGroup>({
  groups = consumerGroups as Topology['groups'],
  retryTiers = RETRY_TIERS,
  others = [],
}: Partial<Pick<Topology<Group>, 'groups' | 'retryTiers'>> & {
  /** Contracts that are neither Storewright's nor consumed by these groups. */
  others?: readonly EventContract[]
} = {}): Topology<Group> => {
  const consumed = Object.values<readonly EventContract[]>(groups).flat()
  return {
    exchange: EVENTS_EXCHANGE,
    groups,
    retryTiers,
    contracts: new Map([
      ...contracts,
      ...[...others, ...consumed].map((contract) => [contract.type, contract] as const),
    ]),
  }
}

export const deadQueueOf = (group: string) => `${group}.dead`
export const retryQueueOf = (group: string, tier: RetryTier) => `${group}.retry.${tier.name}`

export const groupsFor = ({ groups }: Topology, type: string) =>
  Object.entries(groups)
    .filter(([, consumed]) => consumed.some((contract) => contract.type === type))
    .map(([group]) => group)

/** Dead-lettering inside the broker is confirmed too; without reject-publish it silently is not. */
const deadLettersTo = (queue: string) => ({
  'x-dead-letter-exchange': '',
  'x-dead-letter-routing-key': queue,
  'x-dead-letter-strategy': 'at-least-once',
  'x-overflow': 'reject-publish',
})

/** Then the broker itself moves a message to `.dead`: a second defence below the consumer's own count. */
const DELIVERY_LIMIT = 50
/** Reading dead letters is a delivery too and must never use them up. */
const DEAD_DELIVERY_LIMIT = 1_000_000_000

const quorum = (extra: Record<string, unknown>) => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...extra },
})

/** Declares one group's queues and bindings; repeating it changes nothing. */
export const declareGroup = async (channel: Channel, topology: Topology, group: string) => {
  const dead = deadQueueOf(group)
  await channel.assertExchange(topology.exchange, 'topic', { durable: true })
  await channel.assertQueue(
    dead,
    quorum({ 'x-delivery-limit': DEAD_DELIVERY_LIMIT, 'x-overflow': 'reject-publish' }),
  )
  await channel.assertQueue(group, quorum({ 'x-delivery-limit': DELIVERY_LIMIT, ...deadLettersTo(dead) }))
  for (const tier of topology.retryTiers) {
    await channel.assertQueue(
      retryQueueOf(group, tier),
      quorum({
        'x-delivery-limit': DELIVERY_LIMIT,
        'x-message-ttl': tier.delayMs,
        ...deadLettersTo(group),
      }),
    )
  }
  for (const { type } of topology.groups[group] ?? []) await channel.bindQueue(group, topology.exchange, type)
}

/** Declares the exchange and all groups. No alternate exchange: it would take what `mandatory` returns. */
export const declareTopology = async (channel: Channel, topology: Topology) => {
  await channel.assertExchange(topology.exchange, 'topic', { durable: true })
  for (const group of Object.keys(topology.groups)) await declareGroup(channel, topology, group)
}
