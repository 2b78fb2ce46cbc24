import { describe, expect, it } from 'vitest'
import { createBatcher, createSharedReads } from './batching.ts'

it('sends concurrent calls in one batch, each with its own result', async () => {
  const batches: number[][] = []
  const double = createBatcher((items: number[]) => {
    batches.push(items)
    return Promise.resolve(items.map((item) => item * 2))
  })
  expect(await Promise.all([double(1), double(2), double(3)])).toEqual([2, 4, 6])
  expect(batches).toEqual([[1, 2, 3]])
})

it('keeps a call that arrives during a batch for the next one', async () => {
  const batches: number[][] = []
  const { promise: started, resolve: start } = Promise.withResolvers<void>()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const call = createBatcher(async (items: number[]) => {
    batches.push(items)
    start()
    await gate
    return items
  })
  const first = call(1)
  await started
  const second = call(2)
  open()
  await Promise.all([first, second])
  expect(batches).toEqual([[1], [2]])
})

describe('a batcher that lingers', () => {
  const start = (lingerMs: number) => {
    const batches: number[][] = []
    const call = createBatcher(
      (items: number[]) => {
        batches.push(items)
        return Promise.resolve(items)
      },
      { lingerMs, maxBatch: 4 },
    )
    return { call, batches }
  }
  /** What is sent at once is sent within some turns of the event loop, before any timer. */
  const turns = async () => {
    for (const _ of [1, 2, 3]) await new Promise(setImmediate)
  }

  it('sends calls that come one at a time at once', async () => {
    const { call, batches } = start(5_000)
    for (const item of [1, 2, 3]) {
      const sent = call(item)
      await turns()
      expect(batches).toHaveLength(item)
      await sent
    }
  })

  it('waits for more after calls that came together, until the batch is full', async () => {
    const { call, batches } = start(5_000)
    await Promise.all([call(1), call(2)])
    const late = [call(3)]
    await turns()
    for (const item of [4, 5, 6]) late.push(call(item))
    await Promise.all(late)
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5, 6],
    ])
  })

  it('goes on where no other call comes, and no longer waits after some that came alone', async () => {
    const { call, batches } = start(10)
    await Promise.all([call(1), call(2)])
    for (const item of [3, 4, 5, 6]) await call(item)
    const sent = call(7)
    await turns()
    expect(batches).toEqual([[1, 2], [3], [4], [5], [6], [7]])
    await sent
  })
})

it('limits the size of its batches', async () => {
  const sizes: number[] = []
  const call = createBatcher(
    (items: number[]) => {
      sizes.push(items.length)
      return Promise.resolve(items)
    },
    { maxBatch: 2 },
  )
  await Promise.all([1, 2, 3, 4, 5].map((item) => call(item)))
  expect(sizes).toEqual([2, 2, 1])
})

it('fails the calls of a failed batch and handles the next', async () => {
  const call = createBatcher((items: number[]) =>
    items.includes(13) ? Promise.reject(new Error('unlucky')) : Promise.resolve(items),
  )
  await expect(call(13)).rejects.toThrow('unlucky')
  expect(await call(1)).toBe(1)
})

it('begins the next batch where the one before is silent for too long', async () => {
  const call = createBatcher(
    (items: string[]) =>
      items.includes('silent') ? new Promise<never>(() => undefined) : Promise.resolve(items),
    {
      waitMs: 10,
    },
  )
  void call('silent')
  await new Promise(setImmediate)
  expect(await call('other')).toBe('other')
})

/** Reads in the order in which they began, each ended by its test. */
const gatedReads = (waitMs = 60_000) => {
  const begun: PromiseWithResolvers<number>[] = []
  const share = createSharedReads<number>({ waitMs })
  const read = () => {
    const gate = Promise.withResolvers<number>()
    begun.push(gate)
    return gate.promise
  }
  return { begun, ask: (key = 'list') => share(key, read) }
}
const turn = () => new Promise(setImmediate)

it('calls that come during an equal read share the next one, and never one that has begun', async () => {
  const { begun, ask } = gatedReads()
  const first = ask()
  const [second, third] = [ask(), ask()]
  expect(begun).toHaveLength(1)
  begun[0]!.resolve(1)
  expect(await first).toBe(1)
  await turn()
  const fourth = ask()
  expect(begun).toHaveLength(2)
  begun[1]!.resolve(2)
  expect(await Promise.all([second, third])).toEqual([2, 2])
  await turn()
  begun[2]!.resolve(3)
  expect(await fourth).toBe(3)
  void ask()
  expect(begun).toHaveLength(4)
})

it('other reads do not wait for one that is under way', () => {
  const { begun, ask } = gatedReads()
  void ask('a')
  void ask('b')
  expect(begun).toHaveLength(2)
})

it('a read that fails fails those who share it, and no later one', async () => {
  const { begun, ask } = gatedReads()
  const first = ask()
  const second = ask()
  begun[0]!.reject(new Error('unlucky'))
  await expect(first).rejects.toThrow('unlucky')
  await turn()
  begun[1]!.resolve(2)
  expect(await second).toBe(2)
})

it('a read that is silent for too long keeps no later one waiting', async () => {
  const { begun, ask } = gatedReads(10)
  void ask()
  const second = ask()
  await expect.poll(() => begun.length).toBe(2)
  begun[1]!.resolve(2)
  expect(await second).toBe(2)
})
