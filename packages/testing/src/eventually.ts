import { setTimeout as pause } from 'node:timers/promises'

/** Repeats `look` until it neither throws nor gives undefined or false; then its last failure is thrown. */
export const eventually = async <T>(
  look: () => T | Promise<T>,
  {
    within = 15_000,
    every = 15,
    what = 'what was awaited',
  }: { within?: number; every?: number; what?: string } = {},
): Promise<Exclude<T, undefined | false>> => {
  const deadline = performance.now() + within
  for (;;) {
    let failure: unknown
    try {
      const found = await look()
      if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>
    } catch (error) {
      failure = error
    }
    if (performance.now() > deadline) {
      throw failure instanceof Error ? failure : new Error(`${what} did not come within ${within} ms`)
    }
    await pause(every)
  }
}
