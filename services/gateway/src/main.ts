import { createLogger, loadConfig, run } from '@storewright/service-kit'
import { buildApp } from './app.ts'
import { Config } from './config.ts'

await run('gateway', async () => {
  const config = loadConfig(Config)
  const logger = createLogger({ name: 'gateway', level: config.LOG_LEVEL })
  const { server } = await buildApp({ config, logger })
  return [
    {
      name: 'http',
      start: () => server.listen({ port: config.PORT, host: config.HOST }),
      stop: () => server.close(),
    },
  ]
})
