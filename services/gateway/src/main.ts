import { connectBroker } from '@storewright/messaging'
import { createLogger, loadConfig, run } from '@storewright/service-kit'
import { buildApp } from './app.ts'
import { Config } from './config.ts'

await run('gateway', async () => {
  const config = loadConfig(Config)
  const logger = createLogger({ name: 'gateway', level: config.LOG_LEVEL })
  const broker = connectBroker({ url: config.AMQP_URL, name: 'gateway', logger })
  const { server, broadcasts, revocations } = await buildApp({ config, broker, logger })
  return [
    { name: 'broker', stop: () => broker.stop() },
    broadcasts,
    revocations,
    {
      name: 'http',
      start: () => server.listen({ port: config.PORT, host: config.HOST }),
      stop: () => server.close(),
    },
  ]
})
