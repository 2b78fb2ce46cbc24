import { openOperations } from '@storewright/messaging'
import { anEvent, eventually } from '@storewright/testing'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Part } from './support/child.ts'
import { isBalanced } from './support/parts.ts'
import { startRig, type Rig } from './support/rig.ts'
import { sayThings } from './support/service.ts'
import { spawnPart } from './support/spawn.ts'
import { GROUP, ThingNoted, topology } from './support/things.ts'

let rig: Rig
beforeAll(async () => {
  rig = await startRig()
})
afterAll(() => rig.close())
afterEach(() => rig.clear())

const run = (part: Omit<Part, 'databaseUrl' | 'amqpUrl'>) =>
  spawnPart({ databaseUrl: rig.url, amqpUrl: rig.vhost.url, ...part })
const things = (count: number, text = '') =>
  Array.from({ length: count }, (_, index) => anEvent(ThingNoted, { thingId: `${text}-${index}`, text }))
const depth = async () => {
  const channel = await rig.broker.openChannel()
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
  ])('%s loses nothing and doubles nothing', async (_, dieAt, passes) => {
    expect(await run({ role: 'relay', says: 40, dieAt, passes }).ended).toBe('SIGKILL')
    const { waiting, emitted } = await rig.books()
    expect(waiting + emitted).toBe(40)
    expect(waiting).toBeGreaterThan(0)
    const handedOver = await depth()
    if (dieAt === 'before-publish') expect(handedOver).toBe(0)
    // More is out than the dead relay could note: these come twice.
    else await eventually(async () => (await depth()) > emitted)

    await rig.consumer()
    await rig.relay()
    await rig.settle({ emitted: 40, applied: 40, waiting: 0 })
    expect(isBalanced(await rig.books(), 40)).toBe(true)
  })

  it('hands over to a waiting one at once', async () => {
    await rig.consumer()
    const first = run({ role: 'relay', says: 10 })
    await rig.settle({ applied: 10, waiting: 0 })
    await rig.relay()
    await first.kill()
    await sayThings(rig.db, 30)
    await rig.settle({ emitted: 40, applied: 40, waiting: 0 })
    expect(isBalanced(await rig.books(), 40)).toBe(true)
  })
})

describe('a consumer that is killed', () => {
  it('after the commit and before the ack doubles nothing', async () => {
    await rig.enqueue(...things(60))
    expect(await run({ role: 'consumer', dieAt: 'before-ack', passes: 1 }).ended).toBe('SIGKILL')
    const { applied } = await rig.books()
    expect(applied).toBeGreaterThan(1)

    await rig.consumer()
    await rig.settle({ applied: 60, effects: 60, events: 60 })
    await eventually(async () => (await rig.books()).duplicates > 0)
    expect(isBalanced({ ...(await rig.books()), emitted: 60 }, 60)).toBe(true)
  })

  it('before the commit loses nothing', async () => {
    await rig.enqueue(...things(60))
    expect(await run({ role: 'consumer', dieAt: 'in-handler', passes: 20 }).ended).toBe('SIGKILL')
    await rig.consumer()
    await rig.settle({ applied: 60, effects: 60, events: 60 })
    expect(isBalanced({ ...(await rig.books()), emitted: 60 }, 60)).toBe(true)
  })

  it('would lose messages if they were acked before the commit', async () => {
    await rig.enqueue(...things(60))
    expect(await run({ role: 'consumer-that-acks-early', dieAt: 'in-handler', passes: 20 }).ended).toBe(
      'SIGKILL',
    )
    await rig.consumer()
    await rig.enqueue(...things(1, 'last'))
    await eventually(async () => (await depth()) === 0 && (await rig.books()).applied > 0)
    const books = await rig.books()
    expect(books.applied).toBeLessThan(61)
    expect(isBalanced({ ...books, emitted: 61 }, 61)).toBe(false)
  })
})

describe('a message that ends the process', () => {
  it('goes to the dead letters after a few lone tries, and drags none of its neighbours along', async () => {
    const [killer] = things(1, 'kill')
    const innocent = things(50)
    await rig.enqueue(...innocent.slice(0, 20), killer!, ...innocent.slice(20))
    let deaths = 0
    let consumer = run({ role: 'consumer' })
    await eventually(
      async () => {
        if (!consumer.running) {
          deaths++
          consumer = run({ role: 'consumer' })
        }
        const { applied, dead } = await rig.books()
        return applied === 50 && dead === 1
      },
      { within: 55_000 },
    )
    await consumer.kill()
    expect(await rig.books()).toMatchObject({ applied: 50, dead: 1, effects: 50, events: 50 })
    expect(await rig.vhost.peek(`${GROUP}.dead`)).toMatchObject([
      { messageId: killer!.id, headers: { 'x-dead-reason': 'ends-the-process' } },
    ])
    // Five lone tries, after one in its batch at most.
    expect([5, 6]).toContain(deaths)
  })
})

describe('an operator’s command that is killed while it looks at dead letters', () => {
  it('leaves them all there', async () => {
    const letters = things(40).map((event) => ({ ...event, type: 'test.thing-unknown.v1' }))
    await rig.enqueue(...letters)
    const consumer = await rig.consumer()
    const operations = await openOperations({ url: rig.vhost.url, topology })
    const dead = async () => (await operations.groups())[0]?.dead ?? 0
    await eventually(async () => (await dead()) === 40)
    await consumer.stop()
    const peeker = run({ role: 'operator' })
    // Now and then it has some in hand.
    await eventually(async () => (await dead()) < 40, { every: 1 })
    await peeker.kill()
    await eventually(async () => (await dead()) === 40)
    const { items } = await operations.listDeadLetters(GROUP)
    expect(new Set(items.map(({ messageId }) => messageId))).toEqual(new Set(letters.map(({ id }) => id)))
    await operations.close()
  })
})

describe('a service that is killed while it writes', () => {
  const written = async () => {
    const { effects, waiting } = await rig.books()
    return { written: effects, said: waiting }
  }

  it('has written and said, or neither', async () => {
    await run({ role: 'writer', dieAt: 'before-commit' }).ended
    expect(await written()).toEqual({ written: 0, said: 0 })
    await run({ role: 'writer', dieAt: 'after-commit' }).ended
    expect(await written()).toEqual({ written: 1, said: 1 })
  })

  it('would write without saying so if the event had a transaction of its own', async () => {
    await run({ role: 'writer-of-two-transactions', dieAt: 'after-commit' }).ended
    expect(await written()).toEqual({ written: 1, said: 0 })
  })
})
