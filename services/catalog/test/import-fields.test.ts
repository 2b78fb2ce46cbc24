import { ProductChanged } from '@storewright/contracts'
import { beforeAll, describe, expect, it } from 'vitest'
import { counts, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const read = async (slug: string) => (await catalog.get(`/v1/products/${slug}`, 'staff')).body
const exported = async (format: 'csv' | 'ndjson') =>
  (await catalog.get(`/v1/products/export?format=${format}`, 'staff')).text

const shirt = {
  options: [
    { name: 'Colour', values: ['blue', 'green'] },
    { name: 'Größe', values: ['S', 'M'] },
  ],
  media: [{ url: 'https://example.com/1.jpg', alt: 'Front, "blue"' }],
  seo: { title: 'Shirt', description: "It's a shirt" },
  metadata: { erp: { id: 4711, tags: ['a', '=b'] }, on: true },
}
const variants = [
  { sku: 'SHIRT-BS', prices: [gbp(100)], options: { Colour: 'blue', Größe: 'S' } },
  { sku: 'SHIRT-GM', prices: [gbp(100)], options: { Colour: 'green', Größe: 'M' } },
]

describe('options, media, SEO fields and metadata', () => {
  beforeAll(async () => {
    const made = await catalog.importNdjson([{ name: 'Shirt', status: 'published', ...shirt, variants }])
    expect(counts(made), made.text).toEqual([1, 0, 0, 0])
  })

  it('are in an export, as JSON in CSV, and change nothing when it is imported', async () => {
    const [csv, ndjson] = [await exported('csv'), await exported('ndjson')]
    expect(csv.split('\n')[0]).toContain('options,media,seo,metadata,variant.options')
    expect(ndjson).toContain(JSON.stringify(shirt.options))
    expect(counts(await catalog.importCsv(csv))).toEqual([0, 0, 2, 0])
    expect(counts(await catalog.importCsv(ndjson, 'application/x-ndjson'))).toEqual([0, 0, 1, 0])
    expect([await exported('csv'), await exported('ndjson')]).toEqual([csv, ndjson])
  })

  it('come back from a file after they were changed', async () => {
    const [csv, ndjson] = [await exported('csv'), await exported('ndjson')]
    const { id } = await read('shirt')
    for (const [file, type] of [
      [csv, 'text/csv'],
      [ndjson, 'application/x-ndjson'],
    ] as const) {
      const body = { options: [], media: [], seo: {}, metadata: {} }
      const changed = await catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body })
      expect(changed.body).toMatchObject({ ...body, variants: [{ options: {} }, { options: {} }] })
      expect((await catalog.importCsv(file, type)).body).toMatchObject({ rejectedCount: 0 })
      expect(await exported('csv')).toBe(csv)
    }
  })

  it('weigh their variants: set, kept where a file has none, exported, and cleared', async () => {
    const weights = async () =>
      (await catalog.get('/v1/products/shirt')).body.variants.map(({ weightGrams }) => weightGrams)
    const columns = 'sku,weightGrams,clear\n'
    expect((await catalog.importCsv(`${columns}SHIRT-BS,220,\nSHIRT-GM,-1,\n`)).body).toMatchObject({
      rejected: [{ errors: [{ path: 'weightGrams' }] }],
    })
    expect(await weights()).toEqual([220, undefined])
    const csv = await exported('csv')
    expect(counts(await catalog.importCsv(csv))).toEqual([0, 0, 2, 0])
    await catalog.send('PATCH', '/v1/variants/SHIRT-GM', { as: 'staff', body: { weightGrams: 240 } })
    const [last] = (await catalog.emitted(ProductChanged)).slice(-1)
    expect(last?.data.variants.map(({ weightGrams }) => weightGrams)).toEqual([220, 240])
    await catalog.importCsv(`${columns}SHIRT-BS,,weightGrams\n`)
    await catalog.send('PATCH', '/v1/variants/SHIRT-GM', { as: 'staff', body: { weightGrams: null } })
    expect(await weights()).toEqual([undefined, undefined])
  })

  it('are set for all variants of a product together', async () => {
    const quoted = (value: unknown) => `"${JSON.stringify(value).replaceAll('"', '""')}"`
    const options = [{ name: 'Fit', values: ['slim', 'wide'] }]
    const rows = ['slim', 'wide'].map(
      (fit, at) => `${variants[at]!.sku},shirt,${quoted(options)},${quoted({ fit })}\n`,
    )
    const answer = await catalog.importCsv(`sku,product,options,variant.options\n${rows.join('')}`)
    expect(answer.body).toMatchObject({ rejectedCount: 0 })
    expect(await read('shirt')).toMatchObject({
      options,
      variants: [{ options: { Fit: 'slim' } }, { options: { Fit: 'wide' } }],
    })
  })

  it('that make no sense are errors of their columns', async () => {
    const answer = await catalog.importCsv(
      'sku,options,seo,metadata,variant.options\n' +
        'SHIRT-BS,{},,,\nSHIRT-BS,,"{""titel"":""x""}",,\nSHIRT-BS,,,[1],\nSHIRT-BS,,,,"{""Fit"":""none""}"\n',
    )
    const paths = answer.body.rejected.map(({ errors }) => errors[0]?.path)
    expect(paths).toEqual(['options', 'seo.titel', 'metadata', 'variant.options.Fit'])
  })
})

