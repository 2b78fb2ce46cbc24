import { type SpawnOptions, execFileSync, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure, codeOf } from './reporting.ts'

/** A process and when it began: process ids are used again, the pair never. */
export type Identity = { pid: number; began: string }

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

/** When the process began, or nothing if there is none (a zombie counts as none). */
const beginningOf = (pid: number): string | undefined => {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { stdio: 'pipe' })
        .toString()
        .trim()
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${bootId()}/${fields[19]}`
  } catch {
    return undefined
  }
}

export const identify = (pid: number): Identity => ({ pid, began: beginningOf(pid) ?? 'gone' })

/** Whether exactly this process still runs. */
export const isAlive = ({ pid, began }: Identity): boolean => beginningOf(pid) === began

/** Starts a process in a group of its own: a Ctrl-C in the terminal must reach the launcher only. */
export const launch = (command: string, args: string[], options: SpawnOptions & { log: string }) => {
  const output = openSync(options.log, 'a', 0o600)
  try {
    const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', output, output] })
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) =>
        reject(new Failure(`Cannot run ${command}: ${codeOf(error) ?? error.message}.`)),
      )
    })
    failed.catch(() => undefined)
    const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }))
      child.once('error', () => resolve({ code: null, signal: null }))
    })
    return { identity: identify(child.pid ?? 0), exited, failed }
  } finally {
    closeSync(output)
  }
}

const signal = (identity: Identity, name: NodeJS.Signals, group: boolean): void => {
  if (identity.pid <= 1 || !isAlive(identity)) return
  try {
    process.kill(group ? -identity.pid : identity.pid, name)
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

export const waitForExit = async (identity: Identity, withinMs: number): Promise<boolean> => {
  const deadline = Date.now() + withinMs
  for (let pause = 5; isAlive(identity); pause = Math.min(pause * 1.5, 100)) {
    if (Date.now() > deadline) return false
    await delay(pause)
  }
  return true
}

export const killGroup = async (identity: Identity): Promise<void> => {
  signal(identity, 'SIGKILL', true)
  await waitForExit(identity, 5_000)
}

/** Asks the process to end, and kills its group if it does not in time. */
export const endProcess = async (identity: Identity, withinMs: number): Promise<void> => {
  signal(identity, 'SIGTERM', false)
  if (!(await waitForExit(identity, withinMs))) await killGroup(identity)
}
