import { expect, it } from 'vitest'
import { createBatcher } from './batching.ts'

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
