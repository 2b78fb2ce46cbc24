import { request as httpRequest } from 'node:http'
import { CategoryChanged, PriceChanged, ProductChanged } from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { describe, expect, it } from 'vitest'
import { counts, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const product = async (slug: string, as?: 'staff') => (await catalog.get(`/v1/products/${slug}`, as)).body
const productEvents = async () => (await catalog.emitted(ProductChanged)).length

describe('a CSV import', () => {
  const file = [
    '\ufeffname,price,sku,currency,category,attributes.colour,image,status,description',
    '"Mug, ""large""",12.99,imp-1,GBP,Home > Kitchen,blue,https://example.com/1.jpg,,"Holds',
    'tea £ for two"',
    'Pot,5,IMP-2,GBP,home > KITCHEN,,,draft,',
    'Yen pot,500,IMP-3,JPY,,,,,',
  ].join('\r\n')

  it('creates products, categories and prices, and emits their events', async () => {
    const answer = await catalog.importCsv(file)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.body).toEqual({ created: 3, updated: 0, unchanged: 0, rejected: [], rejectedCount: 0 })
    const mug = await product('mug-large')
    expect(mug).toMatchObject({
      name: 'Mug, "large"',
      description: 'Holds\ntea £ for two',
      status: 'published',
      attributes: { colour: 'blue' },
      media: [{ url: 'https://example.com/1.jpg' }],
      variants: [{ sku: 'IMP-1', name: 'Mug, "large"', price: gbp(1299) }],
    })
    expect(await product('pot', 'staff')).toMatchObject({ status: 'draft', categoryIds: mug.categoryIds })
    expect(await product('yen-pot')).toMatchObject({
      price: null,
      prices: [{ amount: 500, currency: 'JPY' }],
    })
    const category = (await catalog.get('/v1/categories/kitchen')).body
    expect(category).toMatchObject({
      id: mug.categoryIds[0],
      productCount: 1,
      path: [{ name: 'Home' }, {}],
    })
    expect(await catalog.emitted(CategoryChanged)).toHaveLength(2)
    expect(await productEvents()).toBe(3)
    const causes = (await catalog.emitted(ProductChanged)).map(({ correlationId }) => correlationId)
    expect(new Set(causes)).toEqual(new Set([answer.headers['x-request-id']]))
    expect(await catalog.emitted(PriceChanged)).toHaveLength(3)
  })

  it('changes and emits nothing when it is repeated', async () => {
    expect(counts(await catalog.importCsv(file))).toEqual([0, 0, 3, 0])
    expect(await productEvents()).toBe(0)
    expect(await product('mug-large')).toMatchObject({ version: 1 })
  })

  it('changes what its cells state and keeps what empty cells and missing columns do not', async () => {
    const answer = await catalog.importCsv('sku,price,name,category\nIMP-1,9.50,,\nIMP-2,5.00,,\n')
    expect(counts(answer)).toEqual([0, 1, 1, 0])
    expect(await product('mug-large')).toMatchObject({
      name: 'Mug, "large"',
      description: 'Holds\ntea £ for two',
      price: gbp(950),
      variants: [{ lowestPrice30Days: gbp(1299) }],
      version: 2,
    })
    expect(await productEvents()).toBe(1)
    const { body } = await catalog.get('/v1/variants/IMP-1/price-history', 'staff')
    expect(body.items[0]).toMatchObject({ price: gbp(950), reason: 'import' })
  })

  it('groups rows with one handle into one product, also across files', async () => {
    const rows = 'product,sku,name,price,currency,attributes.size,description\n'
    const first = await catalog.importCsv(
      `${rows}shirt,SH-S,"Shirt, S",10,GBP,S,First\nshirt,SH-M,"Shirt, M",11,GBP,M,Second\n,ALONE,Alone,1,GBP,,\n`,
    )
    expect(counts(first)).toEqual([3, 0, 0, 0])
    expect(counts(await catalog.importCsv(`${rows}shirt,SH-L,"Shirt, L",12,GBP,L,`))).toEqual([1, 0, 0, 0])
    const shirt = await product('shirt')
    expect(shirt).toMatchObject({
      name: 'Shirt, S',
      description: 'First',
      price: gbp(1000),
      attributes: {},
      variants: [
        { sku: 'SH-S', attributes: { size: 'S' } },
        { sku: 'SH-M', attributes: { size: 'M' } },
        { sku: 'SH-L', attributes: { size: 'L' } },
      ],
    })
    await catalog.clearOutbox()
    const repeated = `${rows}shirt,SH-S,"Shirt, S",10,GBP,S,First\nshirt,SH-M,"Shirt, M",11,GBP,M,Second\n`
    expect(counts(await catalog.importCsv(repeated))).toEqual([0, 0, 2, 0])
    expect(await productEvents()).toBe(0)
    const stolen = await catalog.importCsv(`${rows}shirt,ALONE,Alone,1,GBP,,\nshirt,SH-E,Euro,1,EUR,,`)
    expect(stolen.body).toMatchObject({ created: 1, rejected: [{ line: 2, errors: [{ path: 'product' }] }] })
  })

  it('accepts a file of more than a mebibyte', async () => {
    const long = 'x'.repeat(10_000)
    const rows = Array.from({ length: 150 }, (_, index) => `BIG-${index},Big,1,GBP,${long}`)
    const answer = await catalog.importCsv(`sku,name,price,currency,description\n${rows.join('\n')}`)
    expect(counts(answer)).toEqual([150, 0, 0, 0])
  })

  it('keeps what arrived before an interruption and continues when it is sent again', async () => {
    const rows = Array.from({ length: 1_000 }, (_, index) => `CUT-${index},Cut ${index},1,GBP\n`)
    const url = await catalog.listen()
    const upload = httpRequest(`${url}/v1/products/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${catalog.tokens.staff}`, 'content-type': 'text/csv' },
    })
    upload.on('error', () => undefined)
    upload.write(`sku,name,price,currency\n${rows.slice(0, 700).join('')}`)
    const taken = () =>
      catalog.db.selectFrom('variants').select('sku').where('sku', 'like', 'CUT-%').execute()
    await eventually(async () => (await taken()).length >= 500)
    upload.destroy()
    await eventually(
      async () => (await catalog.db.selectFrom('import_rows').select('sku').execute()).length === 0,
    )
    const kept = (await taken()).length
    expect(kept).toBeGreaterThanOrEqual(500)
    const again = await catalog.importCsv(`sku,name,price,currency\n${rows.join('')}`)
    expect(counts(again)).toEqual([1_000 - kept, 0, kept, 0])
  })

  it('restores a deleted product under its old id', async () => {
    await catalog.importCsv('sku,name,price,currency\nBACK-1,Back,1,GBP\n')
    const { id } = await product('back')
    await catalog.send('DELETE', `/v1/products/${id}`, { as: 'staff' })
    expect(counts(await catalog.importCsv('sku,name,price,currency\nBACK-1,Back again,2,GBP\n'))).toEqual([
      1, 0, 0, 0,
    ])
    expect(await product('back-again')).toMatchObject({ id, status: 'published', price: gbp(200) })
  })
})

