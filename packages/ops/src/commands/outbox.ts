import { connect } from '@storewright/database'
import { listParked, outboxSummary, unpark } from '@storewright/messaging'
import { SERVICES } from '../services.ts'
import { table } from '../table.ts'
import { databaseOf, readSurroundings, UsageError, type Surroundings } from '../surroundings.ts'
import { doing, EXIT, newCommand, print, type CommonOptions } from './command.ts'

type RetryFlags = CommonOptions & { all?: boolean }
type AnyDb = ReturnType<typeof connect<unknown>>

const withDatabase = async <T>(
  surroundings: Surroundings,
  service: string,
  work: (db: AnyDb) => Promise<T>,
): Promise<T> => {
  const db = connect<unknown>(databaseOf(surroundings, service), { poolSize: 2 })
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

const knownService = (service: string) => {
  if ((SERVICES as readonly string[]).includes(service)) return service
  throw new UsageError(`there is no service ${service}; there are ${SERVICES.join(', ')}`)
}

const age = (oldestAt: string | null) =>
  oldestAt ? `${Math.max(0, Math.round((Date.now() - Date.parse(oldestAt)) / 1_000))} s` : ''

const look = async (surroundings: Surroundings, service: string) =>
  withDatabase(surroundings, service, async (db) => ({
    service,
    ...(await outboxSummary(db)),
    parkedEvents: await listParked(db),
  }))

const show = () =>
  doing(async (flags: CommonOptions) => {
    const surroundings = readSurroundings(flags)
    const found = await Promise.all(SERVICES.map((service) => look(surroundings, service)))
    print(flags, found, () =>
      [
        table(
          ['service', 'waiting', 'parked', 'oldest'],
          found.map(({ service, waiting, parked, oldestAt }) => [service, waiting, parked, age(oldestAt)]),
        ),
        ...found.flatMap(({ service, parkedEvents }) =>
          parkedEvents.map((event) => `${service} ${event.eventId} ${event.type}: ${event.reason}`),
        ),
      ].join('\n'),
    )
    return EXIT.ok
  })

const retry = () =>
  doing(async (service: string, ids: string[], flags: RetryFlags) => {
    if (ids.length === 0 && !flags.all) throw new UsageError('name the events, or say --all')
    const surroundings = readSurroundings(flags)
    const unparked = await withDatabase(surroundings, knownService(service), (db) =>
      unpark(db, flags.all ? 'all' : ids),
    )
    print(flags, { unparked }, () => `${unparked} events go out again`)
    return flags.all || unparked === ids.length ? EXIT.ok : EXIT.failed
  })

export const outboxCommand = () => {
  const parent = newCommand(
    'outbox',
    'events that wait to be published: how many, how old, which are parked',
    ['outbox', 'outbox retry order --all'],
  ).action(show())
  parent.addCommand(
    newCommand('retry', 'let parked events go out again')
      .argument('<service>')
      .argument('[ids...]')
      .option('--all', 'all that are parked')
      .action(retry()),
  )
  return parent
}
