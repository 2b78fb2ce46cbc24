import { availableParallelism } from 'node:os'
import { print, secondsSince } from '../reporting.ts'
import { type Outcome, runProgram } from './run-step.ts'

const sources = 'packages services infra tests-e2e examples'

/** What has to hold of the source, each as a command of its own. */
const checks: { name: string; command: string }[] = [
  { name: 'types', command: 'tsc --project .' },
  { name: 'lint', command: 'eslint .' },
  { name: 'formatting', command: 'prettier --check --log-level warn .' },
  { name: 'boundaries', command: `depcruise --config .dependency-cruiser.cjs ${sources}` },
  { name: 'fences hold', command: 'node infra/checks/planted-violations.ts' },
  { name: 'plain words', command: 'node infra/checks/words.ts' },
  { name: 'source sizes', command: 'node infra/checks/source-sizes.ts' },
  { name: 'dead exports', command: 'knip' },
  { name: 'event documents', command: 'node packages/contracts/gen/generate.ts --check' },
  { name: 'openapi.yaml', command: 'node infra/openapi/src/generate.ts --check' },
]

/** Runs every check, as many at once as there are processors, and shows those that fail. */
export const runChecks = async (): Promise<Outcome> => {
  const began = Date.now()
  const waiting = [...checks]
  let passed = 0
  const work = async (): Promise<void> => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const checkBegan = Date.now()
      const [program = '', ...args] = check.command.split(' ')
      const { code, output } = await runProgram(program, args, { collect: true })
      if (code === 0) passed += 1
      print(`${code === 0 ? '✔' : '✖'} ${check.name} (${secondsSince(checkBegan)})`)
      if (code !== 0) print(`${output.trimEnd()}\n  ${check.command} ended with ${code}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work))
  return { name: 'check', passed, failed: checks.length - passed, ms: Date.now() - began }
}
