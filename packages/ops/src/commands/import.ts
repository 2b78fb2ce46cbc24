import { createReadStream, existsSync } from 'node:fs'
import { openShop, type Schema } from '@storewright/client'
import { readConfig, requireSetting, UsageError } from '../config.ts'
import { action, EXIT, newCommand, print, table, type CommonOptions } from '../cli.ts'

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

const importFile = (what: 'products' | 'stock') =>
  action(async (file: string, flags: CommonOptions) => {
    if (!existsSync(file)) throw new UsageError(`there is no file ${file}`)
    const raw = { type: contentType(file), content: () => createReadStream(file) }
    const config = readConfig(flags)
    const { email, password } = requireSetting(config, 'admin')
    const shop = openShop({ gateways: [flags.gateway ?? requireSetting(config, 'gatewayUrl')] })
    try {
      const { tokens } = await shop.logIn(email, password)
      const report =
        what === 'products'
          ? await shop.importProducts(tokens.accessToken, raw)
          : await shop.importStock(tokens.accessToken, raw)
      print(flags, report, () => describe(report))
      return report.rejectedCount > 0 ? EXIT.failed : EXIT.ok
    } finally {
      await shop.close()
    }
  })

const importOf = (what: 'products' | 'stock', description: string) =>
  newCommand(what, description)
    .argument('<file>', '.csv or .ndjson')
    .option('--gateway <url>', 'instead of the shop that npm start started')
    .action(importFile(what))

export const importCommand = () => {
  const parent = newCommand('import', 'send a file to the shop; exit code 1 if a line was rejected', [
    'import products catalogue.csv',
    'import stock count.csv --json',
  ])
  parent.addCommand(
    importOf('products', 'sku, name, description, category, price, currency, status, attributes.*'),
  )
  parent.addCommand(importOf('stock', 'a count: sku, onHand and perhaps location'))
  return parent
}
