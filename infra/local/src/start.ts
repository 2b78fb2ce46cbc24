import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startupSummary, readRunFile } from './cli/startup-summary.ts'
import { print, runCommand, Failure, secondsSince } from './reporting.ts'
import { takeLock } from './cli/launcher-lock.ts'
import { showProgress } from './cli/show-progress.ts'
import { endUntilSettled, onInterrupt } from './cli/shut-down.ts'
import { watchServer } from './cli/watch-servers.ts'
import { fillDemoShop } from './demo-shop.ts'
import { defaultDataDir, prepareDataDir } from './files.ts'
import { endRegistered } from './orphan-processes.ts'
import { openProcessRegistry } from './process-registry.ts'
import { startServers } from './servers/index.ts'
import { startStack } from './stack/index.ts'
import { runFileOf } from './stack/run-file.ts'
import { shopServices } from './stack/services.ts'

const usage = 'npm start [-- --no-demo] [--replicas order=2,…]'

const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: { 'no-demo': { type: 'boolean' }, replicas: { type: 'string' } },
    })
    const replicas = (values.replicas ?? '')
      .split(',')
      .filter(Boolean)
      .map((text) => {
        const [name = '', count = ''] = text.split('=')
        const known = shopServices().some((service) => service.name === name) && name !== 'gateway'
        if (!known || !/^[1-9]$/.test(count)) throw new Error(`--replicas ${text} is not service=1…9`)
        return [name, Number(count)] as const
      })
    return { demo: !values['no-demo'], replicas: Object.fromEntries(replicas) }
  } catch (error) {
    throw new Failure(`${error instanceof Error ? error.message : String(error)}: the usage is ${usage}.`)
  }
}

const start = async (): Promise<number> => {
  const began = Date.now()
  const options = readOptions()
  const dataDir = prepareDataDir(defaultDataDir)
  const lock = takeLock(dataDir)
  if ('heldBy' in lock) {
    const run = readRunFile(dataDir)
    const where = run ? `at ${run.gatewayUrl}` : 'still starting'
    print(`Storewright is running already, ${where} (process ${lock.heldBy.pid}). npm run stop ends it.`)
    if (run) print(startupSummary(run, dataDir))
    return 0
  }

  const registry = openProcessRegistry(dataDir)
  const interrupted = Promise.withResolvers<string>()
  const stopping = new AbortController()
  onInterrupt(registry, (signal) => {
    stopping.abort()
    interrupted.resolve(signal)
  })
  const display = showProgress([
    {
      title: 'Servers',
      parts: [
        { name: 'mysql', title: 'MySQL' },
        { name: 'rabbitmq', title: 'RabbitMQ' },
      ],
    },
    {
      title: 'Services',
      parts: [
        { name: 'databases', title: 'databases' },
        ...shopServices().map(({ name }) => ({ name, title: name })),
        ...(options.demo ? [{ name: 'demo shop', title: 'demo shop' }] : []),
      ],
    },
  ])
  const proceed = (): void => {
    if (stopping.signal.aborted) throw new Failure('Interrupted.')
  }

  const launch = async () => {
    const servers = await startServers({ dataDir, onProgress: display.progress })
    proceed()
    const stack = await startStack({
      dataDir,
      servers,
      replicas: options.replicas,
      onProgress: display.progress,
      onTrouble: (text) => {
        if (!stopping.signal.aborted) print(`${new Date().toLocaleTimeString()}  ${text}`)
      },
    })
    proceed()
    if (options.demo) {
      display.progress('demo shop', 'filling it through the API')
      const database = `${servers.mysql.origin} ${stack.prefix}`
      stack.setDemoCustomer(await fillDemoShop(stack, dataDir, database, stopping.signal))
      display.progress('demo shop', 'products, stock and a customer are there', 'done')
    }
    return { servers, stack }
  }

  const launching = launch()
  const outcome = await Promise.race([launching, interrupted.promise]).catch(async (error: unknown) => {
    await display.end()
    await endUntilSettled(registry, launching)
    rmSync(runFileOf(dataDir), { force: true })
    lock.release()
    throw error
  })
  if (typeof outcome === 'string') {
    await display.end('interrupted')
    print('Stopping what was started…')
    await endUntilSettled(registry, launching)
    rmSync(runFileOf(dataDir), { force: true })
    lock.release()
    return 130
  }

  await display.end()
  const { servers, stack } = outcome
  const run = readRunFile(dataDir)
  print(`Storewright runs, after ${secondsSince(began)}.`)
  if (run) print(startupSummary(run, dataDir))
  const report = (text: string): void => print(`${new Date().toLocaleTimeString()}  ${text}`)
  for (const name of ['mysql', 'rabbitmq'] as const) {
    void watchServer(name, servers[name], report, stack.refreshRunFile, stopping.signal)
  }

  await interrupted.promise
  const stopBegan = Date.now()
  print('\nStopping the services, then the servers (again to force)…')
  await stack.stop()
  await servers.stop()
  // A server that was just being started again after a crash.
  await endRegistered(registry)
  lock.release()
  print(`Stopped after ${secondsSince(stopBegan)}. The data is kept; npm start goes on with it.`)
  return 0
}

await runCommand(start)
