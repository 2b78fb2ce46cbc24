import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { print, runCommand, Failure, messageOf, secondsSince } from './reporting.ts'
import { takeLock } from './cli/launcher-lock.ts'
import { onInterrupt } from './cli/shut-down.ts'
import { defaultDataDir, prepareDataDir } from './files.ts'
import { endRegistered, registriesIn } from './orphan-processes.ts'
import { openProcessRegistry } from './process-registry.ts'
import { findDocker, removeEverythingIn } from './servers/docker.ts'
import { originLabels, type ServerHandle } from './servers/handle.ts'
import { startServers } from './servers/index.ts'
import { runChecks } from './test-run/checks.ts'
import { startTestContainers, type TestServer } from './test-run/containers.ts'
import { type Outcome, stopPrograms } from './test-run/run-step.ts'
import { runProject } from './test-run/vitest.ts'

const steps = ['check', 'unit', 'service', 'e2e']
const usage = 'npm test [-- --docker] [check] [unit] [service] [e2e] [part of a test file’s path]'

const readOptions = () => {
  try {
    const { values, positionals } = parseArgs({
      options: { docker: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    const words = positionals.filter((word) => !steps.includes(word))
    const named = steps.filter((step) => positionals.includes(step))
    const all = words.length > 0 ? steps.filter((step) => step !== 'check') : steps
    return { docker: values.docker, words, steps: named.length > 0 ? named : all }
  } catch (error) {
    throw new Failure(`${messageOf(error)}: the usage is ${usage}.`)
  }
}

/** The tests have data and servers of their own, new each time; a shop that runs beside them is not disturbed. */
const dataDir = join(defaultDataDir, 'test')

const clearAway = async (): Promise<void> => {
  for (const registry of registriesIn(dataDir)) await endRegistered(registry)
  if ((await findDocker()) === undefined) await removeEverythingIn(dataDir)
}

const beginAnew = async (): Promise<void> => {
  await clearAway()
  for (const name of existsSync(dataDir) ? readdirSync(dataDir) : []) {
    if (name !== 'launcher.json') rmSync(join(dataDir, name), { recursive: true, force: true })
  }
  prepareDataDir(dataDir)
}

type TestServers = Record<'mysql' | 'rabbitmq', TestServer | ServerHandle>

const variablesOf = ({ mysql, rabbitmq }: TestServers): Record<string, string> => ({
  MYSQL_URL: mysql.url,
  RABBITMQ_URL: rabbitmq.url,
  ...(rabbitmq.managementUrl && { RABBITMQ_MANAGEMENT_URL: rabbitmq.managementUrl }),
  STOREWRIGHT_SERVERS: 'environment',
  ...(mysql.origin !== 'environment' && { STOREWRIGHT_OWN_SERVERS: mysql.origin }),
  STOREWRIGHT_PREFIX: 'storewright_test_',
})

const test = async (): Promise<number> => {
  const began = Date.now()
  const options = readOptions()
  if (options.docker) process.env['STOREWRIGHT_SERVERS'] = 'docker'
  prepareDataDir(dataDir)
  const lock = takeLock(dataDir)
  if ('heldBy' in lock) {
    throw new Failure(
      `The tests run already in this checkout (process ${lock.heldBy.pid}): wait for them to end.`,
    )
  }
  onInterrupt(openProcessRegistry(dataDir), () => {
    print('Interrupted: stopping what the tests started…')
    stopPrograms()
    void clearAway().finally(() => {
      lock.release()
      process.exit(130)
    })
  })
  await beginAnew()

  const needsServers = options.steps.some((step) => step === 'service' || step === 'e2e')
  const start = (): Promise<TestServers> =>
    options.docker
      ? startTestContainers(dataDir)
      : startServers({
          dataDir,
          onProgress: (server, text, state) => {
            if (state === undefined) print(`  ${server}: ${text}`)
          },
        })
  const starting = needsServers ? start() : undefined
  // Fails where it is awaited; the checks meanwhile go on.
  starting?.catch(() => undefined)

  const outcomes: Outcome[] = []
  try {
    if (options.steps.includes('check')) outcomes.push(await runChecks())
    if (options.steps.includes('unit')) outcomes.push(await runProject('unit', options.words, dataDir, {}))
    const servers = await starting
    if (servers) {
      const { mysql, rabbitmq } = servers
      const on = [mysql, rabbitmq]
        .map(({ version, origin }) => `${version} (${originLabels[origin]})`)
        .join(' and ')
      print(`\nThe tests run on ${on}.`)
      const run = (project: string) => runProject(project, options.words, dataDir, variablesOf(servers))
      if (options.steps.includes('service')) outcomes.push(await run('service'))
      if (options.steps.includes('e2e')) {
        // A shop that runs elsewhere cannot be killed from here. One after the other: two shops that start crowd the machine.
        const ownShops = process.env['GATEWAY_URL'] ? [] : ['e2e-own-shops']
        for (const project of ['e2e', ...ownShops]) outcomes.push(await run(project))
      }
      print(`\nThe tests ran on ${on}.`)
    }
  } finally {
    await clearAway()
    lock.release()
  }

  const sum = (count: 'passed' | 'failed'): number =>
    outcomes.reduce((total, outcome) => total + outcome[count], 0)
  for (const { name, passed, failed, ms } of outcomes) {
    print(`  ${name.padEnd(14)} ${passed} passed, ${failed} failed, ${(ms / 1000).toFixed(1)} s`)
  }
  print(`  in all ${secondsSince(began)}\n`)
  print(`${sum('passed')} passed, ${sum('failed')} failed`)
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0
}

await runCommand(test)
