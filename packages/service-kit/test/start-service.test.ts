import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { scratchDatabase, scratchVhost } from '@storewright/testing'
import { sql } from 'kysely'
import { Type } from 'typebox'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildUnconnected, composeService, dataSettings, processSettings } from '../src/run.ts'

const program = fileURLToPath(new URL('./service-program.ts', import.meta.url))
let database: Awaited<ReturnType<typeof scratchDatabase>>
let vhost: Awaited<ReturnType<typeof scratchVhost>>
let child: ChildProcess | undefined
beforeAll(async () => {
  ;[database, vhost] = await Promise.all([scratchDatabase({}, { name: 'start' }), scratchVhost()])
})
afterAll(async () => {
  child?.kill('SIGKILL')
  await Promise.all([database.drop(), vhost.drop()])
})

it('migrates, starts all parts before the server listens, and serves open requests before it stops any', async () => {
  const started = spawn(process.execPath, [program], {
    env: {
      DATABASE_URL: database.url,
      AMQP_URL: vhost.url,
      JWKS_URL: 'http://127.0.0.1:9',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child = started
  let output = ''
  started.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const exited = new Promise<number | null>((resolve) => void started.on('close', resolve))
  const steps = () => output.split('\n').filter((line) => /^(start|stop|port|request|response)\b/.test(line))
  const untilReported = (line: RegExp) =>
    expect.poll(steps, { timeout: 15_000 }).toContainEqual(expect.stringMatching(line))

  await untilReported(/^port \d+$/)
  const url = `http://127.0.0.1:${/^port (\d+)$/m.exec(output)?.[1]}`
  await expect
    .poll(async () => (await fetch(`${url}/ready`)).json(), { timeout: 15_000 })
    .toMatchObject({ status: 'ready', checks: { database: 'ok', topology: 'ok', broker: 'connected' } })
  const slow = fetch(`${url}/slow`)
  await untilReported(/^request$/)
  started.kill('SIGTERM')

  expect((await slow).status).toBe(200)
  expect(await exited).toBe(0)
  expect(steps()).toEqual([
    ...['relay', 'worker', 'consumer', 'broadcasts', 'revocations'].map((name) => `start ${name}`),
    expect.stringMatching(/^port/),
    'request',
    'response',
    ...['revocations', 'broadcasts', 'consumer', 'worker', 'relay'].map((name) => `stop ${name}`),
  ])
  const { rows } = await sql`select id from things order by id`.execute(database.db)
  expect(rows).toEqual([{ id: 1 }, { id: 2 }])
})

it('builds a service with its routes and document where neither database nor broker nor keys exist', async () => {
  const server = await buildUnconnected({
    name: 'test',
    Config: Type.Object({
      ...processSettings({ port: 0 }),
      ...dataSettings({ connections: 2, leastConnections: 1 }),
      MAIL_URL: Type.String({ pattern: '^smtp:|^$', secret: true, devDefault: '' }),
      OTHER_URL: Type.Optional(Type.String({ pattern: '^https?://' })),
    }),
    buildApp: (resources) =>
      composeService({
        ...resources,
        registerRoutes: (app) => app.get('/v1/things', { schema: { operationId: 'listThings' } }, () => ({})),
        readRevocations: () => Promise.reject(new Error('nobody is asked')),
      }),
  })
  expect(server.swagger().paths).toHaveProperty('/v1/things')
  await server.close()
})
