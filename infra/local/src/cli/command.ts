import { Failure, messageOf } from '../failure.ts'

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Says in one sentence what went wrong; only a fault of the launcher itself shows where it happened. */
const reportFailure = (error: unknown): void => {
  if (!(error instanceof Failure)) {
    process.stderr.write(
      `\nThe launcher failed: ${error instanceof Error ? error.stack : messageOf(error)}\n`,
    )
    return
  }
  process.stderr.write(`\n${error.message}\n`)
  for (const line of error.details) process.stderr.write(`  ${line}\n`)
}

/** Runs a command of the launcher to its end; its failure is one sentence and exit code 1. */
export const runCommand = async (work: () => Promise<number | void>): Promise<never> => {
  // Whoever reads our output may leave before we do (`npm start | head`).
  process.stdout.on('error', () => undefined)
  try {
    process.exit((await work()) ?? 0)
  } catch (error) {
    reportFailure(error)
    process.exit(1)
  }
}
