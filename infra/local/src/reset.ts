import { existsSync, rmSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { print, runCommand, Failure } from './reporting.ts'
import { stopShop } from './cli/shut-down.ts'
import { defaultDataDir } from './files.ts'
import { endRegistered, registriesIn } from './orphan-processes.ts'
import { findDocker, removeEverythingIn } from './servers/docker.ts'

const isSure = async (): Promise<boolean> => {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', short: 'y' } } })
  if (values.yes) return true
  if (!process.stdin.isTTY)
    throw new Failure('This deletes all data of the shop: confirm it with npm run reset -- --yes.')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  const answer = await terminal.question(`Stop the shop and delete all its data in ${defaultDataDir}? (y/N) `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}

await runCommand(async () => {
  if (!(await isSure())) {
    print('Nothing was deleted.')
    return 1
  }
  await stopShop(defaultDataDir)
  // The tests' data is inside.
  for (const registry of registriesIn(defaultDataDir)) await endRegistered(registry)
  if ((await findDocker()) === undefined) await removeEverythingIn(defaultDataDir)
  if (existsSync(defaultDataDir)) rmSync(defaultDataDir, { recursive: true, force: true })
  print('Stopped, and all data is deleted. npm start begins anew.')
})
