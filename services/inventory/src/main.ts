import { connect, migrate } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig, run } from '@storewright/service-kit/run'
import { buildApp } from './app.ts'
import { Config } from './config.ts'
import type { Database } from './database.ts'
import { allMigrations } from './migrations.ts'

const NAME = 'inventory'

await run(NAME, async () => {
  const config = loadConfig(Config)
  const logger = createLogger({ name: NAME, level: config.LOG_LEVEL })
  const db = connect<Database>(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE })
  const migrations = await allMigrations()
  await migrate({ db, migrations, name: NAME })
  const broker = connectBroker({ url: config.AMQP_URL, name: NAME, logger })
  const { server, relay, consumers, broadcasts, revocations, workers } = buildApp({
    db,
    broker,
    config,
    logger,
  })

  // Started top down, stopped bottom up: stop taking work before closing what work needs.
  return [
    { name: 'database', stop: () => db.destroy() },
    { name: 'broker', stop: () => broker.stop() },
    relay,
    ...consumers,
    ...workers,
    broadcasts,
    revocations,
    {
      name: 'server',
      start: () => server.listen({ port: config.PORT, host: config.HOST }),
      stop: () => server.close(),
    },
  ]
})
