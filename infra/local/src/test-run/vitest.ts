import { join } from 'node:path'
import { readJson } from '../files.ts'
import { type Outcome, runProgram } from './run-step.ts'

type Report = {
  numPassedTests: number
  numFailedTests: number
  testResults: { status: string; assertionResults: unknown[] }[]
}

/** Runs one vitest project, all of it or the files whose path has one of the words. */
export const runProject = async (
  name: string,
  words: string[],
  dataDir: string,
  env: Record<string, string>,
): Promise<Outcome> => {
  const began = Date.now()
  const reportFile = join(dataDir, `${name}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const few = words.length > 0 ? ['--passWithNoTests'] : []
  const { code } = await runProgram('vitest', ['run', '--project', name, ...reporters, ...few, ...words], {
    env,
  })
  const report = readJson<Report>(reportFile)
  const passed = report?.numPassedTests ?? 0
  // A file that cannot even be loaded has no tests to fail.
  const broken = report?.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length
  const failed = (report?.numFailedTests ?? 0) + (broken ?? 0)
  // Other failures of vitest, such as an unhandled error, must count too.
  return { name, passed, failed: code !== 0 && failed === 0 ? 1 : failed, ms: Date.now() - began }
}
