import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runHere, runProcess } from './run-ops.ts'

const CSV = 'sku,name\nA,"Mug\nblue"\n'
const report = { created: 2, updated: 0, unchanged: 0, rejected: [], rejectedCount: 0 }

let folder: string
let gateway: Server
const seen: string[] = []
let exported: RequestListener = (_request, response) => response.end(CSV)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ops-files-'))
  gateway = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (request.url?.startsWith('/v1/products/export')) return exported(request, response)
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json')
      const isLogIn = request.url === '/v1/auth/login'
      response.end(JSON.stringify(isLogIn ? { user: {}, tokens: { accessToken: 'staff' } } : report))
    })
  })
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  gateway.closeAllConnections()
  gateway.close()
  await rm(folder, { recursive: true })
})

const settings = () => ({
  GATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
  ADMIN_EMAIL: 'admin@example.com',
  ADMIN_PASSWORD: 'secret',
})
const ops = (...args: string[]) => runHere(args, settings())

it('writes an export to a file, in the format of its name or the one that is asked for', async () => {
  const file = join(folder, 'catalogue.csv')
  const { code, stdout } = await runProcess(['export', 'products', file], settings())
  expect([code, stdout]).toEqual([0, `3 lines in ${file}\n`])
  expect(await readFile(file, 'utf8')).toBe(CSV)
  await ops('export', 'products', join(folder, 'catalogue.txt'), '--format', 'ndjson')
  expect(seen.filter((line) => line.startsWith('GET'))).toEqual([
    'GET /v1/products/export?format=csv',
    'GET /v1/products/export?format=ndjson',
  ])
  expect((await ops('export', 'products', join(folder, 'catalogue.txt'))).code).toBe(2)
})

it('leaves the file that was there when an export breaks off or is refused', async () => {
  const file = join(folder, 'kept.csv')
  await writeFile(file, 'sku\nKEPT\n')
  exported = (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write(CSV, () => response.destroy())
  }
  expect((await ops('export', 'products', file)).code).toBe(1)
  exported = (_request, response) => response.writeHead(403).end('{"detail":"Not allowed."}')
  expect((await ops('export', 'products', file)).stderr).toContain('403')
  expect(await readFile(file, 'utf8')).toBe('sku\nKEPT\n')
  expect(await readdir(folder)).not.toContain('kept.csv.part')
})

it('asks for a dry run of an import', async () => {
  const file = join(folder, 'import.csv')
  await writeFile(file, CSV)
  const { code, stdout } = await ops('import', 'products', file, '--dry-run', '--json')
  expect([code, JSON.parse(stdout)]).toEqual([0, report])
  expect(seen).toContain('POST /v1/products/import?dryRun=true')
})