describe('an NDJSON import', () => {
  const variants = [
    { sku: 'nd-1', name: 'Lamp, small', price: gbp(2000) },
    { sku: 'ND-2', name: 'Lamp, large', price: gbp(3000), attributes: { size: 'L' } },
  ]
  const lamp = {
    name: 'Lamp',
    slug: 'lamp',
    description: 'Shines',
    attributes: { a: 'b' },
    category: 'Light',
    variants,
  }

  it('accepts products as they are posted, without effect the second time', async () => {
    expect(counts(await catalog.importNdjson([lamp]))).toEqual([1, 0, 0, 0])
    expect(await product('lamp')).toMatchObject({
      name: 'Lamp',
      status: 'published',
      attributes: { a: 'b' },
      price: gbp(2000),
      variants: [{ sku: 'ND-1' }, { sku: 'ND-2', attributes: { size: 'L' } }],
    })
    expect(counts(await catalog.importNdjson([lamp]))).toEqual([0, 0, 1, 0])
    expect(await productEvents()).toBe(1)
    const changed = await catalog.importNdjson([
      { slug: 'lamp', description: 'Glows', variants: [variants[0]] },
    ])
    expect(counts(changed)).toEqual([0, 1, 0, 0])
    expect((await product('lamp')).variants).toHaveLength(2)
  })
})

describe('concurrent imports', () => {
  it('of one file create everything once, and none fails', async () => {
    const rows = Array.from(
      { length: 700 },
      (_, index) =>
        `PAR-${index},Par ${index % 90},1.${10 + (index % 90)},GBP,Par > Group ${index % 30},h${index % 200}`,
    )
    const file = `sku,name,price,currency,category,product\n${rows.join('\n')}`
    const answers = await Promise.all([
      catalog.importCsv(file),
      catalog.importCsv(file),
      catalog.importCsv(file),
    ])
    for (const answer of answers) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.body.rejectedCount).toBe(0)
    }
    const sum = (index: number) => answers.reduce((total, answer) => total + (counts(answer)[index] ?? 0), 0)
    expect([sum(0), sum(2)]).toEqual([700, 1_400])
    const { items } = (await catalog.get('/v1/categories')).body
    expect(items.find((item) => item.name === 'Par')).toMatchObject({ productCount: 200 })
    expect(items.find((item) => item.name === 'Par')?.children).toHaveLength(30)
    const prices = await catalog.emitted(PriceChanged)
    expect(prices).toHaveLength(700)
  })
})

describe('an export', () => {
  it('is a file that an import takes without changing anything', async () => {
    const answer = await catalog.get('/v1/products/export', 'staff')
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
    const lines = answer.text.split('\n')
    expect(lines[0]).toContain(
      'sku,product,name,description,category,price,currency,status,image,attributes.',
    )
    expect(answer.text).toContain(
      'IMP-1,,"Mug, ""large""","Holds\ntea £ for two",Home > Kitchen,9.50,GBP,published',
    )
    await catalog.clearOutbox()
    const again = await catalog.importCsv(answer.text)
    expect(again.body).toMatchObject({ created: 0, updated: 0, rejected: [] })
    expect(again.body.unchanged).toBeGreaterThan(1_000)
    expect(await productEvents()).toBe(0)
  })
})
