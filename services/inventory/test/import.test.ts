import { StockAdjusted } from '@storewright/contracts'
import { expect, it } from 'vitest'
import { setUpInventory } from './harness.ts'
import { anOrder } from './orders.ts'

const inventory = setUpInventory({ locations: ['annex'] })

const report = { created: 0, updated: 0, unchanged: 0, rejected: [], rejectedCount: 0 }

it('sets stock to the counted quantities and is safe to repeat', async () => {
  const sku = inventory.nextSku()
  await inventory.setStock({ [`${sku}-A`]: 5 })
  inventory.catalog.skus.add(`${sku}-B`).add(`${sku}-C`)
  const csv = `onHand,sku,location\n7,${sku}-A,\n3,${sku}-b,\n0,${sku}-C,\n4,${sku}-A,annex\n`
  expect(await inventory.importCsv(csv)).toMatchObject({
    status: 200,
    body: { ...report, created: 3, updated: 1 },
  })
  expect((await inventory.importCsv(csv)).body).toEqual({ ...report, unchanged: 4 })

  expect(await inventory.stock(`${sku}-A`)).toMatchObject({
    onHand: 11,
    locations: [{ onHand: 7 }, { onHand: 4 }],
  })
  const emitted = (await inventory.emitted(StockAdjusted)).filter(({ data }) => data.sku.startsWith(sku))
  expect(emitted.map(({ data }) => [data.sku, data.location, data.kind, data.delta, data.onHand])).toEqual([
    [`${sku}-A`, 'main', 'count', 5, 5],
    [`${sku}-A`, 'main', 'count', 2, 7],
    [`${sku}-B`, 'main', 'count', 3, 3],
    [`${sku}-A`, 'annex', 'count', 4, 4],
  ])
})

it('rejects single lines with their reasons in file order and imports the rest', async () => {
  const sku = inventory.nextSku()
  await inventory.setStock({ [sku]: 5, [`${sku}-B`]: 5 })
  await inventory.deliver(anOrder({ [sku]: 4 }).placed())
  const lines = [`${sku},3`, `${sku}-B,6`, 'NOWHERE,1', `${sku}-B,7`, '-,-1', `${sku}-B,1,2`]
  const { body } = await inventory.importCsv(`sku,onHand\n${lines.join('\n')}\n`)
  expect(body).toMatchObject({
    updated: 1,
    rejectedCount: 5,
    rejected: [
      { line: 2, errors: [{ path: 'onHand', message: expect.stringContaining('4') as string }] },
      { line: 4, errors: [{ path: 'sku' }] },
      { line: 5, errors: [{ path: 'sku', message: expect.stringContaining('line 3') as string }] },
      { line: 6, errors: [{ path: 'sku' }, { path: 'onHand' }] },
      { line: 7, errors: [{ path: '' }] },
    ],
  })
  expect(await inventory.stock(`${sku}-B`)).toMatchObject({ onHand: 6 })
})

it('leaves out the empty columns at the end of a spreadsheet’s lines', async () => {
  const sku = await inventory.stocked(1)
  const { body } = await inventory.importCsv(`sku,onHand,,\n${sku},2,,\n${sku}-B,2,,x\n`)
  expect(body).toMatchObject({ updated: 1, rejected: [{ line: 3, errors: [{ path: '' }] }] })
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 2 })
})

it('takes no other article’s count for one whose SKU is none as it was sent', async () => {
  await inventory.setStock({ 'STRASSE-1': 5, 'KAPI-1': 5 })
  const { body } = await inventory.importCsv('sku,onHand\nSTRAßE-1,7\nKAPı-1,8\nA/../B,1\nstrasse-1,6\n')
  expect(body).toMatchObject({
    updated: 1,
    rejected: [2, 3, 4].map((line) => ({ line, errors: [{ path: 'sku' }] })),
  })
  expect(await inventory.stock('STRASSE-1')).toMatchObject({ onHand: 6 })
  expect(await inventory.stock('KAPI-1')).toMatchObject({ onHand: 5 })
  expect((await inventory.send('GET', `/v1/stock/${encodeURIComponent('STRAßE-1')}`)).status).toBe(404)
  const list = `/v1/stock?skus=${encodeURIComponent('STRAßE-1,KAPI-1')}`
  expect((await inventory.send('GET', list)).status).toBe(400)
})

