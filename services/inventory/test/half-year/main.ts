import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { scratchDatabase } from '@storewright/testing'
import { loadConfig } from '@storewright/service-kit/run'
import { Config } from '../../src/config.ts'
import { allMigrations, type Database } from '../../src/database.ts'
import { drawStock } from './draw-stock.ts'
import { playDays } from './play-days.ts'
import { readRetail } from './read-retail.ts'

const USAGE = `Plays the orders of a retail file day by day through stock, with computed reorder rules, and reports what was refused.
  npm run replay:stock -- --file retail.csv.gz [--days 60] [--sku 85123A --picture stock.svg] [--json report.json]
Exit codes: 0 a second, plain computation agrees and the audit is clean, 1 not, 2 wrong usage.
It needs MYSQL_URL, a server where it may make a schema of its own, which it removes again.
`

const { values: flags } = parseArgs({
  options: {
    file: { type: 'string' },
    days: { type: 'string' },
    sku: { type: 'string' },
    picture: { type: 'string' },
    json: { type: 'string' },
  },
})

const play = async (file: string) => {
  const demand = await readRetail(file)
  const days = demand.days.slice(0, flags.days === undefined ? undefined : Number(flags.days))
  const scratch = await scratchDatabase<Database>(await allMigrations(), { name: 'half_year' })
  try {
    const began = performance.now()
    const { history, ...report } = await playDays(
      { ...demand, days },
      {
        db: scratch.db,
        config: loadConfig(Config, {
          DATABASE_URL: scratch.url,
          AMQP_URL: 'amqp://127.0.0.1:9',
          JWKS_URL: 'http://127.0.0.1:9',
          USER_URL: 'http://127.0.0.1:9',
          CATALOG_URL: 'http://127.0.0.1:9',
        }),
        leadTimeDays: 7,
        packSize: 6,
        warmUpDays: 28,
        onDay: (done, of) => process.stderr.write(`\rday ${done} of ${of}`),
      },
    )
    const seconds = Math.round((performance.now() - began) / 1_000)
    const summary = { ...report, seconds }
    process.stdout.write(`\n${JSON.stringify(summary, null, 2)}\n`)
    if (flags.json) await writeFile(flags.json, JSON.stringify(summary, null, 2))
    const course = history.get(flags.sku ?? '')
    if (flags.picture && course) {
      const title = `${flags.sku}: stock, orders and receipts, half a year of a real shop`
      await writeFile(flags.picture, drawStock(title, course))
    }
    const { plain, breaches } = report
    return plain.refusedThoughCovered + plain.soldThoughShort + breaches.length === 0
  } finally {
    await scratch.drop()
  }
}

if (flags.file !== undefined && existsSync(flags.file)) process.exitCode = (await play(flags.file)) ? 0 : 1
else {
  process.stderr.write(flags.file === undefined ? USAGE : `there is no file ${flags.file}\n`)
  process.exitCode = 2
}
