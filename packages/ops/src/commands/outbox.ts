import { connect } from '@storewright/database'
import { listParkedEvents, summariseOutbox, unparkEvents } from '@storewright/messaging/admin/outbox'
import { databaseUrl, readConfig, SERVICES, UsageError, type OpsConfig } from '../config.ts'
import { action, EXIT, newCommand, newPickCommand, print, table, type CommonOptions } from '../cli.ts'

type RetryFlags = CommonOptions & { all?: boolean }
type AnyDb = ReturnType<typeof connect<unknown>>

const withDatabase = async <T>(
  config: OpsConfig,
  service: string,
  work: (db: AnyDb) => Promise<T>,
): Promise<T> => {
  const db = connect<unknown>(databaseUrl(config, service), { poolSize: 2 })
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

const readOutbox = async (config: OpsConfig, service: string) =>
  withDatabase(config, service, async (db) => ({
    service,
    ...(await summariseOutbox(db)),
    parkedEvents: await listParkedEvents(db),
  }))

const show = () =>
  action(async (flags: CommonOptions) => {
    const config = readConfig(flags)
    const found = await Promise.all(SERVICES.map((service) => readOutbox(config, service)))
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
  action(async (service: string, ids: string[], flags: RetryFlags) => {
    if (ids.length === 0 && !flags.all) throw new UsageError('name the events, or pass --all')
    const config = readConfig(flags)
    const unparked = await withDatabase(config, knownService(service), (db) =>
      unparkEvents(db, flags.all ? 'all' : ids),
    )
    print(flags, { unparked }, () => `${unparked} events will be published again`)
    return flags.all || unparked === ids.length ? EXIT.ok : EXIT.failed
  })

export const outboxCommand = () => {
  const parent = newCommand(
    'outbox',
    'events that wait to be published: how many, how old, which are parked',
    ['outbox', 'outbox retry order --all'],
  ).action(show())
  parent.addCommand(
    newPickCommand('retry', 'publish parked events again', 'service', 'all that are parked').action(retry()),
  )
  return parent
}
