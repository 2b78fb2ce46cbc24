import { Command } from 'commander'
import { ShopProblem } from '../shop/problem.ts'
import { UsageError } from '../surroundings.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

export type CommonOptions = { json?: boolean; runFile?: string; gateway?: string }

const oneLine = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to several addresses has a code and no message.
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}

/** Reports a failure in one line and says which exit code it is. */
export const reportFailure = (error: unknown): Exit => {
  process.stderr.write(`error: ${oneLine(error)}\n`)
  if (error instanceof ShopProblem && error.status === 401)
    process.stderr.write('is the log-in of this shop another one? set ADMIN_EMAIL and ADMIN_PASSWORD\n')
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

/** A command with what all of them have; `examples` end its help. */
export const newCommand = (name: string, description: string, examples: string[] = []) => {
  const command = new Command(name)
    .description(description)
    .option('--json', 'print JSON instead of tables')
    .option('--run-file <path>', 'the file that npm start leaves', undefined)
  return examples.length === 0
    ? command
    : command.addHelpText(
        'after',
        `\nExamples:\n${examples.map((line) => `  npm run ops -- ${line}\n`).join('')}`,
      )
}

/** Prints a result: as one JSON document, or as the text that `text` makes of it. */
export const print = (options: CommonOptions, data: unknown, text: () => string) => {
  process.stdout.write(`${options.json ? JSON.stringify(data, null, 2) : text()}\n`)
}

/** What a command does: the returned code becomes the process's, a thrown error is reported. */
export const doing =
  <Args extends unknown[]>(work: (...args: Args) => Promise<Exit>) =>
  async (...args: Args): Promise<void> => {
    process.exitCode = await work(...args).catch(reportFailure)
  }
