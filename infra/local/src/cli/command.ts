import { Failure, messageOf } from '../failure.ts'

export const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Prints what went wrong in one sentence; only a fault of the launcher itself comes with its stack. */
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
  // The reader of our output may close it before we end (`npm start | head`).
  process.stdout.on('error', () => undefined)
  try {
    process.exit((await work()) ?? 0)
  } catch (error) {
    reportFailure(error)
    process.exit(1)
  }
}
