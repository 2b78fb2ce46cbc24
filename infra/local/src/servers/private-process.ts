import { basename } from 'node:path'
import { Failure, messageOf } from '../reporting.ts'
import { lastLines } from '../files.ts'
import type { ProcessRegistry } from '../process-registry.ts'
import { type Identity, endProcess, isAlive, killGroup, launch } from '../processes.ts'
import { untilReady } from './handle.ts'

type Options<T> = {
  name: string
  title: string
  registry: ProcessRegistry
  log: string
  port: number
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  probe: () => Promise<T>
  startWithinMs: number
  stopWithinMs: number
}

/** A server process of our own; one that a crashed launcher left behind is taken over. */
export const privateProcess = <T>(options: Options<T>) => {
  const { name, title, registry, log, port } = options
  let identity: Identity | undefined

  const wait = (running: Identity, failed?: Promise<never>): Promise<T> => {
    const ready = untilReady(options.probe, options.startWithinMs, () =>
      isAlive(running)
        ? undefined
        : new Failure(`${title} stopped while it was starting: see the end of ${log}.`, lastLines(log)),
    )
    return failed ? Promise.race([ready, failed]) : ready
  }

  const adopt = async (): Promise<T | undefined> => {
    const left = registry.findAlive(name)
    if (!left) return undefined
    if (left.port === port) {
      identity = left.process
      const answer = await wait(left.process).catch(() => undefined)
      if (answer !== undefined) return answer
    }
    await endProcess(left.process, options.stopWithinMs)
    return undefined
  }

  const spawn = async (): Promise<T> => {
    const { command, args, env, cwd } = options
    const started = launch(command, args, { log, ...(env && { env }), ...(cwd && { cwd }) })
    identity = started.identity
    registry.record({ name, kind: 'server', process: identity, port, log })
    try {
      return await wait(identity, started.failed)
    } catch (error) {
      await killGroup(identity)
      registry.remove(name)
      if (error instanceof Failure) throw error
      const seconds = options.startWithinMs / 1000
      throw new Failure(
        `${title} (${basename(command)}) did not answer within ${seconds} s (${messageOf(error)}): see the end of ${log}.`,
        lastLines(log),
      )
    }
  }

  return {
    get pid() {
      return identity?.pid
    },
    isRunning: () => identity !== undefined && isAlive(identity),
    start: async (): Promise<T> => (await adopt()) ?? (await spawn()),
    stop: async (): Promise<void> => {
      if (identity) await endProcess(identity, options.stopWithinMs)
      registry.remove(name)
    },
    kill: async (): Promise<void> => {
      if (identity) await killGroup(identity)
      registry.remove(name)
    },
  }
}
