import { inTransaction, newId } from '@storewright/database'
import type { Channel, ChannelModel, GetMessage } from 'amqplib'
import type { Kysely } from 'kysely'
import pino from 'pino'
import { connect } from '../connection/managed-connection.ts'
import { createPublisher } from '../connection/publisher.ts'
import { markDropped } from '../consumer/inbox.ts'
import { copyForQueue } from '../consumer/retry-and-dead-letter.ts'
import { addCounts } from '../counters.ts'
import { headersOf, idOf, redriveOf, typeOf } from '../envelope.ts'
import { createTopology, deadQueueOf, retryQueueOf, type Topology } from '../topology.ts'
import { toDeadLetter, toDetail, type DeadLetter, type DeadLetterDetail } from './dead-letters.ts'

export interface GroupQueues {
  group: string
  ready: number
  retrying: number
  dead: number
}

export type QueueAdmin = Awaited<ReturnType<typeof openQueueAdmin>>

const CONFIRM_TIMEOUT_MS = 10_000

const unmanaged = (model: ChannelModel) => {
  const ended = new AbortController()
  model.on('close', () => ended.abort(new Error('the connection to the broker ended')))
  return { current: async () => ({ model, ended: ended.signal, blocked: undefined }) }
}

/** What operators do to queues, over one connection. Rejects when the broker is unavailable. */
export const openQueueAdmin = async ({
  url,
  topology = createTopology(),
}: {
  url: string
  topology?: Topology
}) => {
  const model = await connect(url, 'operations')
  model.on('error', () => undefined)
  const publisher = createPublisher({
    connection: unmanaged(model),
    confirmTimeoutMs: CONFIRM_TIMEOUT_MS,
    logger: pino({ level: 'silent' }),
  })

  const withChannel = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
    const channel = await model.createChannel()
    channel.on('error', () => undefined)
    try {
      return await work(channel)
    } finally {
      await channel.close().catch(() => undefined)
    }
  }

  const countOf = (queue: string) =>
    withChannel(async (channel) => (await channel.checkQueue(queue)).messageCount).catch(() => 0)

  /** Returns how many there are. What `visit` does not settle stays in the queue, also when this process is killed. */
  const scan = (group: string, atMost: number, visit: (message: GetMessage) => Promise<boolean>) =>
    withChannel(async (channel) => {
      let seen = 0
      let behind = 0
      while (seen < atMost) {
        const message = await channel.get(deadQueueOf(group))
        if (!message) break
        seen++
        behind = message.fields.messageCount
        if (await visit(message)) channel.ack(message)
      }
      // Closing the channel does it too, but later; the next scan would find the queue empty.
      channel.nackAll(true)
      return seen < atMost ? seen : seen + behind
    })

  const select = async (
    group: string,
    ids: string[] | 'all',
    settle: (message: GetMessage) => Promise<boolean>,
  ): Promise<{ settled: number; missing: string[] }> => {
    const wanted = new Set(ids === 'all' ? [] : ids)
    const found = new Set<string>()
    let settled = 0
    await scan(group, Infinity, async (message) => {
      const id = idOf(message)
      if (ids !== 'all' && (id === undefined || !wanted.has(id))) return false
      if (!(await settle(message))) return false
      if (id === undefined || !found.has(id)) settled++
      if (id !== undefined) found.add(id)
      return true
    })
    return { settled, missing: [...wanted].filter((id) => !found.has(id)) }
  }

  const republish = async (group: string, message: GetMessage, redriveId: string) => {
    const headers = headersOf(message)
    // Replayed by this call and dead again: once per call is enough.
    if (redriveOf(message) === redriveId) return false
    const old = Object.keys(headers).filter((name) => name.startsWith('x-dead-') || name === 'x-deferrals')
    const cleared = Object.fromEntries(old.map((name) => [name, undefined]))
    const outcome = await publisher.publish(
      copyForQueue(message, group, { ...cleared, 'x-attempt': 1, 'x-redrive': redriveId }),
    )
    if (outcome.kind !== 'confirmed') throw new Error(`cannot publish to ${group}: ${outcome.reason}`)
    return true
  }

  const drop = async <DB>(db: Kysely<DB>, group: string, message: GetMessage) => {
    const id = idOf(message)
    const type = typeOf(message)
    // Never emitted by an outbox, so no counter includes it.
    if (id === undefined || !topology.contracts.has(type)) return true
    await inTransaction(db, async (trx) => {
      const was = await markDropped(trx, group, id)
      if (was === 'was-settled') return
      await addCounts(trx, [{ kind: 'dropped', group, type, by: 1 }])
      if (was === 'was-dead') await addCounts(trx, [{ kind: 'dead', group, type, by: -1 }])
    })
    return true
  }

  return {
    listGroups: (): Promise<GroupQueues[]> =>
      Promise.all(
        Object.keys(topology.groups).map(async (group) => {
          const retries = topology.retryTiers.map((tier) => countOf(retryQueueOf(group, tier)))
          const retrying = (await Promise.all(retries)).reduce((sum, count) => sum + count, 0)
          return { group, ready: await countOf(group), retrying, dead: await countOf(deadQueueOf(group)) }
        }),
      ),

    listDeadLetters: async (
      group: string,
      { limit = 100 }: { limit?: number } = {},
    ): Promise<{ total: number; items: DeadLetter[] }> => {
      const items = new Map<string, DeadLetter>()
      const total = await scan(group, limit, async (message) => {
        const deadLetter = toDeadLetter(topology, message)
        const known = items.get(deadLetter.messageId ?? '')
        if (deadLetter.messageId !== null && known) known.copies++
        else items.set(deadLetter.messageId ?? `without an id ${items.size}`, deadLetter)
        return false
      })
      return { total, items: [...items.values()] }
    },

    /** One dead letter with headers, stack and body; the content of internal events only with `reveal`. */
    showDeadLetter: async (
      group: string,
      messageId: string,
      { reveal = false }: { reveal?: boolean } = {},
    ): Promise<DeadLetterDetail | null> => {
      let found: DeadLetterDetail | null = null
      await scan(group, Infinity, async (message) => {
        if (!found && idOf(message) === messageId) found = toDetail(topology, message, reveal)
        return false
      })
      return found
    },

    /** Sends dead letters to their group again; they count as dead until they are applied. */
    replayDeadLetters: async (group: string, ids: string[] | 'all') => {
      const redriveId = newId()
      const { settled, missing } = await select(group, ids, (message) => republish(group, message, redriveId))
      return { replayed: settled, missing }
    },

    /** Deletes dead letters for good; `db` is the schema of the group's service, which counts them. */
    dropDeadLetters: async <DB>(group: string, ids: string[] | 'all', { db }: { db: Kysely<DB> }) => {
      const { settled, missing } = await select(group, ids, (message) => drop(db, group, message))
      return { dropped: settled, missing }
    },

    close: async () => {
      await publisher.close()
      await model.close().catch(() => undefined)
    },
  }
}
