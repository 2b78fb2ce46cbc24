import { inTransaction, newId } from '@storewright/database'
import type { Channel, ChannelModel, GetMessage } from 'amqplib'
import type { Kysely } from 'kysely'
import pino from 'pino'
import { dial, type Link } from '../connection/link.ts'
import { createPublisher } from '../connection/publisher.ts'
import { markDropped } from '../consuming/inbox.ts'
import { readdress } from '../consuming/set-aside.ts'
import { addCounts } from '../counters.ts'
import { headersOf, idOf, typeOf } from '../envelope.ts'
import { createTopology, deadQueueOf, retryQueueOf, type Topology } from '../topology.ts'
import { toDeadLetter, toDetail, type DeadLetter, type DeadLetterDetail } from './letters.ts'

export interface GroupQueues {
  group: string
  ready: number
  retrying: number
  dead: number
}

const CONFIRM_TIMEOUT_MS = 10_000

/** The connection as the publisher wants it: one that is not replaced. */
const fixed = (model: ChannelModel): Link => {
  const gone = new AbortController()
  model.on('close', () => gone.abort(new Error('the connection to the broker ended')))
  const session = { model, gone: gone.signal, blocked: undefined }
  return { connected: true, session: async () => session, stop: async () => undefined }
}

/** What an operator does to queues, over one connection. Rejects when the broker is away. */
export const openOperations = async ({
  url,
  topology = createTopology(),
}: {
  url: string
  topology?: Topology
}) => {
  const model = await dial(url, 'operations')
  // What goes wrong rejects the operation that it goes wrong for.
  model.on('error', () => undefined)
  const publisher = createPublisher({
    link: fixed(model),
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

  /**
   * Shows dead letters to `visit`, each once, and gives how many there are. Nothing leaves the queue unless `visit`
   * says that it is settled: when this process is killed the broker takes back what it had in hand.
   */
  const walk = (group: string, atMost: number, visit: (message: GetMessage) => Promise<boolean>) =>
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
      // Closing the channel does it too, but some time later; the next look would find the queue empty.
      channel.nackAll(true)
      return seen < atMost ? seen : seen + behind
    })

  const pick = async (
    group: string,
    ids: string[] | 'all',
    settle: (message: GetMessage) => Promise<boolean>,
  ): Promise<{ settled: number; missing: string[] }> => {
    const wanted = new Set(ids === 'all' ? [] : ids)
    const found = new Set<string>()
    let settled = 0
    await walk(group, Infinity, async (message) => {
      const id = idOf(message)
      if (ids !== 'all' && (id === undefined || !wanted.has(id))) return false
      if (!(await settle(message))) return false
      // A second copy of the same event is no second event.
      if (id === undefined || !found.has(id)) settled++
      if (id !== undefined) found.add(id)
      return true
    })
    return { settled, missing: [...wanted].filter((id) => !found.has(id)) }
  }

  const sendBack = async (group: string, message: GetMessage, stamp: string) => {
    const headers = headersOf(message)
    // Sent back a moment ago, and dead again: once per call is enough.
    if (headers['x-replay'] === stamp) return false
    const old = Object.keys(headers).filter((name) => name.startsWith('x-dead-') || name === 'x-deferrals')
    const cleared = Object.fromEntries(old.map((name) => [name, undefined]))
    const outcome = await publisher.publish(
      readdress(message, group, { ...cleared, 'x-attempt': 1, 'x-replay': stamp }),
    )
    if (outcome.kind !== 'confirmed') throw new Error(`${group} could not be reached: ${outcome.reason}`)
    return true
  }

  const giveUp = async <DB>(db: Kysely<DB>, group: string, message: GetMessage) => {
    const id = idOf(message)
    const type = typeOf(message)
    // What no outbox emitted is in nobody's accounts.
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
    /** How many messages each group's queues hold. */
    groups: (): Promise<GroupQueues[]> =>
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
      const total = await walk(group, limit, async (message) => {
        const letter = toDeadLetter(topology, message)
        const known = items.get(letter.messageId ?? '')
        if (letter.messageId !== null && known) known.copies++
        else items.set(letter.messageId ?? `without an id ${items.size}`, letter)
        return false
      })
      return { total, items: [...items.values()] }
    },

    /** One dead letter with everything; the content of internal events only with `reveal`. */
    showDeadLetter: async (
      group: string,
      messageId: string,
      { reveal = false }: { reveal?: boolean } = {},
    ): Promise<DeadLetterDetail | null> => {
      let found: DeadLetterDetail | null = null
      await walk(group, Infinity, async (message) => {
        if (!found && idOf(message) === messageId) found = toDetail(topology, message, reveal)
        return false
      })
      return found
    },

    /** Hands dead letters to their group once more; they count as dead until they are applied. */
    replayDeadLetters: async (group: string, ids: string[] | 'all') => {
      const stamp = newId()
      const { settled, missing } = await pick(group, ids, (message) => sendBack(group, message, stamp))
      return { replayed: settled, missing }
    },

    /** Gives dead letters up; `db` is the schema of the group's service, which keeps the accounts. */
    dropDeadLetters: async <DB>(group: string, ids: string[] | 'all', { db }: { db: Kysely<DB> }) => {
      const { settled, missing } = await pick(group, ids, (message) => giveUp(db, group, message))
      return { dropped: settled, missing }
    },

    close: async () => {
      await publisher.close()
      await model.close().catch(() => undefined)
    },
  }
}
