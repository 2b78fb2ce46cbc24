import { describe, expect, it, vi } from 'vitest'
import { useFakeTime } from '../test/fake-time.ts'
import { createPeriodicJob } from './jobs.ts'

const { logged, logger, pass } = useFakeTime()

describe('a periodic job', () => {
  const job = (run: (signal: AbortSignal) => Promise<unknown>, options = {}) =>
    createPeriodicJob({ name: 'test job', intervalMs: 1_000, run, logger, ...options })

  /** Rounds that last until the test releases them. */
  const gated = () => {
    let release = () => {}
    const run = vi.fn(() => new Promise<void>((resolve) => (release = resolve)))
    return { run, release: () => release() }
  }

  it('runs each interval, and at start only where that is wanted', async () => {
    const run = vi.fn(async () => undefined)
    const late = job(run)
    late.start()
    await pass(999)
    expect(run).toHaveBeenCalledTimes(0)
    await pass(2_001)
    expect(run).toHaveBeenCalledTimes(3)
    await late.stop()

    const early = job(run, { immediately: true })
    early.start()
    await pass(0)
    expect(run).toHaveBeenCalledTimes(4)
    await early.stop()
    await pass(5_000)
    expect(run).toHaveBeenCalledTimes(4)
  })

  it('logs a round that throws and tries again at the next one', async () => {
    const run = vi.fn(async () => {
      throw new Error('no database')
    })
    const failing = job(run)
    failing.start()
    await pass(2_000)
    expect(run).toHaveBeenCalledTimes(2)
    expect(logged).toHaveLength(2)
    await failing.stop()
  })

  it('never runs two rounds at a time, and a stop waits for the one under way', async () => {
    const { run, release } = gated()
    const slow = job(run)
    slow.start()
    await pass(10_000)
    expect(run).toHaveBeenCalledTimes(1)

    let stopped = false
    const stopping = slow.stop().then(() => (stopped = true))
    await pass(10)
    expect(stopped).toBe(false)
    release()
    await stopping
    await pass(10_000)
    expect(run).toHaveBeenCalledTimes(1)
  })

  it('repeats at once while a round returns true, and stops between two of them', async () => {
    let left = 3
    const run = vi.fn(async () => (left -= 1) > 0)
    const busy = job(run, { repeatWhileBusy: true })
    busy.start()
    await pass(1_000)
    expect(run).toHaveBeenCalledTimes(3)
    await busy.stop()

    const endless = vi.fn(async () => {
      if (endless.mock.calls.length === 5) void stopping()
      return true
    })
    const worker = job(endless, { repeatWhileBusy: true, immediately: true })
    const stopping = () => worker.stop()
    worker.start()
    await pass(0)
    expect(endless).toHaveBeenCalledTimes(5)
  })

  it('ignores what a round returns where repeating is not wanted', async () => {
    const run = vi.fn(async () => true)
    const plain = job(run)
    plain.start()
    await pass(1_000)
    expect(run).toHaveBeenCalledTimes(1)
    await plain.stop()
  })

  it('runs at once when notified, and again where that comes during a round', async () => {
    const { run, release } = gated()
    const notified = job(run)
    notified.start()
    notified.notify()
    await pass(0)
    expect(run).toHaveBeenCalledTimes(1)
    notified.notify()
    notified.notify()
    release()
    await pass(0)
    expect(run).toHaveBeenCalledTimes(2)
    release()
    await pass(0)
    expect(run).toHaveBeenCalledTimes(2)
    await notified.stop()
  })
})
