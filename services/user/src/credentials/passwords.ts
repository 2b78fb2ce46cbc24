import { Problem } from '@storewright/service-kit/http'
import type { Component } from '@storewright/service-kit/run'
import { genSaltSync } from 'bcryptjs'
import { Piscina } from 'piscina'
import { exceedsBcrypt, normalisePassword } from './password.ts'
import type { Done, Job } from './worker.ts'

export interface Passwords {
  hash(password: string): Promise<string>
  /** Takes as long without a hash, so that time does not reveal which addresses have an account. */
  matches(password: string, hash: string | undefined): Promise<boolean>
  /** True where the cost was raised since this hash was made. */
  isOutdated(hash: string): boolean
}

/** The gateway gives up after 30 s, and treats a service where several requests wait so long as down. */
const MAX_WAIT_MS = 10_000

/** bcrypt in worker threads, so that the event loop stays free; the first use or the component's start opens them. */
export const createPasswords = ({
  maxWaitMs = MAX_WAIT_MS,
  ...options
}: {
  cost: number
  threads: number
  /** How many may wait at most; fewer where hashing is slow. */
  queue: number
  maxWaitMs?: number
}): Passwords & { component: Component } => {
  let pool: Piscina | undefined
  const open = () =>
    (pool ??= new Piscina({
      filename: new URL('./worker.ts', import.meta.url).href,
      minThreads: 1,
      maxThreads: options.threads,
      idleTimeout: 30_000,
      // Below the event loops of this machine: browsing stays fast during a storm of log-ins.
      niceIncrement: 5,
    }))

  // A moving average, since the machine has other work too.
  let usualMs = 0

  const work = async (job: Job): Promise<string | boolean> => {
    const threads = open()
    const { queueSize } = threads
    if (queueSize >= options.queue || (queueSize / options.threads) * usualMs > maxWaitMs) {
      throw new Problem('busy', 'Too many passwords wait to be checked.', { retryAfter: 2 })
    }
    const { result, ms } = (await threads.run(job)) as Done
    usualMs = usualMs === 0 ? ms : usualMs * 0.9 + ms * 0.1
    return result
  }
  // Well-formed, and the hash of no password.
  const placeholders = Array.from(
    { length: options.cost + 1 },
    (_none, cost) => genSaltSync(cost) + '.'.repeat(31),
  )
  const placeholder = placeholders[options.cost] ?? ''
  // They fill up the time of a cheaper hash: each cost takes as long as all lower ones together, and once more.
  const fillers = (hash: string) => placeholders.slice(Math.max(costOf(hash), MIN_COST), options.cost)

  return {
    hash: async (password) =>
      String(await work({ password: normalisePassword(password), cost: options.cost })),
    matches: async (password, stored) => {
      // An erased account keeps an empty hash.
      const hash = stored === undefined || stored === '' ? placeholder : stored
      const equal = await work({ password: normalisePassword(password), hash, others: fillers(hash) })
      return equal === true && hash === stored && !exceedsBcrypt(password)
    },
    isOutdated: (hash) => costOf(hash) < options.cost,
    component: {
      name: 'passwords',
      start: () => void open(),
      stop: () => pool?.destroy(),
    },
  }
}

const MIN_COST = 4

const costOf = (hash: string) => Number(/^\$2[aby]\$(\d\d)\$/.exec(hash)?.[1] ?? MIN_COST)
