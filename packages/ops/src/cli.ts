import { ApiError, openShop, type Shop } from '@storewright/client'
import Table from 'cli-table3'
import { Command, CommanderError } from 'commander'
import { readConfig, requireSetting, UsageError } from './config.ts'

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

export type CommonOptions = { json?: boolean; runFile?: string; gateway?: string }

const oneLine = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  // A refused connection to several addresses has a code and no message.
  return error.message || (error as NodeJS.ErrnoException).code || error.name
}

/** Reports a failure in one line and returns its exit code. */
const reportFailure = (error: unknown): Exit => {
  process.stderr.write(`error: ${oneLine(error)}\n`)
  if (error instanceof ApiError && error.status === 401)
    process.stderr.write('is the log-in of this shop another one? set ADMIN_EMAIL and ADMIN_PASSWORD\n')
  return error instanceof UsageError ? EXIT.usage : EXIT.failed
}

/** A command with the options that all of them have; `examples` end its help. */
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

/** A command on some of what one service or group has: their ids, or all. */
export const newPickCommand = (name: string, description: string, of: string, all: string) =>
  newCommand(name, description).argument(`<${of}>`).argument('[ids...]').option('--all', all)

/** Wraps what a command does: the returned code becomes the process's, an error is reported in one line. */
export const action =
  <Args extends unknown[]>(work: (...args: Args) => Promise<Exit>) =>
  async (...args: Args): Promise<void> => {
    process.exitCode = await work(...args).catch(reportFailure)
  }

// Commander would exit with 1 for a wrong option, which here is the code of a breach; and it would hand an option that
// a group and its command both have to the group.
const prepare = (command: Command): void => {
  command.exitOverride().enablePositionalOptions()
  for (const child of command.commands) prepare(child)
}

/** Runs the command that the arguments name. */
export const runProgram = async (
  program: Command,
  args: readonly string[] = process.argv.slice(2),
): Promise<void> => {
  prepare(program)
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    else process.exitCode = reportFailure(error)
  })
}

/** Prints a result: as one JSON document, or as the text that `text` makes of it. */
export const print = (options: CommonOptions, data: unknown, text: () => string) => {
  process.stdout.write(`${options.json ? JSON.stringify(data, null, 2) : text()}\n`)
}

export type Row = (string | number)[]

/** A plain table with a header; numbers to the right. */
export const table = (head: string[], rows: Row[]) => {
  const numeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  )
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: numeric.map((isNumeric) => (isNumeric ? 'right' : 'left')),
  })
  drawn.push(...rows.map((row) => row.map((cell) => String(cell))))
  return drawn.toString()
}

/** Logs the administrator in and closes the connections when `work` is done. */
export const withStaff = async <T>(
  flags: CommonOptions,
  work: (shop: Shop, token: string) => Promise<T>,
): Promise<T> => {
  const config = readConfig(flags)
  const { email, password } = requireSetting(config, 'admin')
  const shop = openShop({ gateways: [flags.gateway ?? requireSetting(config, 'gatewayUrl')] })
  try {
    const { tokens } = await shop.logIn(email, password)
    return await work(shop, tokens.accessToken)
  } finally {
    await shop.close()
  }
}
