import { beforeCommit, connect, inTransaction } from '@storewright/database'
import { connectBroker, createConsumer, createRelay, on, openOperations } from '@storewright/messaging'
import { emit } from '@storewright/messaging/outbox'
import { withEarlyAck } from './parts.ts'
import { recordEffect, sayThings, silent, subscriptions, type Tables, type Trx } from './service.ts'
import { GROUP, ThingNoted, topology } from './things.ts'

/** What a process of its own does, and where it dies. */
export interface Part {
  databaseUrl: string
  amqpUrl: string
  role:
    'relay' | 'consumer' | 'consumer-that-acks-early' | 'writer' | 'writer-of-two-transactions' | 'operator'
  /** Where it ends itself as `kill -9` would. */
  dieAt?: string
  /** How many times it passes there before. */
  passes?: number
  says?: number
}

const part = JSON.parse(process.argv[2] ?? '{}') as Part
let passes = part.passes ?? 0

const reached = async (point: string) => {
  if (point === part.dieAt && passes-- <= 0) process.kill(process.pid, 'SIGKILL')
}

const db = connect<Tables>(part.databaseUrl)

const startBroker = () => connectBroker({ url: part.amqpUrl, name: 'child', logger: silent, topology })

const handlers = subscriptions(
  on(ThingNoted, async (trx: Trx, event) => {
    await recordEffect(trx, event)
    await reached('in-handler')
    if (event.data.text === 'kill') process.kill(process.pid, 'SIGKILL')
  }),
)

const write = async (trx: Trx) =>
  trx.insertInto('effects').values({ event_id: '', type: 'written', thing_id: 'a', version: 1 }).execute()

const roles: Record<Part['role'], () => Promise<void>> = {
  relay: async () => {
    await sayThings(db, part.says ?? 0)
    const relay = createRelay({
      db,
      broker: startBroker(),
      service: 'test',
      logger: silent,
      batchSize: 10,
      reached,
    })
    await relay.start()
  },
  consumer: () =>
    createConsumer({
      db,
      broker: startBroker(),
      group: GROUP,
      subscriptions: handlers,
      logger: silent,
      committed: () => reached('before-ack'),
    }).start(),
  'consumer-that-acks-early': () =>
    createConsumer({
      db,
      broker: withEarlyAck(startBroker()),
      group: GROUP,
      subscriptions: handlers,
      logger: silent,
    }).start(),
  operator: async () => {
    const operations = await openOperations({ url: part.amqpUrl, topology })
    for (;;) await operations.listDeadLetters(GROUP)
  },
  writer: async () => {
    await inTransaction(db, async (trx) => {
      await write(trx)
      await emit(trx, ThingNoted, { thingId: 'a', text: '' })
      beforeCommit(trx, () => reached('before-commit'))
    })
    await reached('after-commit')
  },
  'writer-of-two-transactions': async () => {
    await inTransaction(db, write)
    await reached('after-commit')
    await inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: 'a', text: '' }))
  },
}
await roles[part.role]()
