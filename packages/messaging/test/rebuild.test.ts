import { inTransaction } from '@storewright/database'
import { createRebuildWorker, type Rebuilder } from '@storewright/messaging'
import { readRebuild, requestRebuild } from '@storewright/messaging/admin/rebuilds'
import { emit } from '@storewright/messaging/outbox'
import { emitted, eventually } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startHarness, type Harness } from './support/harness.ts'
import { emitThings, recordEffect, silent, subscriptions, type Tables } from './support/service.ts'
import { many, ThingNoted } from './support/test-events.ts'
import { on } from '../src/subscriptions.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
const workers: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop()
  await harness.clear()
})

const THINGS = Array.from({ length: 25 }, (_, index) => `thing-${String(index).padStart(2, '0')}`)

const things: Rebuilder<Tables> = {
  event: ThingNoted,
  emitPage: async (trx, { after, limit, skus }) => {
    const page = (skus ?? THINGS).filter((thing) => thing > after).slice(0, limit)
    for (const thingId of page) await emit(trx, ThingNoted, { thingId, text: 'again' }, { replay: true })
    return page
  },
}

const startWorker = (rebuilder = things) => {
  const { db, broker } = harness
  const worker = createRebuildWorker({
    db,
    broker,
    rebuilders: { things: rebuilder },
    logger: silent,
    intervalMs: 10,
    batchSize: 10,
  })
  workers.push(worker)
  worker.start()
  return worker
}
const ended = (id: string) =>
  eventually(async () => {
    const state = await readRebuild(harness.db, id)
    return state.finished && state
  })
const repeated = async () => (await emitted(harness.db, ThingNoted)).map(({ subject }) => subject)

it('emits every aggregate once, in pages, however many replicas work', async () => {
  const id = await requestRebuild(harness.db, { name: 'things' })
  for (let replica = 0; replica < 3; replica++) startWorker()
  expect(await ended(id)).toEqual({ emitted: 25, finished: true, error: null })
  const events = await emitted(harness.db, ThingNoted)
  expect(events.map(({ subject }) => subject)).toEqual(THINGS)
  expect(events.every(({ replay, correlationId }) => replay && correlationId === id)).toBe(true)
})

it('emits only what was asked for', async () => {
  const id = await requestRebuild(harness.db, { name: 'things', skus: ['thing-03', 'thing-20'] })
  startWorker()
  expect(await ended(id)).toMatchObject({ emitted: 2 })
  expect(await repeated()).toEqual(['thing-03', 'thing-20'])
})

it('goes on after a page that failed, and repeats none', async () => {
  let calls = 0
  const failing: Rebuilder<Tables> = {
    ...things,
    emitPage: async (trx, page) => {
      const keys = await things.emitPage(trx, page)
      if (++calls === 2) throw new Error('the process died here')
      return keys
    },
  }
  const id = await requestRebuild(harness.db, { name: 'things' })
  startWorker(failing)
  expect(await ended(id)).toEqual({ emitted: 25, finished: true, error: null })
  expect(await repeated()).toEqual(THINGS)
})

it('ends with its error where a page fails again and again, or the service has nothing of that name', async () => {
  const id = await requestRebuild(harness.db, { name: 'things' })
  const other = await requestRebuild(harness.db, { name: 'nothings' })
  startWorker({ ...things, emitPage: () => Promise.reject(new Error('a product is broken')) })
  expect(await ended(id)).toMatchObject({ emitted: 0, error: 'a product is broken' })
  expect((await ended(other)).error).toContain('nothings')
  expect(await repeated()).toEqual([])
})

it('waits while many events wait in the outbox or in a queue of its event', async () => {
  await harness.enqueue(...many(100))
  const id = await requestRebuild(harness.db, { name: 'things' })
  startWorker()
  await emitThings(harness.db, 100)
  await harness.consumer()
  await harness.settle({ applied: 100 })
  // The queue is empty, and the outbox is not.
  expect(await readRebuild(harness.db, id)).toMatchObject({ emitted: 0, finished: false })
  await harness.relay()
  expect(await ended(id)).toMatchObject({ emitted: 25 })
})

it('reaches the subscriptions that keep copies, counts as applied for all, and never takes a new number', async () => {
  await inTransaction(harness.db, (trx) => emit(trx, ThingNoted, { thingId: 'thing-03', text: 'first' }))
  await harness.relay()
  await harness.consumer({ subscriptions: subscriptions(on(ThingNoted, recordEffect, { replays: true })) })
  const id = await requestRebuild(harness.db, { name: 'things', skus: ['thing-03'] })
  startWorker()
  await ended(id)
  await harness.settle({ emitted: 2, applied: 2, effects: 2 })
  const effects = await harness.db.selectFrom('effects').select(['thing_id', 'version']).execute()
  expect(effects).toEqual([
    { thing_id: 'thing-03', version: 1 },
    { thing_id: 'thing-03', version: 1 },
  ])

  await harness.stopAll()
  await harness.relay()
  await harness.consumer()
  await requestRebuild(harness.db, { name: 'things', skus: ['thing-03'] })
  await harness.settle({ emitted: 3, applied: 3, effects: 2 })
})
