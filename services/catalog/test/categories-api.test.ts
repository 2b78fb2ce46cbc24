import { CategoryChanged } from '@storewright/contracts'
import { describe, expect, it } from 'vitest'
import { listCategories } from '../src/categories/queries.ts'
import { anId, useCatalog } from './harness.ts'

const catalog = useCatalog()

const addCategory = (name: string, more: Record<string, unknown> = {}) =>
  catalog.send('POST', '/v1/categories', { as: 'staff', body: { name, ...more } })
const change = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  catalog.send('PATCH', `/v1/categories/${id}`, { as: 'staff', body, headers })
const remove = (id: string, headers: Record<string, string> = {}) =>
  catalog.send('DELETE', `/v1/categories/${id}`, { as: 'staff', headers })
const idsIn = async (category: string) =>
  (await catalog.get(`/v1/products?category=${category}`)).body.items.map((item) => item.id)

/** Home > Kitchen > Mugs, with names of its own. */
const aBranch = async () => {
  const tag = anId().slice(-8)
  const home = (await addCategory(`Home ${tag}`)).body
  const kitchen = (await addCategory(`Kitchen ${tag}`, { parentId: home['id'] })).body
  const mugs = (await addCategory(`Mugs ${tag}`, { parentId: kitchen['id'] })).body
  return { home, kitchen, mugs }
}

