import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type StackOptions, startServers, startStack } from '../src/index.ts'
import { stopShop } from '../src/cli/shut-down.ts'
import { openProcessRegistry } from '../src/process-registry.ts'
import { identify, isAlive } from '../src/processes.ts'
import { readJson } from '../src/files.ts'
import { type RunFile, runFileOf } from '../src/stack/run-file.ts'
import { findAddedServices } from '../src/stack/services.ts'
import { forgetShop } from './support/forget-shop.ts'
import { query } from './support/query.ts'
import { crashAfterStart, scratchDataDir } from './support/scratch.ts'
import { stubEntry, stubServices } from './support/stub-services.ts'

const aPrefix = (): string => {
  const prefix = `launcher_${randomBytes(3).toString('hex')}_`
  onTestFinished(() => forgetShop(prefix))
  return prefix
}

const start = async (options: Partial<StackOptions> = {}, dataDir = scratchDataDir()) => {
  const trouble: string[] = []
  const stack = await startStack({
    dataDir,
    servers: await startServers({ dataDir }),
    services: stubServices(),
    prefix: aPrefix(),
    onTrouble: (text) => trouble.push(text),
    ...options,
  })
  onTestFinished(() => stack.stop())
  return { stack, trouble, dataDir }
}

const environmentOf = async (url: string): Promise<Record<string, string>> =>
  (await fetch(`${url}/env`)).json() as Promise<Record<string, string>>

describe('startStack', () => {
  it('gives every service the addresses that it needs and none of the other secrets', async () => {
    const { stack } = await start({
      replicas: { order: 2 },
      env: { gateway: { RATE_LIMIT_PER_MINUTE: '7' } },
    })
    const gateway = await environmentOf(stack.gatewayUrl)
    const orders = stack.processes.filter(({ name }) => name.startsWith('order')).map(({ url }) => url)
    expect(gateway).toMatchObject({
      ORDER_URL: orders.join(','),
      RATE_LIMIT_PER_MINUTE: '7',
      AMQP_URL: stack.amqpUrl,
    })
    expect(gateway['DATABASE_URL']).toBe(stack.databases['gateway'])
    expect(gateway['MYSQL_URL']).toBeUndefined()

    const order = await environmentOf(orders[1] ?? '')
    expect(order).toMatchObject({
      DATABASE_URL: stack.databases['order'],
      INTERNAL_TOKEN: stack.internalToken,
    })
    expect(order['JWKS_URL']).toBe(`${order['USER_URL']}/.well-known/jwks.json`)
  })

  it('starts an added service with a schema and an account of its own', async () => {
    const root = scratchDataDir()
    const folder = join(root, 'services', 'loyalty')
    mkdirSync(join(folder, 'src'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{"type":"module","storewright":{"service":true}}')
    writeFileSync(join(folder, 'src', 'main.ts'), `import '${stubEntry}'`)
    const { stack } = await start({ services: [...stubServices(), ...findAddedServices(root, [])] })

    const loyalty = stack.processes.find(({ name }) => name === 'loyalty')
    const env = await environmentOf(loyalty?.url ?? '')
    expect(env).toMatchObject({
      DATABASE_URL: stack.databases['loyalty'],
      AMQP_URL: stack.amqpUrl,
      PORT: String(loyalty?.port),
      INTERNAL_TOKEN: stack.internalToken,
    })
    const schema = `${stack.prefix}loyalty`
    expect(await query(env['DATABASE_URL'] ?? '', 'select database() as name, user() as user')).toMatchObject(
      [{ name: schema, user: expect.stringContaining(`${schema}@`) }],
    )
  })

  it('writes run.json readable by its owner only, and removes it and every process at stop', async () => {
    const { stack, dataDir } = await start()
    const run = readJson<RunFile>(stack.runFile)
    expect(run).toMatchObject({ gatewayUrl: stack.gatewayUrl, prefix: stack.prefix, launcher: process.pid })
    expect(statSync(stack.runFile).mode & 0o777).toBe(0o600)
    const processes = run?.processes.map(({ pid }) => identify(pid ?? 0)) ?? []
    expect(processes.map(isAlive)).toEqual([true, true, true])

    await stack.stop()

    expect(processes.map(isAlive)).toEqual([false, false, false])
    expect(existsSync(stack.runFile)).toBe(false)
    expect(openProcessRegistry(dataDir).entries()).toEqual([])
  })

  it('reports a crashed service, starts it again and writes its new process to run.json', async () => {
    const { stack, trouble } = await start()
    const order = stack.processes.find(({ name }) => name === 'order')
    const before = order?.pid
    await fetch(`${order?.url}/crash`).catch(() => undefined)

    await expect.poll(() => trouble.at(-1), { timeout: 15_000 }).toMatch(/The order service is back after/)

    expect(trouble[0]).toMatch(
      /The order service stopped with exit code 3; starting it again in 0.5 s. Its log: .*order\.log/,
    )
    const noted = readJson<RunFile>(stack.runFile)?.processes.find(({ name }) => name === 'order')
    expect(noted?.pid).toBe(order?.pid)
    expect(noted?.pid).not.toBe(before)
  })

  it('does not restart a service that was stopped on purpose', async () => {
    const { stack, trouble } = await start()
    const order = stack.processes.find(({ name }) => name === 'order')
    await stack.stopService('order')
    expect(await order?.isReady()).toBe(false)
    await stack.startService('order')
    expect(await order?.isReady()).toBe(true)
    expect(trouble).toEqual([])
  })

  it('ends the processes of a crashed launcher before it starts its own', async () => {
    const dataDir = scratchDataDir()
    const prefix = aPrefix()
    await crashAfterStart('start-and-hang.ts', ['stack', dataDir, prefix])
    const left = openProcessRegistry(dataDir)
      .entries()
      .flatMap((entry) => entry.process ?? [])
    expect(left.map(isAlive)).toEqual([true, true, true])

    await start({ prefix }, dataDir)

    expect(left.map(isAlive)).toEqual([false, false, false])
  })

  it('is stopped by `npm run stop` even if its launcher was killed', async () => {
    const dataDir = scratchDataDir()
    await crashAfterStart('start-and-hang.ts', ['stack', dataDir, aPrefix()])
    const left = openProcessRegistry(dataDir)
      .entries()
      .flatMap((entry) => entry.process ?? [])

    expect(await stopShop(dataDir)).toBe(true)

    expect(left.map(isAlive)).toEqual([false, false, false])
    expect(existsSync(runFileOf(dataDir))).toBe(false)
    expect(await stopShop(dataDir)).toBe(false)
  })

  it('reports in one sentence that the requested port is taken', async () => {
    const other = createServer()
    onTestFinished(() => void other.close())
    const port = await new Promise<number>((resolve) => {
      other.listen(0, '127.0.0.1', () => {
        const address = other.address()
        resolve(typeof address === 'object' && address ? address.port : 0)
      })
    })
    await expect(start({ port })).rejects.toThrow(`Port ${port} is in use by another program`)
  })

  it('names the service that cannot start, shows the end of its log and leaves nothing running', async () => {
    const dataDir = scratchDataDir()
    const starting = start({ env: { order: { FAIL_AT_START: 'DATABASE_URL is missing' } } }, dataDir)
    await expect(starting).rejects.toMatchObject({
      message: expect.stringMatching(/^The order service stopped while it was starting: see .*order\.log\.$/),
      details: ['DATABASE_URL is missing'],
    })
    expect(openProcessRegistry(dataDir).entries()).toEqual([])
  })
})
