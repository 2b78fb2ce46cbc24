import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from '../config.ts'
import { action, EXIT, newCommand, print, withStaff, type CommonOptions } from '../cli.ts'

const FORMATS = ['csv', 'ndjson'] as const
type Format = (typeof FORMATS)[number]

const formatOf = (file: string, asked: string | undefined): Format => {
  const name = (asked ?? /\.(\w+)$/.exec(file)?.[1] ?? '').toLowerCase()
  const format = FORMATS.find((known) => known === name)
  if (!format) throw new UsageError(`${file} is neither .csv nor .ndjson: state --format csv or ndjson`)
  return format
}

const PRINT_MS = 1_000

/** Passes bytes on and prints how many lines went by. */
const lineCounter = () => {
  let lines = 0
  let printedAt = Date.now()
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
      if (Date.now() - printedAt > PRINT_MS) {
        process.stderr.write(`${lines} lines\n`)
        printedAt = Date.now()
      }
      done(null, chunk)
    },
  })
  return { stream, lines: () => lines }
}

/** Writes beside the file and renames at the end: a download that breaks off leaves what was there. */
const exportFile = action(async (file: string, flags: CommonOptions & { format?: string }) => {
  const format = formatOf(file, flags.format)
  return withStaff(flags, async (shop, token) => {
    const part = `${file}.part`
    const counter = lineCounter()
    try {
      await pipeline(await shop.exportProducts(token, format), counter.stream, createWriteStream(part))
      await rename(part, file)
    } catch (error) {
      await rm(part, { force: true })
      throw error
    }
    print(flags, { file, format, lines: counter.lines() }, () => `${counter.lines()} lines in ${file}`)
    return EXIT.ok
  })
})

export const exportCommand = () => {
  const parent = newCommand('export', 'write what the shop holds to a file', [
    'export products catalogue.csv',
    'export products catalogue.ndjson --json',
  ])
  parent.addCommand(
    newCommand('products', 'the whole catalogue; to import the file again changes nothing')
      .argument('<file>', '.csv or .ndjson')
      .option('--format <format>', 'csv or ndjson, where the name of the file does not show it')
      .option('--gateway <url>', 'instead of the shop that npm start started')
      .action(exportFile),
  )
  return parent
}
