import { openQueueAdmin } from '@storewright/messaging/admin'
import { anEvent, eventually } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ChildTask } from './support/child-process.ts'
import { isBalanced } from './support/faults.ts'
import { startHarness, type Harness } from './support/harness.ts'
import { emitThings } from './support/service.ts'
import { spawnChild } from './support/spawn-child.ts'
import { GROUP, ThingNoted, topology } from './support/test-events.ts'

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())
afterEach(() => harness.clear())

const run = (task: Omit<ChildTask, 'databaseUrl' | 'amqpUrl'>) =>
  spawnChild({ databaseUrl: harness.url, amqpUrl: harness.vhost.url, ...task })
const things = (count: number, text = '') =>
  Array.from({ length: count }, (_, index) => anEvent(ThingNoted, { thingId: `${text}-${index}`, text }))
const depth = async () => {
  const channel = await harness.broker.openChannel()
  const { messageCount } = await channel.checkQueue(GROUP)
  await channel.close()
  return messageCount
}

describe('a relay that is killed', () => {
  it.each([
    ['after the commit and before the publish', 'before-publish', 0],
    ['after the publish and before the confirm', 'before-confirm', 3],
    ['after the confirm and before the delete', 'before-delete', 0],
    ['in the middle of its work', 'before-delete', 2],
  ])('%s loses no event and applies each once', async (_, killAt, passes) => {
    expect(await run({ role: 'relay', emits: 40, killAt, passes }).ended).toBe('SIGKILL')
    const { waiting, emitted } = await harness.counts()
    expect(waiting + emitted).toBe(40)
    expect(waiting).toBeGreaterThan(0)
    const published = await depth()
    if (killAt === 'before-publish') expect(published).toBe(0)
    // More was published than the killed relay could record: these come twice.
    else await eventually(async () => (await depth()) > emitted)

    await harness.consumer()
    await harness.relay()
    await harness.settle({ emitted: 40, applied: 40, waiting: 0 })
    expect(isBalanced(await harness.counts(), 40)).toBe(true)
  })

  it('is replaced by a waiting relay at once', async () => {
    await harness.consumer()
    const first = run({ role: 'relay', emits: 10 })
    await harness.settle({ applied: 10, waiting: 0 })
    await harness.relay()
    await first.kill()
    await emitThings(harness.db, 30)
    await harness.settle({ emitted: 40, applied: 40, waiting: 0 })
    expect(isBalanced(await harness.counts(), 40)).toBe(true)
  })
})

describe('a consumer that is killed', () => {
  it('after the commit and before the ack applies each event once', async () => {
    await harness.enqueue(...things(60))
    expect(await run({ role: 'consumer', killAt: 'before-ack', passes: 1 }).ended).toBe('SIGKILL')
    const { applied } = await harness.counts()
    expect(applied).toBeGreaterThan(1)

    await harness.consumer()
    await harness.settle({ applied: 60, effects: 60, events: 60 })
    await eventually(async () => (await harness.counts()).duplicates > 0)
    expect(isBalanced({ ...(await harness.counts()), emitted: 60 }, 60)).toBe(true)
  })

  it('before the commit loses no event', async () => {
    await harness.enqueue(...things(60))
    expect(await run({ role: 'consumer', killAt: 'in-handler', passes: 20 }).ended).toBe('SIGKILL')
    await harness.consumer()
    await harness.settle({ applied: 60, effects: 60, events: 60 })
    expect(isBalanced({ ...(await harness.counts()), emitted: 60 }, 60)).toBe(true)
  })

  it('before the commit loses events when they were acked on delivery', async () => {
    await harness.enqueue(...things(60))
    expect(await run({ role: 'consumer-that-acks-early', killAt: 'in-handler', passes: 20 }).ended).toBe(
      'SIGKILL',
    )
    await harness.consumer()
    await harness.enqueue(...things(1, 'last'))
    await eventually(async () => (await depth()) === 0 && (await harness.counts()).applied > 0)
    const counts = await harness.counts()
    expect(counts.applied).toBeLessThan(61)
    expect(isBalanced({ ...counts, emitted: 61 }, 61)).toBe(false)
  })
})

describe('a poison message', () => {
  it('is dead-lettered after it has crashed the process five times alone, and no other message is', async () => {
    const [poison] = things(1, 'kill')
    const others = things(50)
    await harness.enqueue(...others.slice(0, 20), poison!, ...others.slice(20))
    let crashes = 0
    let consumer = run({ role: 'consumer' })
    await eventually(
      async () => {
        if (!consumer.running) {
          crashes++
          consumer = run({ role: 'consumer' })
        }
        const { applied, dead } = await harness.counts()
        return applied === 50 && dead === 1
      },
      { within: 55_000 },
    )
    await consumer.kill()
    expect(await harness.counts()).toMatchObject({ applied: 50, dead: 1, effects: 50, events: 50 })
    expect(await harness.vhost.peek(`${GROUP}.dead`)).toMatchObject([
      { messageId: poison!.id, headers: { 'x-dead-reason': 'poison-message' } },
    ])
    // Five times alone, after one in its batch at most.
    expect([5, 6]).toContain(crashes)
  })
})

describe('an operator’s command that is killed while it lists dead letters', () => {
  it('leaves all of them in the queue', async () => {
    const events = things(40).map((event) => ({ ...event, type: 'test.thing-unknown.v1' }))
    await harness.enqueue(...events)
    const consumer = await harness.consumer()
    const admin = await openQueueAdmin({ url: harness.vhost.url, topology })
    const dead = async () => (await admin.listGroups())[0]?.dead ?? 0
    await eventually(async () => (await dead()) === 40)
    await consumer.stop()
    const operator = run({ role: 'operator' })
    // At times it holds some of them.
    await eventually(async () => (await dead()) < 40, { every: 1 })
    await operator.kill()
    await eventually(async () => (await dead()) === 40)
    const { items } = await admin.listDeadLetters(GROUP)
    expect(new Set(items.map(({ messageId }) => messageId))).toEqual(new Set(events.map(({ id }) => id)))
    await admin.close()
  })
})

describe('a service that is killed while it writes', () => {
  const written = async () => {
    const { effects, waiting } = await harness.counts()
    return { written: effects, emitted: waiting }
  }

  it('commits its row and its event together or neither', async () => {
    await run({ role: 'writer', killAt: 'before-commit' }).ended
    expect(await written()).toEqual({ written: 0, emitted: 0 })
    await run({ role: 'writer', killAt: 'after-commit' }).ended
    expect(await written()).toEqual({ written: 1, emitted: 1 })
  })

  it('commits its row without the event when that has a transaction of its own', async () => {
    await run({ role: 'writer-of-two-transactions', killAt: 'after-commit' }).ended
    expect(await written()).toEqual({ written: 1, emitted: 0 })
  })
})
