import type { Envelope } from '@storewright/contracts'
import {
  connectBroker,
  createConsumer,
  createRelay,
  type Broker,
  type Topology,
} from '@storewright/messaging'
import { eventually, scratchDatabase, scratchVhost, toProperties } from '@storewright/testing'
import { sql, type Kysely } from 'kysely'
import { migrations, silent, subscriptions, type Tables } from './service.ts'
import { GROUP, topology as things } from './things.ts'

export interface Books {
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

/** What went in and what came out, by the counters and by counting. */
export const readBooks = async (db: Kysely<Tables>, group = GROUP): Promise<Books> => {
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
export const startRig = async ({ topology = things }: { topology?: Topology } = {}) => {
  const [database, vhost] = await Promise.all([
    scratchDatabase<Tables>(migrations, { name: 'messaging', poolSize: 20 }),
    scratchVhost(),
  ])
  const { db } = database
  const running: { stop(): Promise<void> }[] = []
  const keep = <T extends { stop(): Promise<void> }>(part: T): T => {
    running.push(part)
    return part
  }

  const openBroker = (options: Partial<Parameters<typeof connectBroker>[0]> = {}): Broker =>
    keep(connectBroker({ url: vhost.url, name: 'test', logger: silent, topology, ...options }))
  const broker = openBroker()
  await eventually(() => broker.topologyDeclared, { what: 'the topology' })

  const publisher = broker.createPublisher()
  const rig = {
    ...database,
    db,
    vhost,
    broker,
    openBroker,
    /** Starts a relay; it is stopped with the rig, or before. */
    relay: async (options: Partial<Parameters<typeof createRelay<Tables>>[0]> = {}) => {
      const relay = keep(createRelay({ db, broker, service: 'test', logger: silent, ...options }))
      await relay.start()
      return relay
    },
    consumer: async (options: Partial<Parameters<typeof createConsumer<Tables>>[0]> = {}) => {
      const consumer = keep(
        createConsumer({
          db,
          broker,
          group: GROUP,
          subscriptions: subscriptions(),
          logger: silent,
          ...options,
        }),
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
    books: () => readBooks(db),
    /** Waits until the books read like this, and some time longer for what would come too much. */
    settle: async (expected: Partial<Books>) => {
      await eventually(
        async () => {
          const books = await readBooks(db)
          return Object.entries(expected).every(([key, value]) => books[key as keyof Books] === value)
        },
        { within: 45_000, what: `books of ${JSON.stringify(expected)}` },
      ).catch(async (error: unknown) => {
        throw new Error(`${String(error)}; they are ${JSON.stringify(await readBooks(db))}`)
      })
    },
    /** Empties tables and queues between tests. */
    stopAll: async () => {
      const parts = running.splice(1)
      for (const part of parts.reverse()) await part.stop()
    },
    clear: async () => {
      await rig.stopAll()
      for (const table of ['outbox', 'event_sequences', 'inbox', 'event_counters', 'effects'])
        await sql.raw(`delete from ${table}`).execute(db)
      const queues = [
        GROUP,
        `${GROUP}.dead`,
        ...topology.retryTiers.map(({ name }) => `${GROUP}.retry.${name}`),
      ]
      // A broker that is short of time ends the whole connection when a quorum queue does not answer it in time.
      const emptied = async () => {
        const channel = await broker.openChannel()
        for (const queue of queues) await channel.purgeQueue(queue)
        await channel.close()
        return true
      }
      await eventually(emptied, { within: 45_000, what: 'empty queues' })
    },
    close: async () => {
      for (const part of running.reverse()) await part.stop()
      await Promise.all([database.drop(), vhost.drop()])
    },
  }
  return rig
}

export type Rig = Awaited<ReturnType<typeof startRig>>
