import { expect, it } from 'vitest'
import { raceAbort, sleep, withTimeout } from './timeout.ts'

const never = new Promise<void>(() => undefined)

it('rejects work that takes longer than its time, and names it', async () => {
  await expect(withTimeout(never, 5, 'the answer')).rejects.toThrow('the answer took longer than 5 ms')
  await expect(withTimeout(Promise.resolve(7), 1_000)).resolves.toBe(7)
  await expect(withTimeout(Promise.reject(new Error('broken')), 1_000)).rejects.toThrow('broken')
})

it('rejects work with the reason of a signal that aborts before or during it', async () => {
  const aborting = new AbortController()
  const waiting = raceAbort(never, aborting.signal)
  aborting.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(raceAbort(never, aborting.signal)).rejects.toThrow('enough')
  await expect(raceAbort(Promise.resolve(7), new AbortController().signal)).resolves.toBe(7)
})

it('leaves no unhandled rejection when the work fails after the signal has aborted', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  process.on('unhandledRejection', note)
  const work = Promise.withResolvers<void>()
  await expect(raceAbort(work.promise, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  work.reject(new Error('late'))
  await sleep(10)
  process.off('unhandledRejection', note)
  expect(unhandled).toEqual([])
})

it('sleeps until its time is over or a signal aborts, and never rejects', async () => {
  const began = performance.now()
  await sleep(20)
  expect(performance.now() - began).toBeGreaterThan(15)
  await sleep(60_000, AbortSignal.timeout(5))
  await sleep(60_000, AbortSignal.abort())
  expect(performance.now() - began).toBeLessThan(30_000)
})
