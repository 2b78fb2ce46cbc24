import { request as httpRequest } from 'node:http'
import { json } from 'node:stream/consumers'
import { ProductChanged } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { counts, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const HEADER = 'sku,name,price,currency,category,product\n'
const send = (
  body: string,
  { key, dryRun = false, type = 'text/csv' }: { key?: string; dryRun?: boolean; type?: string } = {},
) =>
  catalog.send('POST', `/v1/products/import${dryRun ? '?dryRun=true' : ''}`, {
    as: 'staff',
    headers: { 'content-type': type, ...(key ? { 'idempotency-key': key } : {}) },
    body,
  })
let url: string | undefined
/** Begins an upload over a socket; `report` is its answer. */
const beginUpload = async (id: string, body: string) => {
  url ??= await catalog.listen()
  const upload = httpRequest(`${url}/v1/products/import`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${catalog.tokens.staff}`,
      'content-type': 'text/csv',
      'idempotency-key': id,
    },
  })
  upload.on('error', () => undefined)
  const report = new Promise<object>((resolve) =>
    upload.on('response', (response) => void json(response).then((body) => resolve(body as object))),
  )
  upload.write(body)
  return { upload, report }
}
const follow = async (id: string) => (await catalog.get(`/v1/product-imports/${id}`, 'staff')).body as object

describe('a dry run', () => {
  it('reports what would happen and changes nothing', async () => {
    const rows = Array.from(
      { length: 600 },
      (_, at) => `DRY-${at},Dry ${at},1,GBP,Dry > Group ${at % 3},\n`,
    ).join('')
    const file = `${HEADER}${rows}!,Bad,1,GBP,,\nDRY-0,Again,1,GBP,,\n`
    const dry = await send(file, { dryRun: true })
    expect(dry.body).toMatchObject({ created: 600, updated: 0, unchanged: 0, rejectedCount: 2 })
    expect(dry.body.rejected).toMatchObject([{ line: 602 }, { line: 603, errors: [{ path: 'sku' }] }])
    expect((await catalog.get('/v1/products/dry-0', 'staff')).status).toBe(404)
    expect((await catalog.get('/v1/categories/dry')).status).toBe(404)
    expect(await catalog.emitted(ProductChanged)).toEqual([])
    for (const table of ['import_rows', 'products', 'variants', 'price_history', 'stock_statuses'] as const)
      expect(await catalog.db.selectFrom(table).selectAll().execute(), table).toEqual([])
    expect((await send(file)).body).toEqual(dry.body)
    expect((await send(file, { dryRun: true })).body).toMatchObject({ created: 0, unchanged: 600 })
  })

  it('sees the variants of a product together, also where a batch would end between them', async () => {
    const rows = Array.from({ length: 240 }, (_, at) => `SIZE-${at},Size ${at},1,GBP,,\n`).join('')
    const shirt = Array.from({ length: 101 }, (_, at) => `SHIRT-${at},Shirt ${at},1,GBP,,shirt\n`).join('')
    const dry = await send(HEADER + rows + shirt, { dryRun: true })
    expect(counts(dry)).toEqual([340, 0, 0, 1])
    expect((await send(HEADER + rows + shirt)).body).toEqual(dry.body)
  })
})

describe('an import with an Idempotency-Key', () => {
  it('is followed while it runs, refused meanwhile, and answered the same when it is repeated', async () => {
    const id = crypto.randomUUID()
    const rows = Array.from({ length: 700 }, (_, at) => `RUN-${at},Run ${at},1,GBP,,\n`)
    const { upload, report: answered } = await beginUpload(id, HEADER + rows.slice(0, 600).join(''))
    await eventually(async () => (await catalog.get(`/v1/product-imports/${id}`, 'staff')).status === 200)
    const repeated = await send(HEADER + rows.join(''), { key: id })
    expect(repeated).toMatchObject({ status: 409, headers: { 'retry-after': '5' } })
    expect(repeated.text).toContain(`/v1/product-imports/${id}`)
    expect(await follow(id)).toMatchObject({ id, state: 'running', dryRun: false, problem: null })
    upload.end(rows.slice(600).join(''))
    const report = await answered
    expect(report).toMatchObject({ created: 700, rejectedCount: 0 })
    expect(await follow(id)).toMatchObject({ state: 'finished', records: 700, report })
    const again = await send(HEADER, { key: id })
    expect(again.body).toEqual(report)
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      location: `/v1/product-imports/${id}`,
    })
    expect((await send(HEADER, { key: id, dryRun: true })).status).toBe(422)
  })

  it('that failed shows why and what stays, and may be sent again', async () => {
    const id = crypto.randomUUID()
    expect((await send('colour\nblue\n', { key: id })).status).toBe(400)
    expect(await follow(id)).toMatchObject({
      state: 'failed',
      problem: 'The header of the file does not fit.',
    })
    const rows = Array.from({ length: 300 }, (_, at) => `CUT-${at},Cut,1,GBP,,\n`)
    const { upload } = await beginUpload(id, HEADER + rows.join(''))
    const kept = () => catalog.db.selectFrom('variants').select('sku').where('sku', 'like', 'CUT-%').execute()
    await eventually(async () => (await kept()).length === 250)
    upload.destroy()
    await eventually(async () => ((await follow(id)) as { state: string }).state === 'failed')
    expect(await follow(id)).toMatchObject({
      problem: 'The upload was interrupted.',
      records: 250,
      report: { created: 250 },
    })
    expect((await send(`${HEADER}CUT-0,Cut,1,GBP,,\n`, { key: id })).body).toMatchObject({ unchanged: 1 })
    expect(await follow(id)).toMatchObject({ state: 'finished', problem: null })
  })

  it('needs no UUID for one, and belongs to who sent it', async () => {
    const first = await send(`${HEADER}KEY-1,Key,1,GBP,,\n`, { key: 'my key' })
    expect(first.body).toMatchObject({ created: 1 })
    expect((await send(`${HEADER}KEY-1,Key,1,GBP,,\n`, { key: 'my key' })).body).toMatchObject({ created: 1 })
    const location = String(first.headers['location'])
    expect((await catalog.get(location, 'staff')).body).toMatchObject({ state: 'finished' })
    expect((await catalog.get(location, 'customer')).status).toBe(403)
    expect((await catalog.get(location)).status).toBe(401)
    expect((await catalog.get(`/v1/product-imports/${crypto.randomUUID()}`, 'staff')).status).toBe(404)
    expect((await catalog.get('/v1/product-imports/nothing', 'staff')).status).toBe(404)
  })
})

describe('an export', () => {
  it('is NDJSON where it is asked for, and imports to the same', async () => {
    const made = await catalog.importNdjson([
      {
        product: 'lamp',
        name: 'Lamp',
        description: ' Shines\r\n',
        attributes: { constructor: 'x' },
        media: [{ url: 'https://example.com/1.jpg', alt: 'One' }, { url: 'https://example.com/2.jpg' }],
        categories: ['Light > Lamps', 'Sale'],
        variants: [
          {
            sku: 'LAMP-S',
            name: 'Small',
            prices: [gbp(100), { amount: 5, currency: 'EUR' }],
            attributes: { size: 'S' },
          },
          { sku: 'LAMP-L', name: 'Large', price: gbp(200) },
        ],
      },
      { name: 'Idea', slug: 'idea', status: 'draft', variants: [] },
    ])
    expect(counts(made)).toEqual([2, 0, 0, 0])
    const read = async (headers: Record<string, string>, query = '') =>
      (await catalog.send('GET', `/v1/products/export${query}`, { as: 'staff', headers })).text
    const lines = await read({ accept: 'application/x-ndjson' })
    expect(await read({}, '?format=ndjson')).toBe(lines)
    expect(lines).toContain('"categories":["Light > Lamps","Sale"]')
    expect(lines).toContain('"slug":"idea"')
    const again = await send(lines, { type: 'application/x-ndjson' })
    expect(again.body).toMatchObject({ created: 0, updated: 0, rejectedCount: 0 })
    expect(await read({}, '?format=ndjson')).toBe(lines)

    const csv = await read({})
    expect(csv).toContain('"Light > Lamps\nSale"')
    await catalog.send('PATCH', `/v1/products/${(await catalog.get('/v1/products/lamp')).body.id}`, {
      as: 'staff',
      body: { media: [], categoryIds: [], description: 'changed' },
    })
    expect(counts(await catalog.importCsv(csv))[1]).toBe(1)
    const shown = (text: string) => text.replaceAll(/"version":\d+/g, '')
    expect(shown(await read({}, '?format=ndjson'))).toBe(shown(lines))
    expect((await catalog.get('/v1/products/export?format=xml', 'staff')).status).toBe(400)
  })
})
