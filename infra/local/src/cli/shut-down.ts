import { endRegistered } from '../orphan-processes.ts'
import type { ProcessRegistry } from '../process-registry.ts'
import { killGroup } from '../processes.ts'
import { docker } from '../servers/docker.ts'
import { print } from './command.ts'

// A Ctrl-C reaches us twice: from the terminal, and from npm, which passes it on.
const SAME_KEYPRESS_MS = 1_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls the work once at the first signal; the second kills everything that was started, at once. */
export const onInterrupt = (registry: ProcessRegistry, work: (signal: string) => void): void => {
  let askedAt: number | undefined
  const force = async (): Promise<void> => {
    print('Forced: killing what is left.')
    await Promise.all(
      registry.entries().map(async ({ name, process, container }) => {
        if (process) await killGroup(process)
        if (container) await docker(['rm', '--force', container]).catch(() => undefined)
        registry.remove(name)
      }),
    )
    process.exit(1)
  }
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (askedAt === undefined) {
        askedAt = Date.now()
        work(signal)
      } else if (Date.now() - askedAt > SAME_KEYPRESS_MS) {
        void force()
      }
    })
  }
}

/** Ends everything while a start is still going on: it may begin more until it notices. */
export const endUntilSettled = async (
  registry: ProcessRegistry,
  starting: Promise<unknown>,
): Promise<void> => {
  let settled = false
  void starting.then(
    () => (settled = true),
    () => (settled = true),
  )
  do {
    await endRegistered(registry)
    await new Promise((resolve) => setTimeout(resolve, 100))
  } while (!settled)
  await endRegistered(registry)
}