describe('categories', () => {
  it('form a tree that counts each published product once in every category above it', async () => {
    const { home, kitchen, mugs } = await aBranch()
    await catalog.makeProduct({ categoryIds: [mugs.id, kitchen.id] })
    await catalog.makeProduct({ categoryIds: [home.id] })
    await catalog.makeProduct({ categoryIds: [mugs.id] }, { publish: false })

    const { items } = (await catalog.get('/v1/categories')).body
    expect(items.find((item) => item.id === home.id)).toMatchObject({
      productCount: 2,
      children: [
        { id: kitchen.id, productCount: 1, children: [{ id: mugs.id, productCount: 1, children: [] }] },
      ],
    })
    const one = await catalog.get(`/v1/categories/${kitchen.slug}`)
    expect(one.headers['etag']).toMatch(/^"1-/)
    expect(one.body).toMatchObject({
      id: kitchen.id,
      parentId: home.id,
      productCount: 1,
      path: [{ id: home.id }, { id: kitchen.id }],
      children: [{ id: mugs.id }],
    })
    expect((await catalog.get(`/v1/categories/${anId()}`)).status).toBe(404)
    expect((await catalog.get('/v1/categories/No%20such')).status).toBe(404)
  })

  it('list the products of all descendants, also after a move', async () => {
    const { home, kitchen, mugs } = await aBranch()
    const garden = (await addCategory(`Garden ${anId()}`)).body
    const { id } = await catalog.makeProduct({ categoryIds: [mugs.id] })
    for (const category of [home.id, kitchen.slug, mugs.id]) expect(await idsIn(category)).toEqual([id])
    expect(await idsIn(garden.id)).toEqual([])

    const moved = await change(kitchen.id, { parentId: garden.id })
    expect(moved.body).toMatchObject({ parentId: garden.id, version: 2 })
    expect(await idsIn(home.id)).toEqual([])
    for (const category of [garden.id, kitchen.id, mugs.id]) expect(await idsIn(category)).toEqual([id])
    await change(kitchen.id, { parentId: null })
    expect(await idsIn(garden.id)).toEqual([])
    expect(await idsIn(kitchen.id)).toEqual([id])
  })

  it('never become descendants of themselves, also by two concurrent moves', async () => {
    const { home, mugs } = await aBranch()
    for (const parentId of [home.id, mugs.id]) {
      const refused = await change(home.id, { parentId })
      expect(refused.status).toBe(422)
      expect(refused.body).toMatchObject({ type: 'urn:storewright:problem:category-cycle' })
    }
    const [a, b] = [(await addCategory(`A ${anId()}`)).body, (await addCategory(`B ${anId()}`)).body]
    const race = await Promise.all([change(a.id, { parentId: b.id }), change(b.id, { parentId: a.id })])
    expect(race.map(({ status }) => status).sort()).toEqual([200, 422])
  })

  it('are deleted only while no product and no category is in them', async () => {
    const { home, kitchen, mugs } = await aBranch()
    const product = await catalog.makeProduct({ categoryIds: [mugs.id] }, { publish: false })
    for (const id of [home.id, kitchen.id, mugs.id]) expect((await remove(id)).status).toBe(409)
    await catalog.send('DELETE', `/v1/products/${product.id}`, { as: 'staff' })
    expect((await remove(mugs.id, { 'if-match': '"7"' })).status).toBe(412)
    expect((await remove(mugs.id)).status).toBe(204)
    expect((await remove(mugs.id)).status).toBe(404)
  })

  it('have names that differ among siblings and slugs that differ everywhere', async () => {
    const { home, kitchen } = await aBranch()
    const same = await addCategory(` ${String(kitchen.name).toUpperCase()} `, { parentId: home.id })
    expect(same.status).toBe(409)
    expect(same.body.errors).toMatchObject([{ path: 'name' }])
    const elsewhere = await addCategory(kitchen.name)
    expect(elsewhere.status).toBe(201)
    expect(elsewhere.body.slug).not.toBe(kitchen.slug)
    expect((await addCategory('Other', { slug: kitchen.slug })).status).toBe(409)
    expect((await change(elsewhere.body.id, { parentId: home.id })).status).toBe(409)
    expect((await change(elsewhere.body.id, { name: 'New', slug: 'new-slug' })).body).toMatchObject({
      name: 'New',
      slug: 'new-slug',
    })
  })

  it('are one where names differ in case, accents or blanks alone, also by the path of an import', async () => {
    const name = `Größe ${anId()}`
    const made = await addCategory(name)
    expect(made.status).toBe(201)
    const other = await addCategory('Other')
    const alike = `  ${name.toUpperCase().normalize('NFD').replaceAll(' ', ' \u00a0')}`
    expect((await addCategory(alike)).body).toMatchObject({ status: 409, errors: [{ path: 'name' }] })
    expect((await change(other.body.id, { name: alike })).status).toBe(409)
    const sku = catalog.nextSku()
    await catalog.importCsv(`sku,name,price,currency,category\n${sku},Thing,1,GBP,${alike}\n`)
    expect((await catalog.get(`/v1/categories/${made.body.id}`)).body).toMatchObject({ productCount: 1 })
  })

  it('have slugs in Latin letters, and none in the form of an id or of another path', async () => {
    expect((await addCategory('Straße nach Łódź, Ø 12')).body.slug).toBe('strasse-nach-lodz-o-12')
    expect((await addCategory('Посуда')).body.slug).toBe('posuda')
    const { id } = (await addCategory(`Any ${anId()}`)).body
    for (const slug of [anId(), 'import']) {
      const refused = [await addCategory(`Any ${anId()}`, { slug }), await change(id, { slug })]
      for (const { body } of refused) expect(body).toMatchObject({ status: 422, errors: [{ path: 'slug' }] })
    }
  })

  it('are found by their former slugs until another takes them', async () => {
    const { id, slug } = (await addCategory(`Former ${anId()}`)).body
    await change(id, { slug: `${slug}-2` })
    await change(id, { slug: `${slug}-3` })
    for (const former of [slug, `${slug}-2`]) {
      const moved = await catalog.get(`/v1/categories/${former}?utm_source=mail`)
      expect([moved.status, moved.headers['location'], moved.text]).toEqual([
        308,
        `/v1/categories/${slug}-3?utm_source=mail`,
        '',
      ])
    }
    const taker = (await addCategory(`Taker ${anId()}`, { slug })).body
    expect((await catalog.get(`/v1/categories/${slug}`)).body).toMatchObject({ id: taker.id })
    await remove(id)
    expect((await catalog.get(`/v1/categories/${slug}-2`)).status).toBe(404)
  })

  it('stand beside each other by position, then name, then id', async () => {
    const { home } = await aBranch()
    const names = ['b', 'a', 'c']
    const parent = (await addCategory(`Parent ${anId()}`, { parentId: home.id })).body.id
    for (const name of names) await addCategory(name, { parentId: parent, position: name === 'c' ? 0 : 1 })
    const { children } = (await catalog.get(`/v1/categories/${parent}`)).body
    expect(children.map(({ name }) => name)).toEqual(['c', 'a', 'b'])
    const { items } = (await catalog.get('/v1/categories')).body
    const node = items.find(({ id }) => id === home.id)?.children.find(({ id }) => id === parent)
    expect(node?.children.map(({ name }) => name)).toEqual(['c', 'a', 'b'])
  })

  it('are read in one statement, however many they are', async () => {
    let statements = 0
    const counting = catalog.db.withPlugin({
      transformQuery: ({ node }) => {
        statements += 1
        return node
      },
      transformResult: ({ result }) => Promise.resolve(result),
    })
    await aBranch()
    const rows = await listCategories(counting)
    expect(rows.length).toBeGreaterThan(2)
    expect(statements).toBe(1)
  })

  it('are at most ten levels deep', async () => {
    let parentId: string | null = null
    for (let level = 1; level <= 10; level++) {
      const made = await addCategory(`Level ${level} ${anId()}`, { parentId })
      expect(made.status).toBe(201)
      parentId = made.body.id
    }
    expect((await addCategory('Too deep', { parentId })).status).toBe(422)
    const { home } = await aBranch()
    const nine = (await catalog.get(`/v1/categories/${parentId}`)).body.parentId
    expect((await change(home.id, { parentId: nine })).status).toBe(422)
  })

  it('emit their whole state with every change and nothing without one', async () => {
    await catalog.clearOutbox()
    const made = (await addCategory(`Renamed ${anId()}`)).body
    await change(made.id, { name: 'Renamed again' })
    await change(made.id, { name: 'Renamed again' })
    await remove(made.id)
    const emitted = await catalog.emitted(CategoryChanged)
    expect(emitted.map(({ data, aggregateVersion }) => [aggregateVersion, data.name, data.deleted])).toEqual([
      [1, made.name, false],
      [2, 'Renamed again', false],
      [3, 'Renamed again', true],
    ])
  })

  it('must exist when a product is assigned to them', async () => {
    const id = anId()
    const refused = await catalog.send('POST', '/v1/products', {
      as: 'staff',
      body: { name: 'x', categoryIds: [id] },
    })
    expect(refused.status).toBe(422)
    expect(refused.body).toMatchObject({
      type: 'urn:storewright:problem:unknown-category',
      errors: [{ path: 'categoryIds.0' }],
    })
    const product = await catalog.makeProduct()
    const url = `/v1/products/${product.id}`
    expect((await catalog.send('PATCH', url, { as: 'staff', body: { categoryIds: [id] } })).status).toBe(422)
  })
})