it('attributes of a type are that type in a file', async () => {
  const category = await catalog.send('POST', '/v1/categories', { as: 'staff', body: { name: 'Mugs' } })
  await catalog.send('PUT', `/v1/categories/${category.body.id}/attributes`, {
    as: 'staff',
    body: {
      items: [
        { name: 'Volume', type: 'number', unit: 'ml' },
        { name: 'Dishwasher', type: 'boolean' },
        { name: 'For', type: 'multi-choice', values: ['tea', 'coffee'] },
      ],
    },
    headers: { 'if-match': `"${category.body.version}"` },
  })
  const header = 'sku,name,price,currency,category,attributes.volume,attributes.dishwasher,attributes.for\n'
  const made = await catalog.importCsv(
    `${header}MUG,Mug,1,GBP,Mugs,300,true,"[""tea"",""coffee""]"\nBAD,Bad,1,GBP,Mugs,much,true,tea\n`,
  )
  expect(counts(made)).toEqual([1, 0, 0, 1])
  expect(made.body.rejected).toMatchObject([{ line: 3, errors: [{ path: 'attributes.volume' }] }])
  expect(await read('mug')).toMatchObject({
    attributes: { volume: 300, dishwasher: true, for: ['tea', 'coffee'] },
  })
  const csv = await exported('csv')
  expect(counts(await catalog.importCsv(csv)).slice(0, 2)).toEqual([0, 0])
  expect(await exported('csv')).toBe(csv)
  const twice = await catalog.importCsv('sku,attributes.Volume,attributes. VOLUME\nMUG,1,2\n')
  expect(twice.body.errors).toMatchObject([{ message: 'stands twice in the header' }])
})

describe('what a file empties', () => {
  const pan = {
    name: 'Pan',
    status: 'published',
    description: 'Heavy',
    categories: ['Pans > Iron'],
    attributes: { Colour: 'black' },
    media: [{ url: 'https://example.com/pan.jpg' }],
    seo: { title: 'A pan' },
    variants: [
      {
        sku: 'PAN',
        name: 'Pan',
        attributes: { Size: 'L' },
        prices: [
          { ...gbp(900), compareAtPrice: gbp(1000) },
          { amount: 800, currency: 'EUR' },
        ],
      },
    ],
  }
  const emptied = {
    description: '',
    categoryIds: [],
    attributes: {},
    media: [],
    seo: {},
    variants: [{ sku: 'PAN', attributes: {}, prices: [{ amount: 900, compareAtPrice: null }] }],
  }

  it('is named by the column clear in CSV; an empty cell leaves what is there', async () => {
    expect(counts(await catalog.importNdjson([pan]))).toEqual([1, 0, 0, 0])
    const blank =
      'sku,description,category,attributes.colour,price.EUR,compareAtPrice,seo,clear\nPAN,,,,,,,\n'
    expect(counts(await catalog.importCsv(blank))).toEqual([0, 0, 1, 0])
    const names =
      'description; category; attributes.colour; attributes.SIZE; media; seo, price.EUR, compareAtPrice'
    const file = `sku,clear\nPAN,"${names}"\n`
    expect(counts(await catalog.importCsv(file))).toEqual([0, 1, 0, 0])
    expect(await read('pan')).toMatchObject(emptied)
    expect(counts(await catalog.importCsv(file))).toEqual([0, 0, 1, 0])
    const csv = await exported('csv')
    expect(csv).not.toContain('clear')
    expect(counts(await catalog.importCsv(csv)).slice(0, 2)).toEqual([0, 0])
    expect(await exported('csv')).toBe(csv)
  })

  it('is null in NDJSON', async () => {
    expect(counts(await catalog.importNdjson([pan]))).toEqual([0, 1, 0, 0])
    const nulls = { description: null, categories: null, attributes: null, media: null, seo: null }
    const variant = { sku: 'PAN', attributes: null, compareAtPrice: null }
    const line = { ...nulls, variants: [{ ...variant, price: gbp(900) }] }
    expect(
      counts(await catalog.importNdjson([{ ...line, variants: [{ ...variant, prices: [gbp(900)] }] }])),
    ).toEqual([0, 1, 0, 0])
    expect(await read('pan')).toMatchObject(emptied)
    expect(counts(await catalog.importNdjson([line, { variants: [variant] }]))).toEqual([0, 0, 1, 1])
    const dear = { sku: 'PAN', price: gbp(900), compareAtPrice: gbp(1000) }
    expect(counts(await catalog.importNdjson([{ variants: [dear] }]))).toEqual([0, 1, 0, 0])
    expect(counts(await catalog.importNdjson([{ variants: [variant] }]))).toEqual([0, 1, 0, 0])
    expect(await read('pan')).toMatchObject(emptied)
  })

  it('must be a column that can be empty and is not stated beside it', async () => {
    const rows = ['A,,sku', 'A,,colour', 'A,x,description', 'PAN,,price.GBP', 'A,,description']
    const answer = await catalog.importCsv(`sku,description,clear\n${rows.map((row) => `${row}\n`).join('')}`)
    expect(answer.body.rejected.map(({ errors }) => errors.map(({ path }) => path))).toEqual([
      ['clear'],
      ['clear'],
      ['description'],
      ['price'],
      ['price', 'name'],
    ])
  })
})
