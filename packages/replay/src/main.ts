import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { action, EXIT, runProgram } from '@storewright/ops/cli'
import { readConfig, requireSetting, UsageError } from '@storewright/ops/config'
import { Command } from 'commander'
import { Presets, SingleBar } from 'cli-progress'
import { replay } from './replay.ts'
import { isClean, replayTables } from './report.ts'

type Flags = {
  file: string
  orders?: number
  first?: string[]
  concurrency: number
  cartsAhead: number
  customers?: number
  timeout: number
  json?: string
  gateway?: string[]
}

const numberFrom = (least: number) => (text: string) => {
  const number = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least)
    throw new UsageError(`${text} is not a whole number from ${least}`)
  return number
}
const wholeNumber = numberFrom(1)

const program = new Command('replay')
  .description("turn a retail file into a shop and send its invoices as orders through the shop's API")
  .requiredOption('--file <path>', 'InvoiceNo, StockCode, Description, Quantity, … as .csv or .csv.gz')
  .option('--orders <count>', 'only the first orders, this many', wholeNumber)
  .option('--first <invoices...>', 'invoices to send first, wherever they are in the file')
  .option('--concurrency <count>', 'shoppers at once', wholeNumber, 16)
  .option('--carts-ahead <count>', 'carts that a shopper fills before ordering the first', wholeNumber, 4)
  .option('--customers <count>', 'accounts to make at most; further customers order as guests', numberFrom(0))
  .option(
    '--timeout <seconds>',
    'how long to wait for a shop that is unavailable, or for an order',
    wholeNumber,
    120,
  )
  .option('--json <path>', 'write the whole report, with every order, to a file')
  .option('--gateway <urls...>', 'one gateway, or several taken in turn')
  .addHelpText(
    'after',
    `
Of every fifth bestseller only four fifths of what the orders want is put into stock: some orders must be rejected.
A shop limits how often one address may call; start it for a replay with
  RATE_LIMIT_PER_MINUTE=1000000 AUTH_RATE_LIMIT_PER_MINUTE=1000000 npm start
Every account costs a third of a second of one core for its password; --customers 100 keeps a first run short.

Examples:
  npm run replay -- --file retail.csv.gz --orders 400 --concurrency 32
  npm run replay -- --file retail.csv.gz --json replay.json
Exit codes: 0 every order settled, 1 some did not, 2 wrong usage.`,
  )
  .action(
    action(async (flags: Flags) => {
      if (!existsSync(flags.file)) throw new UsageError(`there is no file ${flags.file}`)
      const config = readConfig()
      const bar = new SingleBar(
        {
          format: '{bar} {value}/{total} orders, {eta_formatted} left',
          noTTYOutput: true,
          notTTYSchedule: 5_000,
        },
        Presets.shades_grey,
      )
      let drawn = false
      const report = await replay({
        file: flags.file,
        gateways: flags.gateway ?? [requireSetting(config, 'gatewayUrl')],
        admin: requireSetting(config, 'admin'),
        concurrency: flags.concurrency,
        cartsAhead: flags.cartsAhead,
        timeoutMs: flags.timeout * 1_000,
        ...(flags.orders === undefined ? {} : { orders: flags.orders }),
        ...(flags.first === undefined ? {} : { first: flags.first }),
        ...(flags.customers === undefined ? {} : { customers: flags.customers }),
        ...(process.env['REPLAY_PASSWORD'] ? { password: process.env['REPLAY_PASSWORD'] } : {}),
        onStage: (stage) => process.stderr.write(`${stage}\n`),
        onOutcome: (done, of) => {
          if (!drawn) bar.start(of, 0)
          drawn = true
          bar.update(done)
        },
      }).finally(() => bar.stop())
      if (flags.json) await writeFile(flags.json, JSON.stringify(report, null, 2))
      process.stdout.write(`${replayTables(report)}\n`)
      if (report.retries['429'])
        process.stderr.write(
          'The shop limited how often it may be called (429): see --help for raising that.\n',
        )
      return isClean(report) ? EXIT.ok : EXIT.failed
    }),
  )

await runProgram(program)
