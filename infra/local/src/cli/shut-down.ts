import { rmSync } from 'node:fs'
import { endRegistered } from '../orphan-processes.ts'
import { openProcessRegistry, type ProcessRegistry } from '../process-registry.ts'
import { killGroup, waitForExit } from '../processes.ts'
import { docker } from '../servers/docker.ts'
import { runFileOf } from '../stack/run-file.ts'
import { print } from '../reporting.ts'
import { runningLauncher } from './launcher-lock.ts'

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

const LAUNCHER_MS = 90_000

/** Ends the shop of a data directory, whether its launcher still lives or not; whether there was anything. */
export const stopShop = async (dataDir: string): Promise<boolean> => {
  const launcher = runningLauncher(dataDir)
  if (launcher) {
    print(`Asking the launcher (process ${launcher.pid}) to stop everything…`)
    process.kill(launcher.pid, 'SIGTERM')
    if (!(await waitForExit(launcher, LAUNCHER_MS))) process.kill(launcher.pid, 'SIGKILL')
  }
  const ended = await endRegistered(openProcessRegistry(dataDir))
  if (ended.length > 0) print(`Ended what a launcher that is gone had left: ${ended.join(', ')}.`)
  rmSync(runFileOf(dataDir), { force: true })
  return launcher !== undefined || ended.length > 0
}
