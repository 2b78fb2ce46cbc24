import { setTimeout as pause } from 'node:timers/promises'
import { createLogger } from './logger.ts'

/** Started in the order of the list, stopped in reverse. */
export interface Component {
  name?: string
  start?(): unknown
  stop?(): unknown
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** Until SIGTERM or SIGINT; exits with 1 after a failed start or a stop beyond the deadline, at once at a second signal. */
export const run = async (
  name: string,
  compose: () => Promise<Component[]> | Component[],
  { deadlineMs = 10_000 }: { deadlineMs?: number } = {},
): Promise<void> => {
  const logger = createLogger({ name })
  const started: Component[] = []
  const asked = Promise.withResolvers<string>()
  let stopping = false

  const stopAll = async (): Promise<boolean> => {
    const pending = [...started].reverse()
    let clean = true
    const work = (async () => {
      for (let component = pending[0]; component; component = pending[0]) {
        try {
          await component.stop?.()
        } catch (error) {
          clean = false
          logger.error({ err: error, component: component.name }, 'did not stop cleanly')
        }
        pending.shift()
      }
    })()
    await Promise.race([work, pause(deadlineMs, undefined, { ref: true })])
    if (pending.length > 0) {
      logger.error(
        { component: pending[0]?.name, left: pending.length },
        'gave up stopping after the deadline',
      )
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
    for (const component of await compose()) {
      if (stopping) break
      started.push(component)
      await component.start?.()
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
