import { Problem } from '@storewright/service-kit/http'
import { genSaltSync } from 'bcryptjs'
import { Piscina } from 'piscina'
import { isBeyondBcrypt, normalisePassword } from './password.ts'
import type { Done, Job } from './worker.ts'

export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes as long without a hash, so that time does not tell which addresses have an account. */
  matches(password: string, hash: string | undefined): Promise<boolean>
  /** True where the cost was raised since this hash was made. */
  isOutdated(hash: string): boolean
  stop(): Promise<void>
}

/** A gateway gives up after 30 s, and takes a service that lets several wait so long for a dead one. */
const LONGEST_WAIT_MS = 10_000

/** bcrypt in worker threads: the event loop goes on serving while passwords are ground. */
export const startPasswords = ({
  longestWaitMs = LONGEST_WAIT_MS,
  ...options
}: {
  cost: number
  threads: number
  /** So many wait at most, and fewer where one takes long. */
  queue: number
  longestWaitMs?: number
}): Passwords => {
  const pool = new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: options.threads,
    idleTimeout: 30_000,
    // Below the event loops of this machine: browsing stays quick while a storm of log-ins waits.
    niceIncrement: 5,
  })

  // Of the last few, since the machine has other work too.
  let usualMs = 0

  const work = async (job: Job): Promise<string | boolean> => {
    // Bounded: a storm of log-ins is told to come back instead of waiting ever longer.
    const { queueSize } = pool
    if (queueSize >= options.queue || (queueSize / options.threads) * usualMs > longestWaitMs) {
      throw new Problem('busy', 'Too many passwords wait to be checked.', { retryAfter: 2 })
    }
    const { result, ms } = (await pool.run(job)) as Done
    usualMs = usualMs === 0 ? ms : usualMs * 0.9 + ms * 0.1
    return result
  }
  // Of the right form, and no password's hash.
  const placeholders = Array.from(
    { length: options.cost + 1 },
    (_none, cost) => genSaltSync(cost) + '.'.repeat(31),
  )
  const placeholder = placeholders[options.cost] ?? ''
  /** What fills up the time of a cheaper hash: each cost takes as long as all lower ones together, and once more. */
  const fillers = (hash: string) => placeholders.slice(Math.max(costOf(hash), LEAST_COST), options.cost)

  return {
    hash: async (password) =>
      String(await work({ password: normalisePassword(password), cost: options.cost })),
    matches: async (password, stored) => {
      // An erased account keeps an empty hash.
      const hash = stored === undefined || stored === '' ? placeholder : stored
      const equal = await work({ password: normalisePassword(password), hash, others: fillers(hash) })
      return equal === true && hash === stored && !isBeyondBcrypt(password)
    },
    isOutdated: (hash) => costOf(hash) < options.cost,
    stop: () => pool.destroy(),
  }
}

const LEAST_COST = 4

const costOf = (hash: string) => Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? LEAST_COST)
