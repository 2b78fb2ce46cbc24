import { describe, expect, it } from 'vitest'
import { useFakeTime } from '../test/fake-time.ts'
import { createLeaseWorker, type Claim } from './jobs.ts'
import { raceAbort } from './timeout.ts'

const { logged, logger, pass } = useFakeTime()

describe('a lease worker', () => {
  /** A table of items: `claim` takes what nobody has, `work` runs until the test ends it. */
  const start = ({ concurrency = 2, drainMs }: { concurrency?: number; drainMs?: number } = {}) => {
    const released: string[] = []
    const waiting: string[] = []
    const claims: number[] = []
    const underWay = new Map<string, PromiseWithResolvers<void>>()
    const abandoned: string[] = []
    const table = {
      claim: async (limit: number): Promise<Claim<string>> => {
        const items = waiting.splice(0, limit)
        return { items, more: items.length === limit }
      },
    }
    const worker = createLeaseWorker<string>({
      name: 'test worker',
      claim: (limit) => {
        claims.push(limit)
        return table.claim(limit)
      },
      work: async (item, signal) => {
        const task = Promise.withResolvers<void>()
        underWay.set(item, task)
        try {
          await raceAbort(task.promise, signal)
        } catch (error) {
          if (signal.aborted) abandoned.push(item)
          throw error
        } finally {
          underWay.delete(item)
        }
      },
      concurrency,
      pollMs: 1_000,
      freshMs: 500,
      release: async (items) => void released.push(...items),
      ...(drainMs !== undefined && { drainMs }),
      logger,
    })
    worker.start()
    return {
      worker,
      released,
      table,
      waiting,
      claims,
      abandoned,
      inHand: () => [...underWay.keys()],
      finish: (item: string) => underWay.get(item)?.resolve(),
      fail: (item: string) => underWay.get(item)?.reject(new Error('no')),
    }
  }

  it('works on as many items at a time as allowed, and claims the next when one is done', async () => {
    const { worker, waiting, inHand, finish, claims } = start()
    waiting.push('a', 'b', 'c')
    worker.notify()
    await pass(0)
    expect(inHand()).toEqual(['a', 'b'])
    finish('a')
    await pass(0)
    expect(inHand()).toEqual(['b', 'c'])
    expect(claims.every((limit) => limit > 0)).toBe(true)
    finish('b')
    finish('c')
    await worker.stop()
  })

  it('looks for items each poll interval, without being notified', async () => {
    const { worker, waiting, inHand, finish } = start()
    await pass(0)
    waiting.push('a')
    await pass(999)
    expect(inHand()).toEqual([])
    await pass(1)
    expect(inHand()).toEqual(['a'])
    finish('a')
    await worker.stop()
  })

  it('loses no notification that comes while a claim is under way', async () => {
    const { worker, table, waiting, inHand, finish } = start()
    await pass(0)
    const { claim } = table
    table.claim = async (limit) => {
      const result = await claim(limit)
      table.claim = claim
      waiting.push('committed meanwhile')
      worker.notify()
      return result
    }
    worker.notify()
    await pass(0)
    expect(inHand()).toEqual(['committed meanwhile'])
    finish('committed meanwhile')
    await worker.stop()
  })

  it('waits a poll interval after a claim that failed, however often it is notified, and then claims again', async () => {
    const { worker, table, waiting, inHand, claims, finish } = start()
    await pass(0)
    const { claim } = table
    table.claim = () => Promise.reject(new Error('no database'))
    waiting.push('a')
    worker.notify()
    await pass(0)
    const failed = claims.length
    for (let times = 0; times < 10; times++) {
      worker.notify()
      await pass(10)
    }
    expect(claims).toHaveLength(failed)
    table.claim = claim
    await pass(1_000)
    expect(inHand()).toEqual(['a'])
    expect(logged).toEqual(['warn: work cannot be claimed; tries again'])
    finish('a')
    await worker.stop()
  })

  it('logs an item whose work throws, and goes on with the others', async () => {
    const { worker, waiting, inHand, fail, finish } = start()
    waiting.push('a', 'b')
    worker.notify()
    await pass(0)
    fail('a')
    waiting.push('c')
    await pass(0)
    expect(inHand()).toEqual(['b', 'c'])
    expect(logged).toEqual(['warn: an item is left to its lease'])
    finish('b')
    finish('c')
    await worker.stop()
  })

  it('finishes at its stop what a claim under way still returns, and claims no more', async () => {
    const { worker, table, waiting, inHand, claims, finish } = start()
    await pass(0)
    const { claim } = table
    const database = Promise.withResolvers<void>()
    table.claim = async (limit) => {
      await database.promise
      return claim(limit)
    }
    waiting.push('a', 'b', 'c')
    worker.notify()
    await pass(0)
    const before = claims.length
    let stopped = false
    const stopping = worker.stop().then(() => (stopped = true))
    database.resolve()
    await pass(0)
    expect(inHand()).toEqual(['a', 'b'])
    expect(stopped).toBe(false)
    finish('a')
    finish('b')
    await stopping
    expect(claims).toHaveLength(before)
    expect(waiting).toEqual(['c'])
  })

  it('stops at once while it waits after a failed claim', async () => {
    const { worker, table } = start()
    await pass(0)
    table.claim = () => Promise.reject(new Error('no database'))
    worker.notify()
    await pass(0)
    let stopped = false
    void worker.stop().then(() => (stopped = true))
    await pass(0)
    expect(stopped).toBe(true)
  })

  it('abandons at its stop what takes longer than the drain, and leaves it to its lease', async () => {
    const { worker, waiting, inHand, abandoned, finish } = start({ drainMs: 500 })
    waiting.push('quick', 'hangs')
    worker.notify()
    await pass(0)
    const stopping = worker.stop()
    await pass(499)
    finish('quick')
    await pass(0)
    expect(abandoned).toEqual([])
    await pass(1)
    await stopping
    expect(abandoned).toEqual(['hangs'])
    expect(inHand()).toEqual([])
  })

  it('works on what it is given at once and without a claim, the rest when there is room, unless that is too late', async () => {
    const { worker, waiting, inHand, claims, finish } = start()
    await pass(0)
    const before = claims.length
    worker.take(['a', 'b', 'c', 'too late'])
    expect(inHand()).toEqual(['a', 'b'])
    finish('a')
    await pass(0)
    expect(inHand()).toEqual(['b', 'c'])
    expect(claims).toHaveLength(before)
    await pass(501)
    waiting.push('claimed')
    finish('b')
    finish('c')
    await pass(500)
    expect(inHand()).toEqual(['claimed'])
    finish('claimed')
    await worker.stop()
  })

  it('gives back at its stop what it was given and has not begun, and accepts nothing more', async () => {
    const { worker, released, inHand, finish } = start()
    expect(worker.accepts()).toBe(true)
    worker.take(['a', 'b', 'c'])
    const stopping = worker.stop()
    expect(worker.accepts()).toBe(false)
    finish('a')
    finish('b')
    await stopping
    expect(released).toEqual(['c'])
    expect(inHand()).toEqual([])
  })
})
