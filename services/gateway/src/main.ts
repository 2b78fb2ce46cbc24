import { connect } from '@storewright/database'
import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig, run } from '@storewright/service-kit/run'
import { buildApp } from './app.ts'
import { Config } from './config.ts'
import type { Database } from './database.ts'

await run('gateway', async () => {
  const config = loadConfig(Config)
  const logger = createLogger({ name: 'gateway', level: config.LOG_LEVEL })
  const db = connect<Database>(config.DATABASE_URL, { poolSize: config.DATABASE_POOL_SIZE })
  const broker = connectBroker({ url: config.AMQP_URL, name: 'gateway', logger })
  const { server, broadcasts, revocations, drain } = await buildApp({ config, db, broker, logger })
  return [
    { name: 'database', stop: () => db.destroy() },
    { name: 'broker', stop: () => broker.stop() },
    broadcasts,
    revocations,
    {
      name: 'http',
      start: () => server.listen({ port: config.PORT, host: config.HOST }),
      stop: drain.stop,
    },
  ]
})
