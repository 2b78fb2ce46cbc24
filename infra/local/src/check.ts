import { print, runCommand } from './reporting.ts'
import { runChecks } from './test-run/checks.ts'

await runCommand(async () => {
  const { passed, failed, ms } = await runChecks()
  print(`${passed} checks passed, ${failed} failed, in ${(ms / 1000).toFixed(1)} s`)
  return failed > 0 ? 1 : 0
})
