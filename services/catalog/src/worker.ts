import type { Logger } from '@storewright/service-kit/run'

interface Work {
  name: string
  intervalMs: number
  /** Resolves with true while there is more to do at once. */
  work: () => Promise<boolean>
  logger: Logger
}

/** Does something now and then, in every replica, one round after the other; a failed round waits for the next. */
export const createWorker = ({ name, intervalMs, work, logger }: Work) => {
  let timer: NodeJS.Timeout | undefined
  let round = Promise.resolve()
  let stopped = true

  const run = async () => {
    try {
      while (!stopped && (await work())) continue
    } catch (error) {
      logger.error({ err: error, worker: name }, 'a round failed; the next one tries again')
    }
    if (!stopped) wait()
  }
  const wait = () => {
    timer = setTimeout(() => {
      round = run()
    }, intervalMs)
  }
  return {
    name,
    start: () => {
      stopped = false
      wait()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
      return round
    },
  }
}
