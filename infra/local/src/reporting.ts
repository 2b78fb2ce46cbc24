/** What a person has to do something about: shown as its one sentence, without a stack. */
export class Failure extends Error {
  readonly details: string[]
  constructor(sentence: string, details: string[] = []) {
    super(sentence)
    this.details = details
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The system's code of an error (`ENOENT`), if it has one. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Receives the progress of a part: a server, `databases`, a service or `demo shop`. */
export type Progress = (part: string, text: string, state?: 'working' | 'done' | 'failed') => void

export const secondsSince = (began: number): string => `${((Date.now() - began) / 1000).toFixed(1)} s`

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
