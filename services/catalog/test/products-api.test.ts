import { ProductChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { anId, gbp, useCatalog } from './harness.ts'

const catalog = useCatalog()

const edit = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  catalog.send('PATCH', url, { as: 'staff', body, headers })
const act = (url: string, headers: Record<string, string> = {}) =>
  catalog.send('POST', url, { as: 'staff', headers })
const remove = (url: string, headers: Record<string, string> = {}) =>
  catalog.send('DELETE', url, { as: 'staff', headers })
const states = async (id: string) =>
  (await catalog.emitted(ProductChanged)).filter(({ subject }) => subject === id).map(({ data }) => data)

describe('a product', () => {
  it('is a draft until published, and gone from the public once archived', async () => {
    const sku = catalog.nextSku()
    const made = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: {
        name: ' Mug ',
        description: 'Holds tea.',
        attributes: { colour: 'blue' },
        media: [{ url: 'https://example.com/mug.jpg' }],
        variants: [
          { sku: ` ${sku.toLowerCase()} `, name: 'Mug, blue', price: gbp(1299), attributes: { size: 'L' } },
        ],
      },
    })
    expect(made.status, made.text).toBe(201)
    expect(made.headers).toMatchObject({ location: `/v1/products/${made.body.id}`, etag: '"1"' })
    expect(made.body).toMatchObject({
      name: 'Mug',
      slug: 'mug',
      status: 'draft',
      version: 1,
      description: 'Holds tea.',
      attributes: { colour: 'blue' },
      media: [{ url: 'https://example.com/mug.jpg', alt: '' }],
      price: gbp(1299),
      stockStatus: 'out_of_stock',
      publishedAt: null,
      variants: [
        { sku, name: 'Mug, blue', price: gbp(1299), lowestPrice30Days: gbp(1299), attributes: { size: 'L' } },
      ],
    })
    const { id } = made.body
    expect((await catalog.get(`/v1/products/${id}`)).status).toBe(404)
    expect((await catalog.get('/v1/products/mug', 'customer')).status).toBe(404)
    expect((await catalog.get('/v1/products/mug', 'staff')).body).toEqual(made.body)

    const published = await act(`/v1/products/${id}/publish`)
    expect(published.body).toMatchObject({ status: 'published', version: 2 })
    expect((await catalog.get('/v1/products/mug')).body).toEqual(published.body)
    expect((await catalog.get('/v1/products')).body.items[0]).toMatchObject({ id, price: gbp(1299) })

    await act(`/v1/products/${id}/archive`)
    expect((await catalog.get('/v1/products/mug')).status).toBe(404)
    expect((await catalog.get('/v1/products')).body.items).toEqual([])
    expect((await states(id)).map(({ status }) => status)).toEqual(['draft', 'published', 'archived'])
  })

  it('keeps what a patch does not name and emits its whole state once per change', async () => {
    const { id, slug, version } = await catalog.makeProduct({ description: 'Old', attributes: { a: '1' } })
    await catalog.clearOutbox()
    const changed = await edit(`/v1/products/${id}`, { name: 'New name' })
    expect(changed.body).toMatchObject({ name: 'New name', slug, description: 'Old', attributes: { a: '1' } })
    expect(changed.body.version).toBe(version + 1)
    expect(await states(id)).toMatchObject([{ productId: id, name: 'New name', status: 'published', slug }])

    const again = await edit(`/v1/products/${id}`, { name: 'New name' })
    expect(again.body).toEqual(changed.body)
    expect(await states(id)).toHaveLength(1)
  })

  it('refuses a change with If-Match of an older version', async () => {
    const { id } = await catalog.makeProduct()
    const stale = { 'if-match': '"1"' }
    for (const answer of [
      await edit(`/v1/products/${id}`, { name: 'x' }, stale),
      await act(`/v1/products/${id}/archive`, stale),
      await remove(`/v1/products/${id}`, stale),
    ])
      expect(answer.status).toBe(412)
    expect((await edit(`/v1/products/${id}`, { name: 'x' }, { 'if-match': '"2"' })).status).toBe(200)
  })

  it('has a unique slug, chosen by the client or made from its name', async () => {
    const first = await catalog.makeProduct({ name: 'Tea pot' })
    const second = await catalog.makeProduct({ name: 'Tea Pot!' })
    expect(first.slug).toBe('tea-pot')
    expect(second.slug).toMatch(/^tea-pot-sku-\d+$/)
    const taken = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: { name: 'x', slug: 'tea-pot' },
    })
    expect(taken.status).toBe(409)
    expect(taken.body).toMatchObject({
      type: 'urn:storewright:problem:slug-taken',
      errors: [{ path: 'slug' }],
    })
    expect((await edit(`/v1/products/${second.id}`, { slug: 'tea-pot' })).status).toBe(409)
    expect((await edit(`/v1/products/${first.id}`, { slug: 'tea-pot' })).status).toBe(200)
    expect((await edit(`/v1/products/${first.id}`, { slug: 'export' })).status).toBe(422)
  })

  it('is found by its former slugs until another product takes them, and only by who may see it', async () => {
    const { id } = await catalog.makeProduct({ name: 'Straße nach Łódź, Ø 12' })
    await edit(`/v1/products/${id}`, { slug: 'road-to-lodz' })
    const moved = await catalog.get('/v1/products/strasse-nach-lodz-o-12?currency=GBP')
    expect([moved.status, moved.headers['location']]).toEqual([308, '/v1/products/road-to-lodz?currency=GBP'])
    await act(`/v1/products/${id}/archive`)
    expect((await catalog.get('/v1/products/strasse-nach-lodz-o-12')).status).toBe(404)
    expect((await catalog.get('/v1/products/strasse-nach-lodz-o-12', 'staff')).status).toBe(308)
    const taker = await catalog.makeProduct({ name: 'x', slug: 'strasse-nach-lodz-o-12' })
    expect((await catalog.get('/v1/products/strasse-nach-lodz-o-12')).body.id).toBe(taker.id)
  })

  it('returns 404 once deleted, frees its slug and keeps its SKUs for ever', async () => {
    const product = await catalog.makeProduct({ name: 'Gone' })
    const [{ sku }] = product.variants
    await catalog.clearOutbox()
    expect((await remove(`/v1/products/${product.id}`)).status).toBe(204)
    expect(await states(product.id)).toMatchObject([{ status: 'deleted', variants: [] }])
    for (const url of [`/v1/products/${product.id}`, '/v1/products/gone', `/v1/products/${product.id}`])
      expect((await catalog.get(url, 'staff')).status).toBe(404)
    expect((await remove(`/v1/products/${product.id}`)).status).toBe(404)
    expect((await catalog.setPrice(sku, 1)).status).toBe(404)
    expect((await catalog.makeProduct({ name: 'Gone' })).slug).toBe('gone')

    const again = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: { name: 'Other', variants: [{ sku, price: gbp(1) }] },
    })
    expect(again.status).toBe(409)
    expect(again.body).toMatchObject({
      type: 'urn:storewright:problem:sku-taken',
      errors: [{ path: 'variants.0.sku' }],
    })
  })

  it('is created once per Idempotency-Key', async () => {
    const body = { name: 'Once', variants: [{ sku: catalog.nextSku(), price: gbp(5) }] }
    const headers = { 'idempotency-key': anId() }
    const first = await catalog.send('POST', '/v1/products', { as: 'staff', body, headers })
    const second = await catalog.send('POST', '/v1/products', { as: 'staff', body, headers })
    expect([first.status, second.status]).toEqual([201, 201])
    expect(second.body).toEqual(first.body)
    expect(second.headers['idempotency-replayed']).toBe('true')
    const other = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: { name: 'Other' },
      headers,
    })
    expect(other.status).toBe(422)
  })

  it('has at least one variant when published', async () => {
    const { id } = await catalog.makeProduct({ variants: [] }, { publish: false })
    const refused = await act(`/v1/products/${id}/publish`)
    expect(refused.status).toBe(409)
    expect(refused.body).toMatchObject({ type: 'urn:storewright:problem:wrong-state' })
    expect((await catalog.get(`/v1/products/${id}`, 'staff')).body).toMatchObject({
      status: 'draft',
      price: null,
    })
  })
})

