import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inTransaction, newId } from '@storewright/database'
import { defaultDataDir, startServers, type Servers } from '@storewright/local'
import { emit } from '@storewright/messaging/outbox'
import { anEvent, eventually } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isBalanced, total } from './support/parts.ts'
import { startRig, type Rig } from './support/rig.ts'
import { ThingNoted } from './support/things.ts'

// Servers of this file's own, because it kills them.
let dataDir: string
let servers: Servers
let rig: Rig
beforeAll(async () => {
  // Under the data of the test run: what a killed run leaves there, the next one clears away.
  await mkdir(join(defaultDataDir, 'test'), { recursive: true })
  dataDir = await mkdtemp(join(defaultDataDir, 'test', 'messaging-'))
  servers = await startServers({ dataDir, own: true })
  process.env['MYSQL_URL'] = servers.mysql.url
  process.env['RABBITMQ_URL'] = servers.rabbitmq.url
  process.env['RABBITMQ_MANAGEMENT_URL'] = servers.rabbitmq.managementUrl
})
afterAll(async () => {
  await servers?.stop()
  await rm(dataDir, { recursive: true, force: true })
})
// A rig for each test: what a killed broker does with old queues is not the next test's matter. The virtual host
// goes with its server.
beforeEach(async () => {
  rig = await startRig()
})
afterEach(async () => {
  await rig.stopAll()
  await rig.broker.stop()
  await rig.drop()
})

/** Says things one after the other, whatever the servers do, until it is told to stop; gives those that were said. */
const keepSaying = () => {
  const said: string[] = []
  let going = true
  const sayAll = async () => {
    for (let number = 1; going; number++) {
      const thingId = `thing-${number}`
      // Where the outcome of a commit is unknown the event may be said twice; it is then two events.
      await eventually(
        async () => {
          await inTransaction(rig.db, (trx) => emit(trx, ThingNoted, { thingId, text: '' }))
          return true
        },
        { within: 50_000, every: 50 },
      )
      said.push(thingId)
    }
  }
  const saying = sayAll()
  return {
    said,
    stop: async () => {
      going = false
      await saying
      return said
    },
  }
}

const RETRIED = 'storewright_events_retried_total'

const settle = async (said: readonly string[], enqueued = 0) => {
  await eventually(
    async () => {
      const books = await rig.books()
      return books.waiting === 0 && books.applied === books.emitted + enqueued && books.emitted >= said.length
    },
    { within: 40_000, what: 'the end of the stream' },
  )
  const books = await rig.books()
  expect(isBalanced({ ...books, emitted: books.applied }, books.applied)).toBe(true)
  const rows = await rig.db.selectFrom('effects').select('thing_id').execute()
  const arrived = new Set(rows.map(({ thing_id }) => thing_id))
  expect(said.filter((thingId) => !arrived.has(thingId))).toEqual([])
  return books
}

describe('a broker that is killed and started again mid-stream', () => {
  it('loses nothing and doubles nothing, and writes go on meanwhile', async () => {
    await rig.consumer()
    await rig.relay()
    const stream = keepSaying()
    await eventually(async () => (await rig.books()).applied > 30)
    await servers.rabbitmq.kill()
    const whenKilled = stream.said.length
    await eventually(() => stream.said.length > whenKilled + 30)
    expect((await rig.books()).waiting).toBeGreaterThan(0)
    await servers.rabbitmq.start()
    const { applied } = await rig.books()
    await eventually(async () => (await rig.books()).applied > applied + 30, { within: 40_000 })
    const books = await settle(await stream.stop())
    expect(books.emitted).toBe(stream.said.length)
  })
})

describe('a database that is killed and started again mid-stream', () => {
  it('loses nothing, doubles nothing, and is waited for without spending an attempt', async () => {
    await rig.consumer()
    await rig.relay()
    const stream = keepSaying()
    await eventually(async () => (await rig.books()).applied > 30)
    const before = { pauses: await total('storewright_consumer_pauses_total'), retried: await total(RETRIED) }
    await servers.mysql.kill()
    // So that it surely has something in hand.
    await rig.enqueue(
      ...Array.from({ length: 20 }, () => anEvent(ThingNoted, { thingId: newId(), text: '' })),
    )
    await eventually(async () => (await total('storewright_consumer_pauses_total')) > before.pauses)
    await servers.mysql.start()
    const { applied } = await eventually(() => rig.books())
    await eventually(async () => (await rig.books()).applied > applied + 30, { within: 40_000 })
    const books = await settle(await stream.stop(), 20)
    expect(books.dead).toBe(0)
    expect(await total(RETRIED)).toBe(before.retried)
  })
})
