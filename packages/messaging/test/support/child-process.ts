import { beforeCommit, connect, inTransaction } from '@storewright/database'
import { connectBroker, createConsumer, on } from '@storewright/messaging'
import { openQueueAdmin } from '@storewright/messaging/admin'
import { emit } from '@storewright/messaging/outbox'
import { createConsumerWithHooks } from '../../src/consumer/consumer.ts'
import { createRelayWithHooks } from '../../src/outbox/relay.ts'
import { withEarlyAck } from './faults.ts'
import { recordEffect, emitThings, silent, subscriptions, type Tables, type Trx } from './service.ts'
import { GROUP, ThingNoted, topology } from './test-events.ts'

/** What a child process does, and where it kills itself. */
export interface ChildTask {
  databaseUrl: string
  amqpUrl: string
  role:
    'relay' | 'consumer' | 'consumer-that-acks-early' | 'writer' | 'writer-of-two-transactions' | 'operator'
  /** The step at which it kills itself with SIGKILL. */
  killAt?: string
  /** How often it passes that step before. */
  passes?: number
  emits?: number
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask
let passes = task.passes ?? 0

const onStep = async (step: string) => {
  if (step === task.killAt && passes-- <= 0) process.kill(process.pid, 'SIGKILL')
}

const db = connect<Tables>(task.databaseUrl)

const startBroker = () => connectBroker({ url: task.amqpUrl, name: 'test', logger: silent, topology })

const handlers = subscriptions(
  on(ThingNoted, async (trx: Trx, event) => {
    await recordEffect(trx, event)
    await onStep('in-handler')
    if (event.data.text === 'kill') process.kill(process.pid, 'SIGKILL')
  }),
)

const write = async (trx: Trx) =>
  trx.insertInto('effects').values({ event_id: '', type: 'written', thing_id: 'a', version: 1 }).execute()

const roles: Record<ChildTask['role'], () => Promise<void>> = {
  relay: async () => {
    await emitThings(db, task.emits ?? 0)
    const options = { db, broker: startBroker(), service: 'test', logger: silent, batchSize: 10 }
    await createRelayWithHooks(options, { onStep }).start()
  },
  consumer: () =>
    createConsumerWithHooks(
      {
        db,
        broker: startBroker(),
        group: GROUP,
        subscriptions: handlers,
        logger: silent,
      },
      { afterCommit: () => onStep('before-ack') },
    ).start(),
  'consumer-that-acks-early': () =>
    createConsumer({
      db,
      broker: withEarlyAck(startBroker()),
      group: GROUP,
      subscriptions: handlers,
      logger: silent,
    }).start(),
  operator: async () => {
    const admin = await openQueueAdmin({ url: task.amqpUrl, topology })
    for (;;) await admin.listDeadLetters(GROUP)
  },
  writer: async () => {
    await inTransaction(db, async (trx) => {
      await write(trx)
      await emit(trx, ThingNoted, { thingId: 'a', text: '' })
      beforeCommit(trx, () => onStep('before-commit'))
    })
    await onStep('after-commit')
  },
  'writer-of-two-transactions': async () => {
    await inTransaction(db, write)
    await onStep('after-commit')
    await inTransaction(db, (trx) => emit(trx, ThingNoted, { thingId: 'a', text: '' }))
  },
}
await roles[task.role]()
