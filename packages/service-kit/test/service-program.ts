import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { sql, type Kysely } from 'kysely'
import { Type } from 'typebox'
import { composeService, dataSettings, processSettings, startService } from '../src/run.ts'

const report = (text: string) => process.stdout.write(`${text}\n`)

await startService({
  name: 'test',
  Config: Type.Object({
    ...processSettings({ port: 0 }),
    ...dataSettings({ connections: 2, leastConnections: 1 }),
  }),
  migrations: async () => ({
    '0001-things': {
      up: (schema: Kysely<unknown>) => sql`create table things (id int primary key)`.execute(schema),
    },
  }),
  buildApp: async (resources) => {
    const component = (name: string) => ({
      name,
      start: () => void report(`start ${name}`),
      stop: () => void report(`stop ${name}`),
    })
    await sql`insert into things values (1)`.execute(resources.db)
    const { server } = composeService({
      ...resources,
      registerRoutes: (app) => {
        app.get('/slow', async () => {
          report('request')
          await pause(500)
          await sql`insert into things values (2)`.execute(resources.db)
          report('response')
          return {}
        })
        app.addHook('onListen', async () => {
          const address = app.server.address() as AddressInfo
          report(`port ${address.port}`)
        })
      },
    })
    return {
      server,
      revocations: component('revocations'),
      broadcasts: component('broadcasts'),
      consumers: [component('consumer')],
      workers: [component('worker')],
      relay: component('relay'),
    }
  },
})
