import { connect, migrate, type Migration } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import type { Static, TObject } from 'typebox'
import { inStartOrder, type Service, type ServiceResources } from './compose-service.ts'
import { loadConfig } from '../run/config.ts'
import { createLogger } from '../run/logger.ts'
import { run } from '../run/run.ts'
import type { dataSettings, processSettings } from '../run/base-config.ts'

/** Settings of every service with a schema and events. */
export type BaseConfig = TObject<ReturnType<typeof processSettings> & ReturnType<typeof dataSettings>>

export interface ServiceDefinition<DB, Schema extends BaseConfig> {
  name: string
  Config: Schema
  /** Run before `buildApp`; without them the schema is the service's own affair. */
  migrations?: () => Promise<Record<string, Migration>>
  buildApp: (resources: ServiceResources<DB, Static<Schema>>) => Service | Promise<Service>
}

/** What every `main.ts` calls. */
export const startService = <DB, Schema extends BaseConfig>({
  name,
  Config,
  migrations,
  buildApp,
}: ServiceDefinition<DB, Schema>): Promise<void> =>
  run(name, async () => {
    const config = loadConfig(Config)
    const logger = createLogger({ name, level: config.LOG_LEVEL })
    const db = connect<DB>(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE })
    if (migrations) await migrate({ db, migrations: await migrations(), name })
    const broker = connectBroker({ url: config.AMQP_URL, name, logger })
    const service = await buildApp({ name, db, broker, config, logger })
    const { server } = service
    return [
      { name: 'database', stop: () => db.destroy() },
      { name: 'broker', stop: () => broker.stop() },
      ...inStartOrder(service),
      {
        name: 'server',
        start: () => server.listen({ port: config.PORT, host: config.HOST }),
        stop: service.stopServer ?? (() => server.close()),
      },
    ]
  })

/** What must be set is an address where nobody listens. */
const unconnected = ({
  properties,
  required,
}: {
  properties: Record<string, object>
  required?: readonly string[]
}) => ({
  ...Object.fromEntries(
    Object.entries<object>(properties)
      .filter(([name, field]) => required?.includes(name) && !('default' in field || 'devDefault' in field))
      .map(([name]) => [name, 'http://127.0.0.1:9']),
  ),
  DATABASE_URL: 'mysql://nobody@127.0.0.1:9/none',
  AMQP_URL: 'amqp://127.0.0.1:9',
})

/** Without database, broker or keys, for the OpenAPI document and the like; nothing is started. */
export const buildUnconnected = async <DB, Schema extends BaseConfig>({
  name,
  Config,
  buildApp,
}: Omit<ServiceDefinition<DB, Schema>, 'migrations'>) => {
  const config = loadConfig(Config, unconnected(Config))
  const logger = createLogger({ name, level: 'silent' })
  const db = connect<DB>(config.DATABASE_URL)
  const broker = connectBroker({ url: config.AMQP_URL, name, logger })
  const { server } = await buildApp({ name, db, broker, config, logger })
  server.addHook('onClose', async () => {
    await Promise.all([broker.stop(), db.destroy()])
  })
  await server.ready()
  return server
}
