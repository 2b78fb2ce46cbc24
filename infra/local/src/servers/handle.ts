import { setTimeout as delay } from 'node:timers/promises'
import type { Config, Origin } from '../config.ts'
import type { ProcessRegistry } from '../process-registry.ts'
import type { Progress } from '../reporting.ts'
import type { Secrets } from '../secrets.ts'

export type ServerName = 'mysql' | 'rabbitmq'

export const displayName: Record<ServerName, string> = { mysql: 'MySQL', rabbitmq: 'RabbitMQ' }

export const originLabels: Record<Origin, string> = {
  environment: 'named in the environment',
  docker: 'in Docker',
  binaries: 'installed here',
}

/** The account that a broker of ours is born with. */
export const BROKER_ADMIN = 'storewright-admin'

/** One database server or broker, wherever it comes from. */
export type ServerHandle = {
  readonly origin: Origin
  readonly version: string
  /** With an account that may create schemas and users (or, of the broker, virtual hosts). */
  readonly url: string
  readonly managementUrl?: string
  readonly pid?: number
  readonly container?: string
  /** Where its log is: a file, or the command that shows it. */
  readonly log?: string
  /** Starts it (again) on the same port with the same data, and returns when it serves. */
  start(): Promise<void>
  /** Ends it in good order. One from the environment is not ours and goes on running. */
  stop(): Promise<void>
  /** `kill -9`, for tests of what survives it. */
  kill(): Promise<void>
  isRunning(): Promise<boolean>
}

export type Setting = {
  dataDir: string
  config: Config
  secrets: Secrets
  registry: ProcessRegistry
  portFor: (name: string, held?: boolean) => Promise<number>
  note: Progress
}

/** Repeats `probe` until it succeeds or `giveUp` returns an error; throws the last error after `withinMs`. */
export const untilReady = async <T>(
  probe: () => Promise<T>,
  withinMs: number,
  giveUp: () => Promise<Error | undefined> | Error | undefined,
): Promise<T> => {
  const deadline = Date.now() + withinMs
  for (;;) {
    try {
      return await probe()
    } catch (error) {
      const reason = await giveUp()
      if (reason) throw reason
      if (Date.now() > deadline) throw error
    }
    await delay(50)
  }
}

// Durable as in production, small enough for a developer's machine; MariaDB ignores what is `loose-`.
export const databaseOptions = {
  'character-set-server': 'utf8mb4',
  'skip-name-resolve': 1,
  'skip-log-bin': 1,
  'loose-mysqlx': 0,
  'max-connections': 1000,
  'max-allowed-packet': '64M',
  'innodb-buffer-pool-size': '256M',
  'innodb-flush-log-at-trx-commit': 1,
  'performance-schema': 0,
}
