import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databaseUrl, requireSetting, readConfig, UsageError } from './config.ts'

let folder: string
let runFile: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ops-'))
  runFile = join(folder, 'run.json')
  await writeFile(
    runFile,
    JSON.stringify({
      gatewayUrl: 'http://127.0.0.1:8080',
      logins: { admin: { email: 'admin@example.com', password: 'from the file' } },
      servers: { mysql: { url: 'mysql://root@127.0.0.1:3307/' } },
      databases: { order: 'mysql://o:p@127.0.0.1:3307/x_order', audit: 'mysql://a:p@127.0.0.1:3307/' },
      amqpUrl: 'amqp://127.0.0.1:5673/x',
      prefix: 'x_',
    }),
  )
})
afterAll(() => rm(folder, { recursive: true }))

it('reads the run file that npm start leaves', () => {
  const found = readConfig({ runFile }, {})
  expect(found).toMatchObject({
    gatewayUrl: 'http://127.0.0.1:8080',
    admin: { password: 'from the file' },
    auditUrl: 'mysql://a:p@127.0.0.1:3307/',
    amqpUrl: 'amqp://127.0.0.1:5673/x',
    prefix: 'x_',
  })
  expect(databaseUrl(found, 'order')).toBe('mysql://o:p@127.0.0.1:3307/x_order')
  expect(databaseUrl(found, 'catalog')).toBe('mysql://root@127.0.0.1:3307/x_catalog')
})

it('prefers the environment to the run file', () => {
  const found = readConfig(
    { runFile },
    { GATEWAY_URL: 'http://shop', ADMIN_EMAIL: 'a@b.c', ADMIN_PASSWORD: 'secret', STOREWRIGHT_PREFIX: 'y_' },
  )
  expect(found).toMatchObject({
    gatewayUrl: 'http://shop',
    admin: { email: 'a@b.c', password: 'secret' },
    prefix: 'y_',
  })
})

it('does not read the run file when the environment names a shop', () => {
  const found = readConfig({}, { GATEWAY_URL: 'http://shop' })
  expect(found.auditUrl).toBeUndefined()
  expect(() => requireSetting(found, 'auditUrl')).toThrow(UsageError)
})

it('explains why the run file was not read, and which option reads it', () => {
  const found = readConfig({}, { MYSQL_URL: 'mysql://root@127.0.0.1:3306' })
  expect(() => requireSetting(found, 'userUrl')).toThrow(/MYSQL_URL is set.*--run-file \.data\/run\.json/)
  expect(() => requireSetting(readConfig({ runFile }, { MYSQL_URL: 'mysql://m' }), 'userUrl')).toThrow(
    /USER_URL$/,
  )
})

it('reports a damaged run file', async () => {
  const damaged = join(folder, 'damaged.json')
  await writeFile(damaged, '{')
  expect(() => readConfig({ runFile: damaged }, {})).toThrow(/damaged.json cannot be read/)
})
