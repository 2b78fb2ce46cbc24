import { migrate } from '@storewright/database'
import { gauge } from '@storewright/runtime/metrics'
import { withTimeout } from '@storewright/runtime/timeout'
import type { Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { allMigrations } from '../database.ts'
import { deleteEnded, findEnd, takePoints } from './queries.ts'

const QUERY_TIMEOUT_MS = 500
const OPEN_TIMEOUT_MS = 3_000
/** While the store is unavailable, one request in this time tries it; the others do not wait. */
const RETRY_EVERY_MS = 1_000

const storeUp = gauge(
  'storewright_rate_limit_store_up',
  '1 while rate limits are counted together with all replicas, 0 while by this process alone',
)

export interface Taken {
  total: number
  endsAt: number
}

export interface Store {
  /** Takes points for a key; rejects when the store is unavailable. `knownEnd` spares a query for the window's end. */
  consume(
    key: string,
    points: number,
    window: { now: number; endsAt: number; knownEnd?: number },
  ): Promise<Taken>
  /** False while it is unavailable, but for one caller per second. */
  usable(): boolean
  readonly available: boolean
  /** Creates the table before the first request needs it; never rejects, since the gateway works without. */
  open(): Promise<void>
  sweep(): Promise<void>
}

/** The counts that all replicas share. The table is created when the database first answers, however late. */
export const createStore = ({
  db,
  logger,
  clock = Date.now,
}: {
  db: Db
  logger: Logger
  clock?: () => number
}): Store => {
  let table: Promise<unknown> | undefined
  let available = true
  let triedAt = 0
  storeUp.set(1)

  const createTable = () => {
    table ??= allMigrations()
      .then((migrations) => migrate({ db, migrations, name: 'gateway' }))
      .catch((error: unknown) => {
        table = undefined
        throw error
      })
    return table
  }

  const consume: Store['consume'] = async (key, points, { now, endsAt, knownEnd }) => {
    await createTable()
    const total = await takePoints(db, { key, points, now, endsAt })
    if (total === points) return { total, endsAt }
    return { total, endsAt: knownEnd ?? (await findEnd(db, key)) ?? endsAt }
  }

  const report = (isAvailable: boolean, error?: unknown) => {
    if (available === isAvailable) return
    available = isAvailable
    storeUp.set(isAvailable ? 1 : 0)
    if (isAvailable) logger.info('the rate limit store is available again; replicas count together')
    else logger.error({ err: error }, 'the rate limit store is unavailable; each process counts alone')
  }

  return {
    consume: async (...args) => {
      triedAt = clock()
      try {
        const taken = await withTimeout(consume(...args), QUERY_TIMEOUT_MS, 'counting a request')
        report(true)
        return taken
      } catch (error) {
        report(false, error)
        throw error
      }
    },
    usable: () => available || clock() - triedAt >= RETRY_EVERY_MS,
    get available() {
      return available
    },
    open: async () => {
      triedAt = clock()
      await withTimeout(createTable(), OPEN_TIMEOUT_MS, 'creating the table').catch((error: unknown) =>
        report(false, error),
      )
    },
    sweep: async () => {
      if (available) await deleteEnded(db, clock())
    },
  }
}
