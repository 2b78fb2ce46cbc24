import { rmSync } from 'node:fs'
import { endRegistered } from '../orphan-processes.ts'
import { openProcessRegistry } from '../process-registry.ts'
import { waitForExit } from '../processes.ts'
import { runFileOf } from '../stack/run-file.ts'
import { print } from './command.ts'
import { runningLauncher } from './launcher-lock.ts'

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
