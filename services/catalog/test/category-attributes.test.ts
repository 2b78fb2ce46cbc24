import { connect, inTransaction } from '@storewright/database'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { changeDefinitions } from '../src/categories/change-definitions.ts'
import type { Database } from '../src/database.ts'
import { anId, gbp, useCatalog, type Answer } from './harness.ts'

const catalog = useCatalog()

const addCategory = async (parentId: string | null = null) =>
  (
    await catalog.send('POST', '/v1/categories', {
      as: 'staff',
      body: { name: `Category ${anId()}`, parentId },
    })
  ).body.id
const define = (id: string, items: unknown[], headers: Record<string, string> = {}) =>
  catalog.send('PUT', `/v1/categories/${id}/attributes`, { as: 'staff', body: { items }, headers })
const patch = (id: string, body: Record<string, unknown>) =>
  catalog.send('PATCH', `/v1/products/${id}`, { as: 'staff', body })
const create = (body: Record<string, unknown>) =>
  catalog.send('POST', '/v1/products', { as: 'staff', body: { name: 'Typed', ...body } })
const refused = ({ status, body }: Answer) => [status, ...(body.errors ?? []).map(({ path }) => path)]

const volume = { name: 'Volume', type: 'number', unit: 'ml' }
const colour = { name: 'Colour', type: 'choice', values: ['blue', 'green'], filterable: false }

/** Home (Volume) > Kitchen (Colour). */
const aBranch = async () => {
  const home = await addCategory()
  const kitchen = await addCategory(home)
  await define(home, [volume])
  await define(kitchen, [colour])
  return { home, kitchen }
}