it('rejects lines of an unknown location', async () => {
  const sku = await inventory.stocked(5)
  const { body } = await inventory.importCsv(
    `sku,onHand,location\n${sku},7,moon\n${sku},8,Ängelholm\n${sku},9,main\n`,
  )
  expect(body).toMatchObject({
    updated: 1,
    rejected: [
      { line: 2, errors: [{ path: 'location' }] },
      { line: 3, errors: [{ path: 'location' }] },
    ],
  })
})

it('streams files over the size of other bodies, a thousand rejections listed and all counted', async () => {
  const sku = inventory.nextSku()
  const skus = Array.from({ length: 3_000 }, (_, index) => `${sku}-${index}`)
  for (const each of skus) inventory.catalog.skus.add(each)
  const rows = skus.map((each) => `${each},7\nNOT-${each},${'0'.repeat(9)}1\n${each}${'x'.repeat(600)},1`)
  const csv = `sku,onHand\n${rows.join('\n')}\n`
  expect(Buffer.byteLength(csv)).toBeGreaterThan(1_048_576)
  const { status, body } = await inventory.importCsv(csv)
  expect([status, body['created'], body['rejectedCount']]).toEqual([200, 3_000, 6_000])
  expect(body['rejected']).toHaveLength(1_000)
  expect(await inventory.stock(skus.at(-1) ?? '')).toMatchObject({ onHand: 7 })
})

it('rejects a second count also in a long file, of which nothing is kept', async () => {
  const sku = await inventory.stocked(1)
  const { body } = await inventory.importCsv(`sku,onHand\n${sku},2\n${'-,1\n'.repeat(600)}${sku},3\n`)
  expect(body).toMatchObject({ updated: 1, rejectedCount: 601 })
  expect(body['rejected']).toContainEqual({
    line: 603,
    errors: [{ path: 'sku', message: 'is counted on line 2 already' }],
  })
  expect(await inventory.stock(sku)).toMatchObject({ onHand: 2 })
  expect(await inventory.db.selectFrom('stocktake_lines').selectAll().execute()).toEqual([])
})

it('counts each line once when a file is imported again while it still runs', async () => {
  const sku = inventory.nextSku()
  const skus = Array.from({ length: 700 }, (_, index) => `${sku}-${index}`)
  for (const each of skus) inventory.catalog.skus.add(each)
  const csv = `\uFEFFsku,onHand\r\n${skus.map((each) => `${each},7\r\n`).join('')}NOWHERE,1\r\n`
  const reports = await Promise.all([csv, csv, csv].map((file) => inventory.importCsv(file)))
  const totals = { created: 0, unchanged: 0 }
  for (const { body } of reports) {
    expect(body).toMatchObject({ updated: 0, rejected: [{ line: 702, errors: [{ path: 'sku' }] }] })
    totals.created += body['created'] as number
    totals.unchanged += body['unchanged'] as number
  }
  expect(totals).toEqual({ created: 700, unchanged: 1_400 })
  const counts = (await inventory.emitted(StockAdjusted)).filter(({ data }) => data.sku.startsWith(`${sku}-`))
  expect(counts).toHaveLength(700)
})

it.each([
  ['', 'header'],
  ['sku\nA', 'onHand'],
  ['sku,onHand,colour\nA,1,red', 'colour'],
])('refuses an import that begins with %j', async (csv, path) => {
  expect(await inventory.importCsv(csv)).toMatchObject({ status: 400, body: { errors: [{ path }] } })
})

it.each([
  { 'content-type': 'application/json' },
  { 'content-type': 'text/plain' },
  { 'content-type': 'text/csv; charset=utf-16' },
  { 'content-encoding': 'gzip' },
])('answers 415 to an import with the headers %j', async (headers) => {
  expect((await inventory.importCsv('sku,onHand\n', headers)).status).toBe(415)
})

it('imports known SKUs and rejects unknown ones while the catalog is down', async () => {
  const sku = await inventory.stocked(5)
  inventory.catalog.skus.add(`${sku}-NEW`)
  inventory.catalog.setMode('silent')
  const csv = `sku,onHand\n${sku},6\n${sku}-NEW,7\n`
  expect((await inventory.importCsv(csv)).body).toMatchObject({
    updated: 1,
    rejected: [{ line: 3, errors: [{ path: 'sku', message: expect.stringContaining('later') as string }] }],
  })
})