describe('variants', () => {
  const add = (id: string, variant: Record<string, unknown>) =>
    catalog.send('POST', `/v1/products/${id}/variants`, { as: 'staff', body: variant })

  it('are added, changed and deleted with a new version of their product', async () => {
    const { id, variants } = await catalog.makeProduct()
    await catalog.clearOutbox()
    const sku = catalog.nextSku()
    const added = await add(id, { sku, name: 'Small', price: gbp(700) })
    expect(added.status, added.text).toBe(201)
    expect(added.body).toMatchObject({ productId: id, sku, name: 'Small', price: gbp(700) })
    expect((await catalog.get(`/v1/products/${id}`)).body).toMatchObject({ price: gbp(700), version: 3 })

    const renamed = await edit(`/v1/variants/${sku}`, { name: 'Tiny', attributes: { size: 'S' } })
    expect(renamed.body).toMatchObject({ name: 'Tiny', attributes: { size: 'S' }, price: gbp(700) })
    expect(renamed.headers['etag']).toBe('"4"')
    expect((await edit(`/v1/variants/${sku}`, { name: 'x' }, { 'if-match': '"1"' })).status).toBe(412)

    expect((await remove(`/v1/variants/${sku}`)).status).toBe(204)
    expect((await edit(`/v1/variants/${sku}`, { name: 'x' })).status).toBe(404)
    const last = await remove(`/v1/variants/${variants[0].sku}`)
    expect(last.status).toBe(409)
    expect((await states(id)).map((state) => state.variants.map(({ name }) => name))).toEqual([
      [variants[0].name, 'Small'],
      [variants[0].name, 'Tiny'],
      [variants[0].name],
    ])
  })

  it('never take a SKU that another product has or had, and may return to their own product', async () => {
    const owner = await catalog.makeProduct()
    const other = await catalog.makeProduct()
    const sku = catalog.nextSku()
    await add(owner.id, { sku, price: gbp(700) })
    expect((await add(other.id, { sku, price: gbp(1) })).status).toBe(409)
    expect((await add(owner.id, { sku: sku.toLowerCase(), price: gbp(1) })).status).toBe(409)
    await remove(`/v1/variants/${sku}`)
    expect((await add(other.id, { sku, price: gbp(1) })).status).toBe(409)
    expect((await add(owner.id, { sku, price: gbp(650) })).body).toMatchObject({ price: gbp(650) })
  })
})