describe('the typed attributes of a category', () => {
  it('are read as they were set, with those inherited, and raise its version', async () => {
    const { home, kitchen } = await aBranch()
    const read = await catalog.get(`/v1/categories/${kitchen}/attributes`, 'staff')
    expect(read.headers['etag']).toMatch(/^"2/)
    expect(read.body).toEqual({
      categoryId: kitchen,
      version: 2,
      items: [colour],
      inherited: [{ ...volume, filterable: true, categoryId: home }],
    })
    const own = { ...volume, unit: 'l', name: 'VOLUME ', filterable: true }
    const changed = await define(kitchen, [colour, own], { 'if-match': '"2"' })
    expect(changed.body).toMatchObject({
      version: 3,
      items: [colour, { ...own, name: 'VOLUME' }],
      inherited: [],
    })
    expect((await define(kitchen, [], { 'if-match': '"2"' })).status).toBe(412)
    expect((await define(kitchen, [colour, own])).body).toMatchObject({ version: 3 })
    expect((await catalog.get(`/v1/categories/${kitchen}`)).body).toMatchObject({ version: 3 })
  })

  it('are for staff, of a category that there is, and make sense', async () => {
    const id = await addCategory()
    const url = `/v1/categories/${id}/attributes`
    expect((await catalog.get(url)).status).toBe(401)
    expect((await catalog.get(url, 'customer')).status).toBe(403)
    expect((await catalog.send('PUT', url, { as: 'customer', body: { items: [] } })).status).toBe(403)
    for (const missing of [anId(), 'kitchen']) {
      expect((await catalog.get(`/v1/categories/${missing}/attributes`, 'staff')).status).toBe(404)
      expect((await define(missing, [])).status).toBe(404)
    }
    for (const [items, status, path] of [
      [[{ name: 'x', type: 'date' }], 400, 'items.0.type'],
      [[{ name: '!', type: 'text' }], 400, 'items.0.name'],
      [[{ name: 'x', type: 'choice', values: [] }], 400, 'items.0.values'],
      [[{ name: 'x', type: 'choice' }], 422, 'items.0.values'],
      [[{ name: 'x', type: 'number', values: ['1'] }], 422, 'items.0.values'],
      [[volume, { ...volume, name: 'VOLUMÉ' }], 422, 'items.1.name'],
    ] as const)
      expect(refused(await define(id, [...items]))).toEqual([status, path])
  })
})

describe('a product in a category with typed attributes', () => {
  it('is created and changed with values that fit, and refused by field otherwise', async () => {
    const { kitchen } = await aBranch()
    const bad = { Volume: 'large', colour: 'red', note: 1 }
    const variants = [{ sku: catalog.nextSku(), price: gbp(1), attributes: { VOLUME: true } }]
    expect(refused(await create({ categoryIds: [kitchen], attributes: bad, variants }))).toEqual([
      422,
      'attributes.Volume',
      'attributes.colour',
      'variants.0.attributes.VOLUME',
    ])
    const good = { Volume: 300, colour: 'blue', note: 1, 'Hand wash': false }
    const made = await create({
      categoryIds: [kitchen],
      attributes: good,
      variants: [{ ...variants[0], attributes: {} }],
    })
    expect(made.body).toMatchObject({ attributes: good })
    expect(refused(await patch(made.body.id, { attributes: { colour: 7 } }))).toEqual([
      422,
      'attributes.colour',
    ])
    const variant = await catalog.send('PATCH', `/v1/variants/${variants[0]!.sku}`, {
      as: 'staff',
      body: { attributes: { volume: '1' } },
    })
    expect(refused(variant)).toEqual([422, 'attributes.volume'])
    expect((await patch(made.body.id, { categoryIds: [], attributes: { colour: 7 } })).status).toBe(200)
    expect(refused(await patch(made.body.id, { categoryIds: [kitchen] }))).toEqual([422, 'attributes.colour'])
  })

  it('cannot be in two categories whose types disagree', async () => {
    const { kitchen } = await aBranch()
    const other = await addCategory()
    await define(other, [{ name: 'volume', type: 'text' }])
    expect(refused(await create({ categoryIds: [kitchen, other] }))).toEqual([422, 'categoryIds.1'])
  })

  it('keeps a definition from changing, and its category from moving, to what it would not fit', async () => {
    const { home, kitchen } = await aBranch()
    const { id } = (await create({ categoryIds: [kitchen], attributes: { Volume: 300, Colour: 'blue' } }))
      .body
    const inText = [{ name: 'Volume', type: 'text' }]
    const changed = await define(home, inText)
    expect(changed.body).toMatchObject({ status: 409, type: 'urn:storewright:problem:products-do-not-fit' })
    expect(changed.body.errors[0]?.message).toContain(id)
    expect((await define(kitchen, [{ ...colour, values: ['green'] }])).status).toBe(409)
    expect((await define(kitchen, [{ ...colour, values: ['blue', 'red'] }])).status).toBe(200)

    const elsewhere = await addCategory()
    await define(elsewhere, inText)
    const move = (parentId: string | null) =>
      catalog.send('PATCH', `/v1/categories/${kitchen}`, { as: 'staff', body: { parentId } })
    expect((await move(elsewhere)).status).toBe(409)
    expect((await catalog.get(`/v1/categories/${kitchen}`)).body).toMatchObject({ parentId: home })
    expect((await move(null)).status).toBe(200)
    expect((await define(home, inText)).status).toBe(200)
    await patch(id, { attributes: { Colour: 'blue' } })
    expect((await move(elsewhere)).status).toBe(200)
  })

  it('keeps a definition from changing with an empty list, in a variant, or in a second category that would disagree', async () => {
    const place = await addCategory()
    const text = [{ name: 'Care', type: 'text' }]
    const { id } = (await create({ categoryIds: [place], attributes: { Care: [] } })).body
    expect((await define(place, text)).status).toBe(409)
    const attributes = { care: 7 }
    const variants = [{ sku: catalog.nextSku(), price: gbp(1), attributes }]
    await patch(id, { attributes: {} })
    expect((await define(place, text)).status).toBe(200)
    const below = await addCategory(await addCategory())
    const other = (await create({ categoryIds: [below], variants })).body.id
    const top = (await catalog.get(`/v1/categories/${below}`)).body.parentId ?? ''
    expect((await define(top, text)).status).toBe(409)
    expect((await define(top, [{ name: 'Care', type: 'number' }])).status).toBe(200)
    await catalog.send('DELETE', `/v1/products/${other}`, { as: 'staff' })
    expect((await define(top, text)).status).toBe(200)
    await create({ categoryIds: [place, below] })
    expect((await define(top, [{ name: 'CARE', type: 'boolean' }])).status).toBe(409)
  })

  it('is imported with the types of its category, also of one that the file makes, and rejected by line', async () => {
    const { kitchen } = await aBranch()
    const { name } = (await catalog.get(`/v1/categories/${kitchen}`)).body
    const { path } = (await catalog.get(`/v1/categories/${kitchen}`)).body as unknown as {
      path: { name: string }[]
    }
    const below = `${path.map((above) => above.name).join(' > ')} > Below ${name}`
    const [a, b, c] = [catalog.nextSku(), catalog.nextSku(), catalog.nextSku()]
    const file = [
      'sku,name,price,currency,category,attributes.volume,attributes.Colour',
      `${a},A,1,GBP,${below},300,blue`,
      `${b},B,1,GBP,${below},large,blue`,
      `${c},C,1,GBP,,large,red`,
    ].join('\n')
    const imported = await catalog.importCsv(file)
    expect(imported.body).toMatchObject({
      created: 2,
      rejected: [{ line: 3, errors: [{ path: 'attributes.volume' }] }],
    })
    const read = async (q: string) => (await catalog.get(`/v1/products?q=${q}`)).body.items[0]
    expect(await read(a)).toMatchObject({ attributes: { volume: 300, Colour: 'blue' } })
    expect(await read(c)).toMatchObject({ attributes: { volume: 'large', Colour: 'red' } })
    const again = await catalog.importCsv((await catalog.get('/v1/products/export', 'staff')).text)
    expect(again.body).toMatchObject({ updated: 0, created: 0, rejected: [] })
    const line = { variants: [{ sku: a, attributes: { Volume: '1' } }] }
    expect((await catalog.importNdjson([line])).body.rejected).toMatchObject([
      { errors: [{ path: 'variants.0.attributes.Volume' }] },
    ])
  })
})

it('reads a category of 5,000 products in pages of which none begins anew, for a definition', async () => {
  const category = await addCategory()
  // One connection, whose counters show what was read; the products themselves are not needed.
  const db = connect<Database>(catalog.replicas[0]!.config.DATABASE_URL, { poolSize: 1 })
  await sql`set foreign_key_checks = 0`.execute(db)
  const rows = Array.from({ length: 5_000 }, () => ({
    product_id: anId(),
    position: 0,
    category_id: category,
  }))
  await db.insertInto('product_categories').values(rows).execute()
  const reads = async () => {
    const { rows: counters } = await sql<{
      Value: string
    }>`show session status like 'Handler_read%'`.execute(db)
    return counters.reduce((sum, { Value }) => sum + Number(Value), 0)
  }
  const before = await reads()
  const items = [{ name: 'Nothing has this', type: 'number' as const }]
  await inTransaction(db, (trx) => changeDefinitions(trx, category, items, () => undefined, new Date()))
  expect((await reads()) - before).toBeLessThan(18_000)
  await db.deleteFrom('product_categories').where('category_id', '=', category).execute()
  await db.destroy()
})
