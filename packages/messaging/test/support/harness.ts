import type { Envelope } from '@storewright/contracts'
import { connectBroker, type Broker } from '@storewright/messaging'
import { eventually, scratchDatabase, scratchVhost, toProperties } from '@storewright/testing'
import { sql, type Kysely } from 'kysely'
import { createConsumerWithHooks, type ConsumerHooks } from '../../src/consumer/consumer.ts'
import { createRelayWithHooks, type RelayHooks } from '../../src/outbox/relay.ts'
import { migrations, silent, subscriptions, type Tables } from './service.ts'
import { GROUP, topology } from './test-events.ts'

export type TestBroker = Broker<typeof GROUP>
type RelayOptions = Parameters<typeof createRelayWithHooks<Tables>>[0]
type ConsumerOptions = Parameters<typeof createConsumerWithHooks<Tables, typeof GROUP>>[0]

export interface Counts {
  emitted: number
  applied: number
  dead: number
  dropped: number
  duplicates: number
  /** Effects, and how many different events they came from. */
  effects: number
  events: number
  waiting: number
}

/** What was emitted and what became of it, by the counters and by counting rows. */
export const readCounts = async (db: Kysely<Tables>, group = GROUP): Promise<Counts> => {
  const { rows: counters } = await sql<{ kind: string; total: number }>`
    select kind, sum(count) as total from event_counters where consumer_group = ${group} group by kind`.execute(
    db,
  )
  const totals = new Map(counters.map(({ kind, total }) => [kind, Number(total)]))
  const { rows } = await sql<{ effects: number; events: number; waiting: number }>`
    select (select count(*) from effects) as effects, (select count(distinct event_id) from effects) as events,
      (select count(*) from outbox) as waiting`.execute(db)
  const of = (kind: string) => totals.get(kind) ?? 0
  return {
    emitted: of('emitted'),
    applied: of('applied'),
    dead: of('dead'),
    dropped: of('dropped'),
    duplicates: of('duplicate'),
    effects: Number(rows[0]?.effects),
    events: Number(rows[0]?.events),
    waiting: Number(rows[0]?.waiting),
  }
}

/** A schema and a virtual host of the test file's own, and what it starts on them. */
export const startHarness = async () => {
  const [database, vhost] = await Promise.all([
    scratchDatabase<Tables>(migrations, { name: 'messaging', poolSize: 20 }),
    scratchVhost(),
  ])
  const { db } = database
  const running: { stop(): Promise<void> }[] = []
  const keep = <T extends { stop(): Promise<void> }>(component: T): T => {
    running.push(component)
    return component
  }

  const openBroker = (options: Partial<Parameters<typeof connectBroker<typeof GROUP>>[0]> = {}): TestBroker =>
    keep(connectBroker({ url: vhost.url, name: 'test', logger: silent, topology, ...options }))
  const broker = openBroker()
  await eventually(() => broker.topologyDeclared, { what: 'the topology' })

  const publisher = broker.createPublisher()
  const harness = {
    ...database,
    db,
    vhost,
    broker,
    openBroker,
    /** Starts a relay; the harness stops it. */
    relay: async (options: Partial<RelayOptions> = {}, hooks: RelayHooks = {}) => {
      const relay = keep(
        createRelayWithHooks({ db, broker, service: 'test', logger: silent, ...options }, hooks),
      )
      await relay.start()
      return relay
    },
    consumer: async (options: Partial<ConsumerOptions> = {}, hooks: ConsumerHooks = {}) => {
      const consumer = keep(
        createConsumerWithHooks<Tables, typeof GROUP>(
          {
            db,
            broker,
            group: GROUP,
            subscriptions: subscriptions(),
            logger: silent,
            ...options,
          },
          hooks,
        ),
      )
      await consumer.start()
      return consumer
    },
    /** Puts events on the group's queue, as the broker would. */
    enqueue: async (...events: Envelope[]) => {
      for (const event of events) {
        const {
          message_id: messageId,
          correlation_id: correlationId,
          type,
          timestamp,
          headers,
        } = toProperties(event)
        const properties = { messageId, correlationId, type, timestamp, headers, persistent: true }
        const body = Buffer.from(JSON.stringify(event.data))
        // Confirmed one by one: the same event twice in flight would be one message to the publisher.
        const outcome = await publisher.publish({ exchange: '', routingKey: GROUP, body, properties })
        if (outcome.kind !== 'confirmed') throw new Error(outcome.reason)
      }
    },
    counts: () => readCounts(db),
    /** Waits until the counts are as expected. */
    settle: async (expected: Partial<Counts>) => {
      await eventually(
        async () => {
          const counts = await readCounts(db)
          return Object.entries(expected).every(([key, value]) => counts[key as keyof Counts] === value)
        },
        { within: 45_000, what: `counts of ${JSON.stringify(expected)}` },
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}; they are ${JSON.stringify(await readCounts(db))}`)
      })
    },
    /** Empties tables and queues between tests. */
    stopAll: async () => {
      const components = running.splice(1)
      for (const component of components.reverse()) await component.stop()
    },
    clear: async () => {
      await harness.stopAll()
      for (const table of ['outbox', 'event_sequences', 'inbox', 'event_counters', 'effects', 'rebuilds'])
        await sql.raw(`delete from ${table}`).execute(db)
      const queues = [
        GROUP,
        `${GROUP}.dead`,
        ...topology.retryTiers.map(({ name }) => `${GROUP}.retry.${name}`),
      ]
      // A slow broker closes the whole connection when a quorum queue does not answer in time.
      const emptied = async () => {
        const channel = await broker.openChannel()
        for (const queue of queues) await channel.purgeQueue(queue)
        await channel.close()
        return true
      }
      await eventually(emptied, { within: 45_000, what: 'empty queues' })
    },
    close: async () => {
      for (const component of running.reverse()) await component.stop()
      await Promise.all([database.drop(), vhost.drop()])
    },
  }
  return harness
}

export type Harness = Awaited<ReturnType<typeof startHarness>>