describe('options', () => {
  const colour = { name: 'Colour', values: ['blue', 'green'] }
  const size = { name: 'Größe', values: ['S', 'M'] }
  const variantWith = (options: Record<string, string>) => ({
    sku: catalog.nextSku(),
    price: gbp(1),
    options,
  })
  const refused = ({ status, body }: { status: number; body: { errors: { path: string }[] } }) => [
    status,
    ...body.errors.map(({ path }) => path),
  ]
  const optionsOf = async (id: string) =>
    (await catalog.get(`/v1/products/${id}`)).body.variants.map((variant) => variant.options)

  it('have a value on each variant, and no two variants the same ones', async () => {
    const variants = [
      variantWith({ colour: 'BLUE ', grosse: 's' }),
      variantWith({ Colour: 'green', Größe: 'S' }),
    ]
    const { id } = await catalog.makeProduct({ options: [colour, size], variants })
    expect(await optionsOf(id)).toEqual([
      { Colour: 'blue', Größe: 'S' },
      { Colour: 'green', Größe: 'S' },
    ])
    const add = (options: Record<string, string>) =>
      catalog.send('POST', `/v1/products/${id}/variants`, { as: 'staff', body: variantWith(options) })
    expect(refused(await add({ Colour: 'blue' }))).toEqual([422, 'options.Größe'])
    expect(refused(await add({ Colour: 'red', Größe: 'S' }))).toEqual([422, 'options.Colour'])
    expect(refused(await add({ Colour: 'blue', Größe: 'S' }))).toEqual([422, 'options'])
    expect((await add({ Colour: 'blue', Größe: 'M' })).status).toBe(201)
    const changed = await edit(`/v1/variants/${variants[0]!.sku}`, {
      options: { Colour: 'green', Größe: 'S' },
    })
    expect(refused(changed)).toEqual([422, 'options'])

    const body = {
      name: 'x',
      options: [colour],
      variants: [variantWith({ Colour: 'blue' }), variantWith({})],
    }
    const made = await catalog.send('POST', '/v1/products', { as: 'staff', body })
    expect(refused(made)).toEqual([422, 'variants.1.options.Colour'])
    const twice = { name: 'x', options: [colour, { name: 'COLOUR', values: ['a', 'A'] }] }
    expect(refused(await catalog.send('POST', '/v1/products', { as: 'staff', body: twice }))).toEqual([
      422,
      'options.1.name',
      'options.1.values.1',
    ])
  })

  it('change together with the variants of their product', async () => {
    const variants = [variantWith({}), variantWith({})]
    const { id } = await catalog.makeProduct({ variants })
    const [a, b] = variants.map(({ sku }) => sku)
    const url = `/v1/products/${id}`
    expect(refused(await edit(url, { options: [colour] }))).toEqual([422, 'options'])
    const stated = {
      options: [colour],
      variants: [{ sku: ` ${b!.toLowerCase()}`, options: { Colour: 'green' } }],
    }
    expect((await edit(url, stated)).status).toBe(200)
    expect(await optionsOf(id)).toEqual([{ Colour: 'blue' }, { Colour: 'green' }])
    expect((await edit(url, { options: [size, colour] })).status).toBe(200)
    expect(await optionsOf(id)).toEqual([
      { Größe: 'S', Colour: 'blue' },
      { Größe: 'S', Colour: 'green' },
    ])
    expect(refused(await edit(url, { options: [{ ...colour, values: ['blue'] }] }))).toEqual([422, 'options'])
    expect(refused(await edit(url, { options: [size] }))).toEqual([422, 'options'])
    expect(refused(await edit(url, { variants: [{ sku: 'NO-SUCH', options: {} }] }))).toEqual([
      422,
      'variants.0.sku',
    ])
    const same = { variants: [{ sku: a, options: { Größe: 'S', Colour: 'green' } }] }
    expect(refused(await edit(url, same))).toEqual([422, 'options'])
    expect((await edit(url, { options: [] })).status).toBe(200)
    expect(await optionsOf(id)).toEqual([{}, {}])
  })
})

describe('POST /internal/variants', () => {
  const ask = (skus: string[], token = catalog.internalToken) =>
    catalog.send('POST', '/internal/variants', { headers: { 'x-internal-token': token }, body: { skus } })

  it('returns the product of each SKU and its status, deleted ones included', async () => {
    const { id, variants } = await catalog.makeProduct()
    const [{ sku, name }] = variants
    const draft = await catalog.makeProduct({}, { publish: false })
    const answer = await ask([sku.toLowerCase(), draft.variants[0].sku, 'NO-SUCH', '!', 'é'.repeat(9_000)])
    expect(answer.body.items).toEqual([
      { sku, productId: id, name, status: 'published' },
      { sku: draft.variants[0].sku, productId: draft.id, name: draft.variants[0].name, status: 'draft' },
    ])
    await remove(`/v1/products/${id}`)
    expect((await ask([sku])).body.items).toMatchObject([{ sku, status: 'deleted' }])
    expect((await ask([sku], 'guess')).status).toBe(403)
  })
})
