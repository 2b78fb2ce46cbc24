import { existsSync, renameSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Failure, secondsSince } from '../reporting.ts'
import { lastLines } from '../files.ts'
import type { ProcessRegistry } from '../process-registry.ts'
import { type Identity, endProcess, isAlive, killGroup, launch } from '../processes.ts'
import { untilReady } from '../servers/handle.ts'

type Options = {
  name: string
  entry: string
  env: NodeJS.ProcessEnv
  port: number
  log: string
  registry: ProcessRegistry
  report: (text: string) => void
  /** Called when another process took the place of a crashed one. */
  changed: () => void
}

const READY_WITHIN_MS = 90_000
const STOP_WITHIN_MS = 12_000
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 30_000
const STEADY_AFTER_MS = 60_000
const LARGE_LOG_BYTES = 5 * 1024 ** 2

const rotate = (log: string): void => {
  if (existsSync(log) && statSync(log).size > LARGE_LOG_BYTES) renameSync(log, `${log}.1`)
}

const isReady = async (url: string): Promise<void> => {
  const response = await fetch(`${url}/ready`, { signal: AbortSignal.timeout(3_000) })
  await response.arrayBuffer()
  if (!response.ok) throw new Failure(`it answers /ready with status ${response.status}`)
}

const reasonOf = ({ code, signal }: { code: number | null; signal: string | null }): string =>
  signal ? `was ended by ${signal}` : `stopped with exit code ${code}`

/** One process of a service: started, watched, started again after a crash with growing pauses. */
export const superviseProcess = (options: Options) => {
  const { name, port, log, registry, report } = options
  const url = `http://127.0.0.1:${port}`
  let identity: Identity | undefined
  let wanted = false
  let pauseMs = FIRST_PAUSE_MS
  let pausing = new AbortController()

  const spawn = async (): Promise<void> => {
    rotate(log)
    const began = Date.now()
    const {
      identity: started,
      exited,
      failed,
    } = launch(process.execPath, [options.entry], { env: options.env, log })
    identity = started
    registry.record({ name, kind: 'service', process: started, port, log })
    let ready = false
    void exited.then((outcome) => {
      if (ready && wanted && identity === started) void restart(reasonOf(outcome), Date.now() - began)
    })
    const answered = untilReady(
      () => isReady(url),
      READY_WITHIN_MS,
      () =>
        isAlive(started)
          ? undefined
          : new Failure(`The ${name} service stopped while it was starting: see ${log}.`, lastLines(log, 3)),
    )
    await Promise.race([answered, failed])
    ready = true
    // Gone between its answer and now: nobody has restarted it.
    if (!isAlive(started) && wanted && identity === started) void restart('stopped', Date.now() - began)
  }

  const restart = async (reason: string, livedMs: number): Promise<void> => {
    identity = undefined
    if (livedMs > STEADY_AFTER_MS) pauseMs = FIRST_PAUSE_MS
    for (let why = reason; wanted;) {
      report(`The ${name} service ${why}; starting it again in ${pauseMs / 1000} s. Its log: ${log}`)
      pausing = new AbortController()
      await delay(pauseMs, undefined, { signal: pausing.signal }).catch(() => undefined)
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)
      if (!wanted) return
      const began = Date.now()
      try {
        await spawn()
        options.changed()
        report(`The ${name} service is back after ${secondsSince(began)}.`)
        return
      } catch {
        why = 'stopped again while it was starting'
        if (identity) await killGroup(identity)
      }
    }
  }

  const stop = async (): Promise<void> => {
    wanted = false
    pausing.abort()
    if (identity) await endProcess(identity, STOP_WITHIN_MS)
    identity = undefined
    registry.remove(name)
  }

  return {
    name,
    port,
    url,
    log,
    get pid() {
      return identity?.pid
    },
    start: async (): Promise<void> => {
      if (wanted) return
      wanted = true
      pauseMs = FIRST_PAUSE_MS
      try {
        await spawn()
      } catch (error) {
        await stop()
        throw error
      }
    },
    /** Ends it until it is started again. */
    stop,
    /** `kill -9`; it is started again as after any crash. */
    kill: async (): Promise<void> => {
      if (identity) await killGroup(identity)
    },
    isReady: () =>
      isReady(url).then(
        () => true,
        () => false,
      ),
  }
}

export type SupervisedProcess = ReturnType<typeof superviseProcess>
