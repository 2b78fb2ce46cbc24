import { migrate } from '@storewright/database'
import type { Logger } from '@storewright/service-kit/run'
import type { Db } from '../database.ts'
import { allMigrations } from '../migrations.ts'
import { storeUp } from './metrics.ts'
import { deleteEnded, findEnd, takePoints } from './queries.ts'

/** A request waits no longer for the count it belongs to. */
const ANSWER_WITHIN_MS = 500
/** And a start no longer for the table. */
const OPEN_WITHIN_MS = 3_000
/** While the store is away one request in this time finds out whether it is back; the others do not wait. */
const TRIED_EVERY_MS = 1_000

export interface Taken {
  /** Taken by all replicas in this window, these points included. */
  total: number
  endsAt: number
}

export interface Store {
  /** Takes points for a name; rejects when the store is away. `knownEnd` spares asking for it. */
  take(
    name: string,
    points: number,
    window: { now: number; endsAt: number; knownEnd?: number },
  ): Promise<Taken>
  /** False while it is away, but for one caller in a second. */
  usable(): boolean
  readonly away: boolean
  /** Makes the table before the first request needs it; never rejects, since the gateway can do without. */
  open(): Promise<void>
  sweep(): Promise<void>
}

const inTime = async <T>(work: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The count that all replicas share. Its table is made when the store first answers, however late that is. */
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
  let away = false
  let triedAt = 0
  storeUp.set(1)

  const tableMade = () => {
    table ??= allMigrations()
      .then((migrations) => migrate({ db, migrations, name: 'gateway' }))
      .catch((error: unknown) => {
        table = undefined
        throw error
      })
    return table
  }

  const take: Store['take'] = async (name, points, { now, endsAt, knownEnd }) => {
    await tableMade()
    const total = await takePoints(db, { name, points, now, endsAt })
    if (total === points) return { total, endsAt }
    return { total, endsAt: knownEnd ?? (await findEnd(db, name)) ?? endsAt }
  }

  const tell = (isAway: boolean, error?: unknown) => {
    if (away === isAway) return
    away = isAway
    storeUp.set(isAway ? 0 : 1)
    if (isAway) logger.error({ err: error }, 'rate limits: the store is away; each process counts for itself')
    else logger.info('rate limits: the store is back; replicas count together again')
  }

  return {
    take: async (...args) => {
      triedAt = clock()
      try {
        const taken = await inTime(take(...args), ANSWER_WITHIN_MS)
        tell(false)
        return taken
      } catch (error) {
        tell(true, error)
        throw error
      }
    },
    usable: () => !away || clock() - triedAt >= TRIED_EVERY_MS,
    get away() {
      return away
    },
    open: async () => {
      triedAt = clock()
      await inTime(tableMade(), OPEN_WITHIN_MS).catch((error: unknown) => tell(true, error))
    },
    sweep: async () => {
      if (!away) await deleteEnded(db, clock())
    },
  }
}
