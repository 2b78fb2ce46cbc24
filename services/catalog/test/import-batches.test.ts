import { request as httpRequest, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { ProductChanged } from '@storewright/contracts'
import { newImportReport } from '@storewright/service-kit/http'
import { eventually } from '@storewright/testing'
import { sql, type KyselyPlugin } from 'kysely'
import { describe, expect, it } from 'vitest'
import type { Db } from '../src/database.ts'
import { csvRows } from '../src/imports/csv-rows.ts'
import { importProducts } from '../src/imports/import-products.ts'
import { forgetOldImports } from '../src/imports/track-import.ts'
import { anId, useCatalog } from './harness.ts'

const catalog = useCatalog()

const HEADER = 'sku,name,price,currency,category,attributes.colour\n'
const rowsOf = (name: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${name}-${at},${name} ${at},1.50,GBP,Batch > Here,blue\n`)

const importInto = async (db: Db, rows: string[]) => {
  const report = newImportReport()
  const lines = csvRows(Readable.from([Buffer.from(HEADER + rows.join(''))]))
  const onProgress = () => Promise.resolve()
  await importProducts(db, lines, { by: anId(), currency: 'GBP', dryRun: false, report, onProgress })
  return report
}

/** A database that calls `meet` before every statement, and fails with what it throws. */
const observed = (meet: () => void) => {
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      meet()
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  return catalog.db.withPlugin(plugin)
}

describe('a batch', () => {
  it('takes as many statements for 200 lines as for two, and fewer for what is known', async () => {
    let statements = 0
    const counting = catalog.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: ({ result }) => {
        statements += 1
        return Promise.resolve(result)
      },
    })
    const count = async (rows: string[]) => {
      statements = 0
      await importInto(counting, rows)
      return statements
    }
    await importInto(catalog.db, rowsOf('FIRST', 1))
    const many = rowsOf('MANY', 200)
    const changed = many.map((row) => row.replace('1.50', '2.50'))
    const counts = [await count(rowsOf('FEW', 2)), await count(many), await count(many), await count(changed)]
    expect(counts).toEqual([35, 35, 15, 32])
  })

  it('that the database refuses loses the line that it is refused for, and no other', async () => {
    await importInto(catalog.db, [`TAKEN,Taken,1,GBP,,\n`])
    await sql`create unique index one_name on products (name)`.execute(catalog.db)
    try {
      const rows = rowsOf('HALF', 9).map((row) => row.replace('HALF 6,', 'Taken,'))
      const report = await importInto(catalog.db, rows)
      expect(report).toEqual({
        created: 8,
        updated: 0,
        unchanged: 0,
        rejected: [{ line: 8, errors: [{ path: '', message: 'has a key that is taken' }] }],
        rejectedCount: 1,
      })
    } finally {
      await sql`drop index one_name on products`.execute(catalog.db)
    }
  })

  it.each([1205, 1213, 3024])(
    'waits for a database that is busy (%d), longer than a request would',
    async (errno) => {
      let refusals = 6
      const busy = observed(() => {
        if (refusals-- > 0) throw Object.assign(new Error('busy'), { errno })
      })
      const report = await importInto(busy, rowsOf(`BUSY${errno}`, 3))
      expect(report).toMatchObject({ created: 3, rejectedCount: 0 })
      expect(refusals).toBeLessThan(0)
      expect(await catalog.emitted(ProductChanged)).toHaveLength(3)
    },
  )
})

it('what imports did is forgotten after a week, some of it at a time', async () => {
  const weeksAgo = (days: number) => sql<Date>`utc_timestamp(6) - interval ${sql.lit(days)} day`
  const rowOf = (days: number) => ({
    id: anId(),
    started_by: anId(),
    dry_run: 0,
    state: 'finished' as const,
    problem: null,
    records_read: 1,
    report: '{}',
    started_at: weeksAgo(days),
    updated_at: weeksAgo(days),
  })
  const kept = rowOf(6)
  const old = Array.from({ length: 101 }, () => rowOf(8))
  await catalog.db
    .insertInto('imports')
    .values([kept, ...old])
    .execute()
  await catalog.db
    .insertInto('import_problems')
    .values([kept, ...old].map(({ id }) => ({ import_id: id, line: 2, errors: '[]' })))
    .execute()
  expect(await forgetOldImports(catalog.db)).toBe(true)
  expect(await forgetOldImports(catalog.db)).toBe(false)
  expect(await catalog.db.selectFrom('imports').select('id').execute()).toEqual([{ id: kept.id }])
  expect(await catalog.db.selectFrom('import_problems').select('import_id').execute()).toEqual([
    { import_id: kept.id },
  ])
})

it('three exports run at once, and those whose clients go away make room', async () => {
  const url = await catalog.listen()
  // Exports wait for a connection meanwhile.
  const held = await Promise.all(Array.from({ length: 30 }, () => catalog.db.startTransaction().execute()))
  const headers = { authorization: `Bearer ${catalog.tokens.staff}` }
  const downloads = Array.from({ length: 4 }, () => httpRequest(`${url}/v1/products/export`, { headers }))
  try {
    const first = await Promise.race(
      downloads.map(
        (download) =>
          new Promise<IncomingMessage>((resolve) =>
            download
              .on('response', resolve)
              .on('error', () => undefined)
              .end(),
          ),
      ),
    )
    expect([first.statusCode, first.headers['retry-after']]).toEqual([503, '10'])
  } finally {
    for (const download of downloads) download.destroy()
    await Promise.all(held.map((trx) => trx.rollback().execute()))
  }
  await eventually(async () => (await catalog.get('/v1/products/export', 'staff')).status === 200)
})
