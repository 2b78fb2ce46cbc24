import { setTimeout as pause } from 'node:timers/promises'
import { createLogger } from './logger.ts'

/** A part of a process: started in the order of the list, stopped in reverse. */
export interface Step {
  name?: string
  start?(): unknown
  stop?(): unknown
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/**
 * Runs a service until SIGTERM or SIGINT. A failed start undoes what was started and exits with 1, as does a
 * stop that takes longer than the deadline; a second signal exits at once.
 */
export const run = async (
  name: string,
  compose: () => Promise<Step[]> | Step[],
  { deadlineMs = 10_000 }: { deadlineMs?: number } = {},
): Promise<void> => {
  const logger = createLogger({ name })
  const started: Step[] = []
  const asked = Promise.withResolvers<string>()
  let stopping = false

  const stopAll = async (): Promise<boolean> => {
    const pending = [...started].reverse()
    let clean = true
    const work = (async () => {
      for (let step = pending[0]; step; step = pending[0]) {
        try {
          await step.stop?.()
        } catch (error) {
          clean = false
          logger.error({ err: error, step: step.name }, 'did not stop cleanly')
        }
        pending.shift()
      }
    })()
    await Promise.race([work, pause(deadlineMs, undefined, { ref: true })])
    if (pending.length > 0) {
      logger.error({ step: pending[0]?.name, left: pending.length }, 'gave up stopping after the deadline')
      return false
    }
    return clean
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1)
      stopping = true
      asked.resolve(signal)
    })
  }
  const crash = (error: unknown) => {
    logger.fatal({ err: error }, 'crashed')
    process.exit(1)
  }
  process.on('uncaughtException', crash)
  process.on('unhandledRejection', crash)

  const began = performance.now()
  try {
    for (const step of await compose()) {
      if (stopping) break
      started.push(step)
      await step.start?.()
    }
  } catch (error) {
    logger.fatal({ err: error }, `${name} cannot start: ${messageOf(error)}`)
    await stopAll()
    process.exit(1)
  }
  if (!stopping) logger.info({ ms: Math.round(performance.now() - began) }, 'started')

  const signal = await asked.promise
  logger.info({ signal }, 'stopping')
  const clean = await stopAll()
  logger.info('stopped')
  process.exit(clean ? 0 : 1)
}
