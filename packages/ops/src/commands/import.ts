import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Raw, Schema, Shop } from '@storewright/client'
import { UsageError } from '../config.ts'
import { action, EXIT, newCommand, print, table, withStaff, type CommonOptions } from '../cli.ts'

const contentType = (file: string) => {
  if (/\.csv$/i.test(file)) return 'text/csv'
  if (/\.(nd)?jsonl?$/i.test(file)) return 'application/x-ndjson'
  throw new UsageError(`${file} is neither .csv nor .ndjson`)
}

const describe = (report: Schema<'ImportReport'>) =>
  [
    table(
      ['created', 'updated', 'unchanged', 'rejected'],
      [[report.created, report.updated, report.unchanged, report.rejectedCount]],
    ),
    ...report.rejected.map(
      ({ line, errors }) =>
        `line ${line}: ${errors.map(({ path, message }) => `${path} ${message}`.trim()).join('; ')}`,
    ),
  ].join('\n')

const POLL_MS = 1_000

const progressLine = ({ records, report }: Schema<'ImportProgress'>) =>
  `${records} records: ${report.created} created, ${report.updated} updated, ${report.unchanged} unchanged, ` +
  `${report.rejectedCount} rejected\n`

/** Prints how far an import is until `signal` aborts. */
const printProgress = async (shop: Shop, token: string, id: string, signal: AbortSignal) => {
  const wait = () =>
    pause(POLL_MS, undefined, { signal }).then(
      () => true,
      () => false,
    )
  while (await wait()) {
    const progress = await shop.importProgress(token, id).catch(() => undefined)
    if (progress && progress.records > 0 && !signal.aborted) process.stderr.write(progressLine(progress))
  }
}

/** A report lists the first rejected lines; this one lists all that the shop has kept. */
const withAllProblems = async (
  shop: Shop,
  token: string,
  id: string,
  report: Schema<'ImportReport'>,
): Promise<Schema<'ImportReport'>> => {
  if (report.rejected.length === report.rejectedCount) return report
  const rejected: Schema<'ImportReport'>['rejected'] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await shop.importProblems(token, id, { limit: 100, ...(cursor ? { cursor } : {}) })
    rejected.push(...page.items)
    cursor = page.nextCursor
  }
  return { ...report, rejected }
}

const importProducts = async (shop: Shop, token: string, raw: Raw, dryRun: boolean | undefined) => {
  const id = randomUUID()
  const ended = new AbortController()
  const printing = printProgress(shop, token, id, ended.signal)
  try {
    const report = await shop.importProducts(token, raw, { id, dryRun })
    // The import is done: its own report is better than none.
    return await withAllProblems(shop, token, id, report).catch(() => report)
  } finally {
    ended.abort()
    await printing
  }
}

type ImportFlags = CommonOptions & { dryRun?: boolean }

const importFile = (what: 'products' | 'stock') =>
  action(async (file: string, flags: ImportFlags) => {
    if (!existsSync(file)) throw new UsageError(`there is no file ${file}`)
    const raw = { type: contentType(file), content: () => createReadStream(file) }
    return withStaff(flags, async (shop, token) => {
      const report =
        what === 'products'
          ? await importProducts(shop, token, raw, flags.dryRun)
          : await shop.importStock(token, raw)
      print(flags, report, () => describe(report))
      return report.rejectedCount > 0 ? EXIT.failed : EXIT.ok
    })
  })

const importOf = (what: 'products' | 'stock', description: string) =>
  newCommand(what, description)
    .argument('<file>', '.csv or .ndjson')
    .option('--gateway <url>', 'instead of the shop that npm start started')
    .action(importFile(what))

export const importCommand = () => {
  const parent = newCommand('import', 'send a file to the shop; exit code 1 if a line was rejected', [
    'import products catalogue.csv --dry-run',
    'import stock count.csv --json',
  ])
  parent.addCommand(
    importOf(
      'products',
      'sku, name, description, category, price, currency, status, attributes.*, …; shows its progress',
    ).option('--dry-run', 'report what would happen, and change nothing'),
  )
  parent.addCommand(importOf('stock', 'a count: sku, onHand and perhaps location'))
  return parent
}
