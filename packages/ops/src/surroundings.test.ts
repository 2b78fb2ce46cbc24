import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { databaseOf, need, readSurroundings, UsageError } from './surroundings.ts'

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

it('reads the file that npm start leaves', () => {
  const found = readSurroundings({ runFile }, {})
  expect(found).toMatchObject({
    gatewayUrl: 'http://127.0.0.1:8080',
    admin: { password: 'from the file' },
    auditUrl: 'mysql://a:p@127.0.0.1:3307/',
    amqpUrl: 'amqp://127.0.0.1:5673/x',
    prefix: 'x_',
  })
  expect(databaseOf(found, 'order')).toBe('mysql://o:p@127.0.0.1:3307/x_order')
  expect(databaseOf(found, 'catalog')).toBe('mysql://root@127.0.0.1:3307/x_catalog')
})

it('prefers the environment', () => {
  const found = readSurroundings(
    { runFile },
    { GATEWAY_URL: 'http://shop', ADMIN_EMAIL: 'a@b.c', ADMIN_PASSWORD: 'secret', STOREWRIGHT_PREFIX: 'y_' },
  )
  expect(found).toMatchObject({
    gatewayUrl: 'http://shop',
    admin: { email: 'a@b.c', password: 'secret' },
    prefix: 'y_',
  })
})

it('does not mix the shop that the environment names with the one that was started here', () => {
  const found = readSurroundings({}, { GATEWAY_URL: 'http://shop' })
  expect(found.auditUrl).toBeUndefined()
  expect(() => need(found, 'auditUrl')).toThrow(UsageError)
})

it('says why the shop that was started here is passed over, and how it is not', () => {
  const found = readSurroundings({}, { MYSQL_URL: 'mysql://root@127.0.0.1:3306' })
  expect(() => need(found, 'userUrl')).toThrow(/MYSQL_URL is set.*--run-file \.data\/run\.json/)
  expect(() => need(readSurroundings({ runFile }, { MYSQL_URL: 'mysql://m' }), 'userUrl')).toThrow(
    /USER_URL$/,
  )
})

it('says that a damaged file is damaged', async () => {
  const damaged = join(folder, 'damaged.json')
  await writeFile(damaged, '{')
  expect(() => readSurroundings({ runFile: damaged }, {})).toThrow(/damaged.json cannot be read/)
})
