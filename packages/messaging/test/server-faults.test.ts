import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inTransaction, newId } from '@storewright/database'
import { defaultDataDir, startServers, type Servers } from '@storewright/local'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, eventually } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { isBalanced, total } from './support/faults.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { ThingNoted } from './support/test-events.ts'

// Servers of this file's own, because it kills them.
let dataDir: string
let servers: Servers
let harness: Harness
beforeAll(async () => {
  // Under the data of the test run: what a killed run leaves there, the next one deletes.
  await mkdir(join(defaultDataDir, 'test'), { recursive: true })
  dataDir = await mkdtemp(join(defaultDataDir, 'test', 'messaging-'))
  servers = await startServers({ dataDir, own: true })
  vi.stubEnv('MYSQL_URL', servers.mysql.url)
  vi.stubEnv('RABBITMQ_URL', servers.rabbitmq.url)
  vi.stubEnv('RABBITMQ_MANAGEMENT_URL', servers.rabbitmq.managementUrl)
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await servers?.stop()
  await rm(dataDir, { recursive: true, force: true })
})
// A harness for each test, because a killed broker may leave old queues behind. The virtual host goes with its server.
beforeEach(async () => {
  harness = await startHarness()
})
afterEach(async () => {
  await harness.stopAll()
  await harness.broker.stop()
  await harness.drop()
})

/** Emits events one after another, whatever the servers do, until `stop`. */
const keepEmitting = () => {
  const emitted: string[] = []
  let going = true
  const emitAll = async () => {
    for (let number = 1; going; number++) {
      const thingId = `thing-${number}`
      // Where the outcome of a commit is unknown the event may be emitted twice; it is then two events.
      await eventually(
        async () => {
          await inTransaction(harness.db, (trx) => emit(trx, ThingNoted, { thingId, text: '' }))
          return true
        },
        { within: 50_000, every: 50 },
      )
      emitted.push(thingId)
    }
  }
  const emitting = emitAll()
  return {
    emitted,
    stop: async () => {
      going = false
      await emitting
      return emitted
    },
  }
}

/** Starts relay, consumer and a stream of events, and returns when events are applied. */
const startStream = async () => {
  await harness.consumer()
  await harness.relay()
  const stream = keepEmitting()
  await eventually(async () => (await harness.counts()).applied > 30)
  return stream
}

const flowsAgain = async () => {
  const { applied } = await eventually(() => harness.counts())
  await eventually(async () => (await harness.counts()).applied > applied + 30, { within: 40_000 })
}

const RETRIED = 'storewright_events_retried_total'

const settle = async (emitted: readonly string[], enqueued = 0) => {
  await eventually(
    async () => {
      const counts = await harness.counts()
      return (
        counts.waiting === 0 &&
        counts.applied === counts.emitted + enqueued &&
        counts.emitted >= emitted.length
      )
    },
    { within: 40_000, what: 'the end of the stream' },
  )
  const counts = await harness.counts()
  expect(isBalanced({ ...counts, emitted: counts.applied }, counts.applied)).toBe(true)
  const rows = await harness.db.selectFrom('effects').select('thing_id').execute()
  const arrived = new Set(rows.map(({ thing_id }) => thing_id))
  expect(emitted.filter((thingId) => !arrived.has(thingId))).toEqual([])
  return counts
}

describe('a broker that is killed and restarted mid-stream', () => {
  it('loses no event, repeats no effect, and writes continue meanwhile', async () => {
    const stream = await startStream()
    await servers.rabbitmq.kill()
    const whenKilled = stream.emitted.length
    await eventually(() => stream.emitted.length > whenKilled + 30)
    expect((await harness.counts()).waiting).toBeGreaterThan(0)
    await servers.rabbitmq.start()
    await flowsAgain()
    const counts = await settle(await stream.stop())
    expect(counts.emitted).toBe(stream.emitted.length)
  })
})

describe('a database that is killed and restarted mid-stream', () => {
  it('loses no event, repeats no effect, and costs no event an attempt', async () => {
    const stream = await startStream()
    const before = { pauses: await total('storewright_consumer_pauses_total'), retried: await total(RETRIED) }
    await servers.mysql.kill()
    // So that the consumer has deliveries to handle.
    await harness.enqueue(
      ...Array.from({ length: 20 }, () => anEvent(ThingNoted, { thingId: newId(), text: '' })),
    )
    await eventually(async () => (await total('storewright_consumer_pauses_total')) > before.pauses)
    await servers.mysql.start()
    await flowsAgain()
    const counts = await settle(await stream.stop(), 20)
    expect(counts.dead).toBe(0)
    expect(await total(RETRIED)).toBe(before.retried)
  })
})
